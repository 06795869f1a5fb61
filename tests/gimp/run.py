#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs test files inside a real GIMP: run.py --plugin FILE --engine FILE --models FOLDER TEST.py…

Each test file gets a GIMP of its own with a fresh profile, Pinxit's private folders, and no other plug-ins than the
two interpreters and the one for PNG files. `# needs: display` in the file's head starts GIMP with its windows on a
private X server. The file is Python and runs in GIMP's python-fu-eval; see support.py for what it finds there. Exit
status 0: all passed; 77: a file asked to be skipped and said why; 1 otherwise.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def processes_of(folder):
    """Pids of processes whose environment names our private folder: engines and plug-ins of this run."""
    mark = f"PINXIT_RUNTIME_DIR={folder}".encode()
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)
        except OSError:
            continue


def end_processes(folder):
    """Asks everything left to end; returns complaints about what did not want to."""
    for sign, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        left = list(processes_of(folder))
        for pid in left:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        until = time.monotonic() + patience
        while left and time.monotonic() < until:
            time.sleep(0.05)
            left = list(processes_of(folder))
        if not left:
            return [] if sign == signal.SIGTERM else ["a process had to be killed at the end"]
    return ["a process survived SIGKILL"]


def plug_in_folder(base, plugin):
    """A folder with Pinxit as GIMP wants it (pinxit/pinxit), the interpreters of the tests, and PNG files."""
    folder = base / "plug-ins"
    (folder / "pinxit").mkdir(parents=True)
    (folder / "pinxit" / "pinxit").symlink_to(plugin)
    library = subprocess.run(["pkg-config", "--variable=gimplibdir", "gimp-3.0"], check=True, text=True,
                             capture_output=True).stdout.strip()
    for name in ("python-eval", "script-fu", "file-png"):
        (folder / name).symlink_to(pathlib.Path(library) / "plug-ins" / name)
    return folder


def environment(base, arguments):
    folders = {name: base / name for name in ("profile", "home", "runtime", "config", "data", "tmp")}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    (folders["profile"] / "gimprc").write_text(
        '(config-version "3.0.4")\n(show-welcome-dialog no)\n(check-updates no)\n(color-profile-policy keep)\n'
        f'(plug-in-path "{plug_in_folder(base, arguments.plugin)}")\n')
    kept = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PINXIT_LONG", "PINXIT_SHARED_DATA", "ASAN_OPTIONS", "UBSAN_OPTIONS",
            "G_MESSAGES_DEBUG")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PATH": "/usr/bin:/bin:" + os.environ.get("PATH", ""),  # GIMP wants the system's Python, which has its bindings
        "HOME": str(folders["home"]), "TMPDIR": str(folders["tmp"]), "XDG_RUNTIME_DIR": str(folders["tmp"]),
        "GIMP3_DIRECTORY": str(folders["profile"]), "NO_AT_BRIDGE": "1", "PYTHONDONTWRITEBYTECODE": "1",
        "PINXIT_RUNTIME_DIR": str(folders["runtime"]), "PINXIT_CONFIG_DIR": str(folders["config"]),
        "PINXIT_DATA_DIR_USER": str(folders["data"]), "PINXIT_MODEL_PATH": str(arguments.models),
        "PINXIT_ENGINE": str(arguments.engine),
        "PINXIT_TEST_FOLDER": str(base), "PINXIT_TEST_SUPPORT": str(HERE)}


def gimp_command(test, with_windows):
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import support; support.run({str(test)!r})"
    batch = ["-n", "-d", "-s", "--batch-interpreter", "python-fu-eval", "-b", code, "--quit"]
    if with_windows:
        return ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", "gimp-3.0", *batch]
    return ["gimp-console-3.0", "-i", *batch]


def run_test(test, arguments):
    with_windows = "# needs: display" in test.read_text()[:600]
    base = pathlib.Path(tempfile.mkdtemp(prefix="pinxit-gimp-"))
    complaints, skipped, passed = [], None, 0
    try:
        env = environment(base, arguments)
        log = base / "gimp.log"
        with log.open("wb") as output:
            gimp = subprocess.Popen(gimp_command(test, with_windows), env=env, cwd=base, stdin=subprocess.DEVNULL,
                                    stdout=output, stderr=output, start_new_session=True)
            try:
                status = gimp.wait(timeout=arguments.timeout)
            except subprocess.TimeoutExpired:
                os.killpg(gimp.pid, signal.SIGKILL)
                status = gimp.wait()
                complaints.append(f"GIMP did not end within {arguments.timeout} s")
        complaints += end_processes(env["PINXIT_RUNTIME_DIR"])
        report = base / "report.json"
        if report.exists():
            found = json.loads(report.read_text())
            skipped, passed = found.get("skipped"), len(found["passed"])
            complaints += found["failures"]
            if not found["complete"]:
                complaints.append(f"GIMP ended (status {status}) in the middle of {found['running']}")
            if not found["passed"] and not skipped and not complaints:
                complaints.append("no test ran")
        else:
            complaints.append(f"GIMP ended (status {status}) before the tests began")
        if complaints or arguments.verbose:
            print(log.read_text(errors="replace")[-20000:])
    finally:
        end_processes(str(base / "runtime"))
        if arguments.keep:
            print("kept", base)
        else:
            shutil.rmtree(base, ignore_errors=True)
    for complaint in complaints:
        print(f"FAILED {test.name}: {complaint}")
    if skipped and not complaints:
        print(f"skipped: {skipped}")
    print(f"{test.name}: {passed} passed, {len(complaints)} failed")
    return "failed" if complaints else "skipped" if skipped else "passed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugin", type=pathlib.Path, required=True)
    parser.add_argument("--engine", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--timeout", type=float, default=280)
    parser.add_argument("--keep", action="store_true", help="leave the private folders for looking at")
    parser.add_argument("--verbose", action="store_true", help="print GIMP's output also when all passed")
    parser.add_argument("tests", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    for name in ("plugin", "engine", "models"):
        setattr(arguments, name, getattr(arguments, name).resolve())
    results = [run_test(test.resolve(), arguments) for test in arguments.tests]
    return 1 if "failed" in results else 77 if "skipped" in results else 0


if __name__ == "__main__":
    sys.exit(main())
