# SPDX-License-Identifier: Apache-2.0
"""Our own processes and files while a test runs: found by the private folders in their environment."""
import os
import pathlib
import signal
import threading
import time

FOLDER = pathlib.Path(os.environ["PINXIT_TEST_FOLDER"])


def processes(program):
    """Pids of our own processes running a program with this file name."""
    mark = f"PINXIT_RUNTIME_DIR={os.environ['PINXIT_RUNTIME_DIR']}".encode()
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if pathlib.Path(os.readlink(entry / "exe")).name == program and mark in \
                    (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)
        except OSError:
            continue


def files():
    """Everything on disk in the private folders; the engine's own socket and lock may come and go."""
    found = set()
    for name in ("runtime", "config", "data", "tmp", "home", "profile"):
        for path in (FOLDER / name).rglob("*"):
            if path.is_file() and path.suffix not in (".sock", ".lock") and "babl" not in str(path):
                found.add(str(path))
    return found | {str(path) for path in pathlib.Path("/dev/shm").glob("*pinxit*")}


def kill_when(program, ready, done, seconds=60):
    """In a thread: waits until `ready` says so, then kills what runs the program; tells how many in `done`."""
    def work():
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                return
            time.sleep(0.01)
        for pid in processes(program):
            try:
                os.kill(pid, signal.SIGKILL)
                done.append(pid)
            except ProcessLookupError:
                pass
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def kill_after(program, delay, done):
    begin = time.monotonic()
    return kill_when(program, lambda: time.monotonic() - begin >= delay, done)


def gone(program, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not list(processes(program)):
            return True
        time.sleep(0.02)
    return False
