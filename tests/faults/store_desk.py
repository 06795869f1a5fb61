# SPDX-License-Identifier: Apache-2.0
"""What the tests of the store share: a private store, offers, and `pinxit-engine models` as a program.

A test program calls `main()`; usage: PROGRAM ENGINE [SHARED_DATA] [unittest arguments…]
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from bad_internet import BadInternet

ENGINE = sys.argv.pop(1) if len(sys.argv) > 1 else ""
SHARED = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 and "/" in sys.argv[1] else "/missing")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Exit statuses.
CANCELLED, UNREADABLE, DAMAGED, MISSING, UNSUPPORTED, FULL, FAILED = 3, 9, 12, 13, 14, 18, 19


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def safetensors(tensors):
    """{name: list of floats} as a file."""
    header, data = {}, b""
    for name, values in tensors.items():
        raw = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": [len(values)], "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def read_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header, data = json.loads(raw[8:8 + size]), raw[8 + size:]
    header.pop("__metadata__", None)
    return {name: (facts["dtype"], facts["shape"], data[slice(*facts["data_offsets"])])
            for name, facts in header.items()}


class StoreDesk(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pinxit-store-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.net = BadInternet()
        self.addCleanup(self.net.close)
        self.store = self.folder / "data" / "models"
        (self.folder / "catalogue" / "offers").mkdir(parents=True)
        self.env = {**{k: v for k, v in os.environ.items() if "proxy" not in k.lower()},
                    "PINXIT_DATA_DIR_USER": str(self.folder / "data"), "PINXIT_CONFIG_DIR": str(self.folder / "config"),
                    "PINXIT_RUNTIME_DIR": str(self.folder / "run"), "GSETTINGS_BACKEND": "memory",
                    "PINXIT_MODEL_PATH": str(self.folder / "catalogue"), "LC_ALL": "C.UTF-8"}

    def offers(self, *offers):
        (self.folder / "catalogue" / "offers" / "test.json").write_text(json.dumps({"pinxit": 1, "offers": offers}))

    def start(self, *words, **more):
        return subprocess.Popen([ENGINE, "models", *map(str, words)], env=self.env, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **more)

    def finish(self, process):
        out, err = process.communicate(timeout=60)
        events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        return process.returncode, events, err

    def models(self, *words, **more):
        return self.finish(self.start(*words, "--json", **more))

    def install(self, *words, expect=0):
        status, events, err = self.models("install", *words, "--stall-seconds", "1", "--attempts", "3")
        self.assertEqual(status, expect, err)
        return events

    def error(self, *words, expect):
        errors = [event for event in self.install(*words, expect=expect) if event["event"] == "error"]
        self.assertTrue(errors and errors[0]["sentence"] and errors[0]["hint"])
        return errors[0]["sentence"]

    def state(self, name):
        _, events, _ = self.models("list")
        return next(event for event in events if event["event"] == "model" and event["id"] == name)

    def assert_installed(self, name, data, path="a.bin"):
        self.assertEqual((self.store / name / path).read_bytes(), data)
        entry = json.loads((self.store / name / "model.json").read_text())
        self.assertEqual(entry["files"][0]["sha256"], hashlib.sha256(data).hexdigest())
        self.assertEqual(entry["files"][0]["bytes"], len(data))
        self.assertEqual(self.state(name)["state"], "installed")
        self.assertFalse((self.store / ".work").exists(), "something was left behind")
        self.assertEqual(self.models("verify", name)[0], 0)

    def assert_nothing(self, name):
        """No model, and no file that could be taken for one."""
        self.assertFalse((self.store / name).exists())
        self.assertIn(self.state(name)["state"], ("missing", "partial"))

    def parts(self):
        return [p for p in self.store.rglob("*.part")]

    def wait(self, what, seconds=20):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it did not happen")
            time.sleep(0.005)
