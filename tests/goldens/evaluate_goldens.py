#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Neural Style's losses and gradients through `pinxit evaluate`, against goldens/gatys.

usage: evaluate_goldens.py PINXIT ENGINE MODELS SHARED_DATA
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from safetensors_file import read_tensors  # noqa: E402

PINXIT, ENGINE, MODELS, SHARED = (pathlib.Path(word).absolute() for word in sys.argv[1:5])
GOLDENS = SHARED / "goldens"
PRESETS = {"neural-style-pt": "classic"}
# (losses, gradient), relative; the command line hands pixels over as float32, hence 1e-6 for losses in 64 bit.
TOLERANCE = {"fp32": (2e-4, 1e-3), "fp64": (1e-6, 1e-5)}


class Evaluate(unittest.TestCase):
    def setUp(self):
        if not (GOLDENS / "gatys/index.json").exists():
            self.skipTest("skipped: needs ../shared/goldens/gatys")
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.at = pathlib.Path(place.name)
        self.environment = {**os.environ, "PINXIT_ENGINE": str(ENGINE), "PINXIT_MODEL_PATH": str(MODELS),
                            "PINXIT_RUNTIME_DIR": str(self.at / "run"), "PINXIT_CONFIG_DIR": str(self.at / "config")}
        self.addCleanup(lambda: subprocess.run([PINXIT, "engine", "stop"], env=self.environment, capture_output=True))

    def test_goldens(self):
        index = json.loads((GOLDENS / "gatys/index.json").read_text())
        compared = 0
        for case in index["cases"]:
            folder = "goldens/gatys" if case["vgg"] == "vgg19-tiny-random" else "models/vgg19"
            vgg = SHARED / folder / f"{case['vgg']}.safetensors"
            # The full-width file takes longest and is held against all starts by the library's own test.
            if case["vgg"] == "vgg19-conv3_1" and case["start"] != "mix":
                continue
            for precision, (of_loss, of_gradient) in TOLERANCE.items():
                with self.subTest(f"{case['vgg']} {case['preset']} {case['start']} {precision}"):
                    out = self.at / "gradient.safetensors"
                    done = subprocess.run(
                        [PINXIT, "evaluate", "neural-style", "--preset", PRESETS.get(case["preset"], case["preset"]),
                         "--vgg", vgg, "--content", GOLDENS / "inputs/kodim23_192x256.png",
                         "--style", GOLDENS / case["style_png"], "--at", GOLDENS / case["start_png"], "-o", out,
                         "--device", "cpu", *(["--fp64"] if precision == "fp64" else [])],
                        env=self.environment, capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    ours = json.loads(done.stdout)
                    near = lambda value, golden: self.assertLessEqual(abs(value - golden), of_loss * abs(golden) + 1e-12)
                    near(ours["total"], case["total"])
                    near(ours["content"], case["content_loss"])
                    near(ours["tv"], case["tv"]["loss"])
                    self.assertEqual([tap["layer"] for tap in ours["style"]],
                                     [tap["layer"] for tap in case["style_losses"]])
                    for tap, golden in zip(ours["style"], case["style_losses"]):
                        near(tap["loss"], golden["loss"])
                    if "file" in case["gradient"]:
                        golden = read_tensors(GOLDENS / "gatys" / case["gradient"]["file"])
                        gradient = read_tensors(out)["gradient"]
                        self.assertEqual(gradient.dtype, np.float32)
                        gradient = gradient.astype(float)
                        if "gradient_total" in golden:
                            wanted = golden["gradient_total"].astype(float)
                            self.assertLessEqual(np.linalg.norm(gradient - wanted), of_gradient * np.linalg.norm(wanted))
                            compared += 1
        self.assertGreaterEqual(compared, 8)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)
