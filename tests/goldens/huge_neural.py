#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""24 megapixels of Neural Style with a full-width VGG19: two iterations at full size within 6 GiB.

usage: huge_neural.py PINXIT ENGINE MODELS SHARED_DATA

Weights have the true shapes; true values as far as the shared data has them (their values do not change memory).
"""
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

import numpy as np

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "bench"), str(TESTS / "support")]
from neural_style import write_full_width  # noqa: E402

PINXIT, ENGINE, MODELS, SHARED = (pathlib.Path(word).absolute() for word in sys.argv[1:5])
WIDTH, HEIGHT, MOST = 6000, 4000, 6 << 30


def write_photo(file):
    """Waves of colour with grain: nothing in it repeats at a tile's period."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    waves = [np.sin(x / (97 + 31 * c) + np.cos(y / (211 - 40 * c)) * 3) for c in range(3)]
    pixels = np.clip(128 + 90 * np.stack(waves, -1) + random.normal(0, 8, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8)
    rows = np.concatenate([np.zeros((HEIGHT, 1), np.uint8), pixels.reshape(HEIGHT, WIDTH * 3)], axis=1).tobytes()

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", WIDTH, HEIGHT, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def peak_memory(socket):
    """Bytes the engine at this socket had resident at most, shared pictures included."""
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if str(socket) in (entry / "cmdline").read_text(errors="replace"):
                for line in (entry / "status").read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        return int(line.split()[1]) * 1024
        except (OSError, ValueError):
            continue
    raise AssertionError("the engine is gone")


class Huge(unittest.TestCase):
    def test_two_iterations_at_full_size(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)  # the last of all
        at = pathlib.Path(folder.name)
        environment = {**os.environ, "PINXIT_ENGINE": str(ENGINE), "PINXIT_MODEL_PATH": str(MODELS),
                       "PINXIT_RUNTIME_DIR": str(at / "run"), "PINXIT_CONFIG_DIR": str(at / "config")}
        write_full_width(at / "vgg19.safetensors", SHARED / "models/vgg19/vgg19-conv3_1.safetensors")
        write_photo(at / "photo.png")
        preset = json.loads(subprocess.run([PINXIT, "presets", "best"], env=environment, check=True,
                                           capture_output=True, text=True).stdout)
        preset["schedule"].update({"coarsest": 0, "steps": 1})  # every step is one at full size
        (at / "preset.json").write_text(json.dumps(preset))
        self.addCleanup(lambda: subprocess.run([PINXIT, "engine", "stop"], env=environment, capture_output=True))
        began, totals, others = time.monotonic(), [], []
        painting = subprocess.Popen(
            [PINXIT, "neural-style", at / "photo.png", "--style", MODELS / "fast-style/great-wave/thumbnail.jpg",
             "--preset", at / "preset.json", "--encoder", at / "vgg19.safetensors", "--size", "0",
             "--iterations", "5", "--device", "cpu", "--json", "-o", at / "painted.png"],
            env=environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(painting.kill)
        for line in painting.stdout:
            event = json.loads(line)
            if event["event"] != "state":
                others.append(event)
                continue
            totals.append(event["losses"]["total"])
            print(f"after {event['step']} iterations: {time.monotonic() - began:.0f} s, engine at most "
                  f"{peak_memory(at / 'run') / 2**30:.2f} GiB", flush=True)
            if len(totals) == 3:  # the start and two iterations
                break
        self.assertEqual(len(totals), 3, others[-3:])
        peak = peak_memory(at / "run")
        painting.send_signal(signal.SIGINT)
        painting.stdout.read()
        painting.wait(120)
        self.assertLess(totals[2], totals[0])
        self.assertLessEqual(peak, MOST)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)
