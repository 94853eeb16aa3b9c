"""CPython's socket module: the server in a thread of its own, as in a notebook of ipykernel."""

import json
import os
import resource
import socket
import statistics
import subprocess
import threading
import time

SMALL = b"s" * 64
LARGE = b"l" * 65536
CROWD = int(os.environ.get("CROWD", 10000))


def quick(one):
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(20000)
address = listener.getsockname()


def connect():
    one = socket.socket()
    one.connect(address)
    return quick(one)


def accept():
    return quick(listener.accept()[0])


def echo(one):
    while data := one.recv(65536):
        one.sendall(data)
    one.close()


def timed(one, message, times):
    room = memoryview(bytearray(len(message)))
    began = time.perf_counter()
    for _ in range(times):
        one.sendall(message)
        got = 0
        while got < len(message):
            got += one.recv_into(room[got:])
    return time.perf_counter() - began


figures = {}
client = connect()
thread = threading.Thread(target=echo, args=(accept(),))
thread.start()
timed(client, SMALL, 3000)
figures["roundTrip"] = statistics.median(timed(client, SMALL, 1500) / 1500 * 1e6 for _ in range(7))
timed(client, LARGE, 2000)
figures["throughput"] = statistics.median(2 * 1500 * len(LARGE) / 1e6 / timed(client, LARGE, 1500) for _ in range(7))
client.close()
thread.join()

accepts = []
for _ in range(500):
    one = connect()
    began = time.perf_counter()
    other = accept()
    accepts.append((time.perf_counter() - began) * 1000)
    one.close()
    other.close()
figures["accept"] = statistics.median(accepts)


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if os.path.exists("/proc/self/statm"):
    before = resident()
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "crowd.mjs")
    others = subprocess.Popen([os.environ["CROWD_NODE"], program, str(address[1]), str(CROWD)], stdin=subprocess.PIPE)
    crowd = [accept()]
    began = time.perf_counter()
    while len(crowd) < CROWD:
        crowd.append(accept())
    figures["crowd"] = (time.perf_counter() - began) * 1000
    figures["memory"] = (resident() - before) / len(crowd) / 1024
    others.communicate()
print(json.dumps(figures))
