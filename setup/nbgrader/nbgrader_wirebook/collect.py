"""Brings submissions (zip files of `wirebook submit`) into a course's submitted/ folder.

    python -m nbgrader_wirebook import [--assignment NAME] [--student ID] COURSE ZIP-OR-FOLDER…

Nothing of a zip file is believed: what is not named in its manifest stays out, sizes are counted while reading, names are plain
ones, and what is written has the hash that the manifest says. A learning platform's download of all submissions, a zip of zips or
a folder of them, is taken as it is; so is what was unpacked on the way (browsers do that) and packed again, in a folder or with
the backslashes of Windows.
"""

import argparse
import datetime
import hashlib
import io
import json
import pathlib
import re
import shutil
import sys
import tempfile
import zipfile

FORMAT = "wirebook-submission"
MOST_MANIFEST = 1 << 20
MOST_NOTEBOOK = 200 << 20
MOST_SUBMISSION = 500 << 20
MOST_NOTEBOOKS = 100
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


# What browsers, JupyterLab, Windows and macOS put behind the name of a copy.
COPY = re.compile(r"( ?\(\d+\)|-Copy\d+|( -)? [Cc]opy( \d+)?)$")


class Refused(Exception):
    """Why a submission is not taken, in words."""


class Archive:
    """A zip file by the names that its files should have."""

    def __init__(self, content):
        self.zip = zipfile.ZipFile(content)
        self.entries = {info.filename.replace("\\", "/"): info for info in self.zip.infolist()}
        found = [name for name in self.entries if re.fullmatch(r"([^/]+/)?manifest\.json", name) and not name.startswith("__MACOSX")]
        # Where it lies in a folder, all of it does.
        self.folder = found[0].removesuffix("manifest.json") if len(found) == 1 else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.zip.close()

    def open(self, name: str):
        return self.zip.open(self.entries[self.folder + name])


def read(archive, name: str, most: int) -> bytes:
    """The bytes of one file. What a zip says of sizes may be false, so they are counted."""
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except KeyError:
        raise Refused(f"{name} is missing in it") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Refused(f"{name} cannot be read: {error}") from error
    if len(content) > most:
        raise Refused(f"{name} is larger than {most >> 20} MB")
    return content


def plain_name(value, what: str) -> str:
    """A name that can be that of a file or folder on every system, and of nothing outside."""
    bad = not isinstance(value, str) or not 0 < len(value) <= 150 or value != value.strip(" .") or FORBIDDEN.search(value)
    if bad or DEVICES.match(value):
        raise Refused(f"{what} {value!r} is none that can be a file's name")
    return value


def manifest_of(archive: Archive) -> dict:
    try:
        manifest = json.loads(read(archive, "manifest.json", MOST_MANIFEST))
        if manifest.get("format") != FORMAT or manifest.get("version") != 1:
            raise Refused(f"its format is {manifest.get('format')!r}, version {manifest.get('version')!r}")
        created = datetime.datetime.fromisoformat(manifest["created"]).astimezone(datetime.timezone.utc)
        names = [plain_name(one["name"], "the notebook's name") for one in manifest["notebooks"]]
        if not 0 < len(names) <= MOST_NOTEBOOKS or len({name.lower() for name in names}) < len(names):
            raise Refused("two of its notebooks have the same name, or there are none, or too many")
        student = plain_name(manifest["student"], "the student's id")
        return {**manifest, "created": created, "student": student}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(f"its manifest is broken: {error!r}") from error


def notebooks_of(archive: Archive, manifest: dict) -> dict[str, bytes]:
    files, room = {}, MOST_SUBMISSION
    for one in manifest["notebooks"]:
        content = read(archive, f"submitted/{one['name']}", min(MOST_NOTEBOOK, room))
        room -= len(content)
        if hashlib.sha256(content).hexdigest() != one.get("sha256"):
            raise Refused(f"{one['name']} is not what the manifest says (its hash differs)")
        files[one["name"]] = content
    return files


def named(files: dict[str, bytes], known: set[str]) -> tuple[dict[str, bytes], list[str]]:
    """The notebooks as the assignment calls them, and what was done for that; nbgrader marks no other ones."""
    result, notes = {}, []
    for name, content in files.items():
        plain = COPY.sub("", name.removesuffix(".ipynb")) + ".ipynb"
        if name in known:
            result[name] = content
        elif plain in known and plain not in files and plain not in result:
            result[plain] = content
            notes.append(f"{name} is taken for {plain}")
        else:
            result[name] = content
            notes.append(f"{name} is none of the assignment's notebooks, so it will not be marked")
    return result, notes


