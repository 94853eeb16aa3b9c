"""The plain ways to unpack what was handed in, one after another, over a folder of two zip files; tells what came of each.

Run in the box, where `inbox/NAME/mallory.zip` is a hostile one and `inbox/NAME/zoe.zip` an innocent one behind it.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
import zipfile

from nbgrader.apps import ZipCollectApp

HOME = os.getcwd()
FILES = []


def student(file):
    return os.path.splitext(os.path.basename(file))[0]


def unpack_archive():
    for file in FILES:
        shutil.unpack_archive(file, os.path.join("collected", student(file)))


def names():
    for file in FILES:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                path = os.path.join("collected", student(file), name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as out:
                    out.write(archive.read(name))


def manifest():
    for file in FILES:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read("manifest.json"))
            folder = os.path.join("collected", about["student"], about["assignment"])
            for name in archive.namelist():
                if name.startswith("submitted/"):
                    path = os.path.join(folder, name[len("submitted/") :])
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "wb") as out:
                        out.write(archive.read(name))


def unzip():
    os.makedirs("collected")
    for file in FILES:
        subprocess.run(["unzip", "-o", "-q", file, "-d", os.path.join("collected", student(file))], stdin=subprocess.DEVNULL)


def zip_collect():
    os.makedirs("course/downloaded/lab/archive")
    for file in FILES:
        shutil.copy(file, "course/downloaded/lab/archive")
    os.chdir("course")
    pattern = r".*/extracted/(?P<student_id>\w+)/submitted/(?P<file_id>\w+)"
    ZipCollectApp.launch_instance(["lab", f"--FileNameCollectorPlugin.named_regexp={pattern}"])


WAYS = {
    "shutil.unpack_archive": unpack_archive,
    "a loop over zipfile's names": names,
    "a loop over zipfile by the manifest": manifest,
    "unzip": unzip,
    "nbgrader zip_collect": zip_collect,
}


def found(root, hit):
    return [os.path.join(at, name) for at, folders, files in os.walk(root) for name in [*folders, *files] if hit(at, name)]


def pwned():
    """Outside of the submission's own folder."""
    places = ["/tmp", "/var/tmp", "/dev/shm", HOME]
    everything = [path for place in places for path in found(place, lambda _, name: "pwned" in name)]
    return [path for path in everything if not own(path)]


def own(path):
    """Is it below somebody's folder?"""
    for folder in [f"{HOME}/collected/", f"{HOME}/course/downloaded/lab/extracted/"]:
        if path.startswith(folder):
            first, *others = path[len(folder) :].split("/")
            return others != [] and "pwned" not in first
    return False


def leads_out(at, name):
    path = os.path.join(at, name)
    inside = os.path.join(HOME, "collected", "mallory")
    return os.path.islink(path) and not os.path.realpath(path).startswith(inside)


def apart(way):
    """In a process of its own; gives whether it died, and the last that it said."""
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 1
            try:
                way()
                code = 0
            except SystemExit as end:
                code = 0 if end.code in (None, 0) else 1
            except BaseException:
                traceback.print_exc()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return status != 0, said.read().strip().rsplit("\n", 1)[-1][:200]


def try_way(name):
    before = set(pwned())
    died, said = apart(WAYS[name])
    space = os.statvfs(HOME)
    zoes = "course/submitted/zoe/lab/lab.ipynb" if name.startswith("nbgrader") else "collected/zoe/**/lab.ipynb"
    report = {
        "died": died,
        "said": said,
        "pwned": sorted(set(pwned()) - before),
        "full": space.f_bavail * space.f_frsize < 1_000_000,
        "links": found("collected", leads_out),
        "zoe": any(os.path.getsize(file) > 1000 for file in glob.glob(zoes, recursive=True)),
    }
    for folder in ["collected", "course/downloaded", "course/submitted"]:
        shutil.rmtree(folder, ignore_errors=True)
    for path in pwned():
        shutil.rmtree(path, ignore_errors=True)
        if os.path.lexists(path):
            os.remove(path)
    return report


reports = {}
for inbox in sorted(os.listdir("inbox")):
    FILES[:] = sorted(glob.glob(f"inbox/{inbox}/*.zip"))
    reports[inbox] = {name: try_way(name) for name in WAYS}
    with open("report.json", "w") as out:
        json.dump(reports, out)