def take(content, course: pathlib.Path, assignment: str | None, student: str | None) -> str:
    """Takes one submission. Returns what was done, in words."""
    with Archive(content) as archive:
        manifest = manifest_of(archive)
        files = notebooks_of(archive, manifest)
    name = assignment or plain_name(manifest.get("assignment"), "the assignment's name")
    known = sorted(folder.name for folder in (course / "source").glob("*") if folder.is_dir())
    if name not in known:
        raise Refused(f"the course has no assignment {name!r} (it has {', '.join(known) or 'none'}). To choose: --assignment NAME")
    student = plain_name(student, "the student's id") if student else manifest["student"]
    if re.search(r"[\[\]]", student):
        raise Refused(f"nbgrader takes brackets for a pattern, so nobody can be {student!r}. To choose another id: --student ID")
    for other in (course / "submitted").glob("*"):
        # One folder on Windows and macOS: whoever comes last would replace the other.
        if other.name.casefold() == student.casefold() and other.name != student:
            raise Refused(f"there is a student {other.name!r} already, and this one is {student!r}. The same person? --student {other.name}")
    files, notes = named(files, {path.name for path in (course / "source" / name).glob("*.ipynb")})
    target = course / "submitted" / student / name
    stamp = target / "timestamp.txt"
    time = manifest["created"].strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    try:
        if stamp.exists() and stamp.read_text().strip() >= time:
            return f"{student}: what is there is as new ({stamp.read_text().strip()}); left as it is"
        replaced = target.exists()
        put(files, time, target)
    except OSError as error:
        raise Refused(f"it cannot be written to {target}: {error}. Is a file of it open, or a name too long for this system?") from error
    word = "replaced an older one" if replaced else "taken"
    return "; ".join([f"{student}: {word} ({len(files)} notebooks, made {time})", *notes])


def put(files: dict[str, bytes], time: str, target: pathlib.Path) -> None:
    """Writes it beside, then lets both change places: nothing is deleted before the new one is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = pathlib.Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    old = fresh / "old"
    try:
        for file, bytes_ in files.items():
            (fresh / file).write_bytes(bytes_)
        (fresh / "timestamp.txt").write_text(time)
        fresh.chmod(0o755)
        if target.exists():
            old = target.rename(target.parent / fresh.name.replace("new", "old"))
        fresh.rename(target)
    except OSError:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)


def submissions(path: pathlib.Path):
    """All zip files in it: (name, what to open)."""
    if path.is_dir():
        for one in sorted(path.rglob("*.zip")):
            if one.is_file() and not one.is_symlink():
                yield from submissions(one)
        return
    try:
        with Archive(path) as outer:
            names = [name for name in outer.entries if name.lower().endswith(".zip")]
            if outer.folder + "manifest.json" in outer.entries or not names:
                yield str(path), path
                return
            for name in names:
                if not name.startswith("__MACOSX"):
                    try:
                        yield f"{path}, {name}", io.BytesIO(read(outer, name, MOST_SUBMISSION))
                    except Refused as refused:
                        yield f"{path}, {name}", refused
    except (OSError, zipfile.BadZipFile) as error:
        yield str(path), Refused(str(error))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="wirebook course import")
    parser.add_argument("--assignment")
    parser.add_argument("--student")
    parser.add_argument("course", type=pathlib.Path)
    parser.add_argument("zips", nargs="+", type=pathlib.Path)
    options = parser.parse_args(arguments)
    bad = good = 0
    for path in options.zips:
        for name, content in submissions(path):
            try:
                if options.student and good + bad:
                    raise Refused("--student names who handed in one submission, and this is another one")
                if isinstance(content, Refused):
                    raise content
                print(f"✓ {take(content, options.course, options.assignment, options.student)}")
                good += 1
            except (Refused, zipfile.BadZipFile, OSError) as error:
                print(f"✗ {name}: {error}", file=sys.stderr)
                bad += 1
    print(f"{good} submissions, {bad} refused.")
    return 1 if bad or not good else 0
