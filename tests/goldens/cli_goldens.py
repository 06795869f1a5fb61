#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference cases again, through `pinxit fast-style --exact`; sizes, tiles and weights no test names.

usage: cli_goldens.py PINXIT ENGINE MODELS SHARED [TEST…]

PINXIT_CONVOLUTIONS=libtorch in the environment takes the reference path instead of our own convolutions; the goldens
make sure that it was the one asked for.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy as np
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from safetensors_file import write_tensors  # noqa: E402

PINXIT, ENGINE, MODELS = (os.path.abspath(path) for path in sys.argv[1:4])
SHARED = pathlib.Path(sys.argv[4])
Image.MAX_IMAGE_PIXELS = None
warnings.simplefilter("ignore", ResourceWarning)
LONG = bool(os.environ.get("PINXIT_LONG"))
CONVOLUTIONS = os.environ.get("PINXIT_CONVOLUTIONS", "own")


def levels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(np.int16)


def random_transformernet(path, width, blocks):
    """A TransformerNet of unusual widths and depth."""
    random = np.random.default_rng(11)
    tensors = {}

    def layer(name, norm, cout, cin, k):
        tensors[f"{name}.conv2d.weight"] = random.normal(0, (cin * k * k) ** -0.5, (cout, cin, k, k)) * (1 if norm else 60)
        tensors[f"{name}.conv2d.bias"] = np.zeros(cout) + (0 if norm else 127)
        if norm:
            tensors[f"{norm}.weight"], tensors[f"{norm}.bias"] = np.ones(cout), np.zeros(cout)

    layer("conv1", "in1", width, 3, 9), layer("conv2", "in2", 2 * width, width, 3)
    layer("conv3", "in3", 4 * width, 2 * width, 3)
    for block in range(1, blocks + 1):
        layer(f"res{block}.conv1", f"res{block}.in1", 4 * width, 4 * width, 3)
        layer(f"res{block}.conv2", f"res{block}.in2", 4 * width, 4 * width, 3)
    layer("deconv1", "in4", 2 * width, 4 * width, 3), layer("deconv2", "in5", width, 2 * width, 3)
    layer("deconv3", None, 3, width, 9)
    write_tensors(path, tensors)


def noise(width, height, seed=1):
    """A smooth random picture."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (max(height // 24, 2), max(width // 24, 2), 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.BICUBIC)


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = pathlib.Path(cls.folder.name)
        runtime = cls.at / "run"
        runtime.mkdir(mode=0o700)
        cls.environment = {**os.environ, "PINXIT_RUNTIME_DIR": str(runtime), "PINXIT_ENGINE": ENGINE,
                           "PINXIT_CONFIG_DIR": str(cls.at / "config"), "PINXIT_MODEL_PATH": MODELS}

    @classmethod
    def tearDownClass(cls):
        cls.pinxit("engine", "stop")
        cls.folder.cleanup()

    @classmethod
    def pinxit(cls, *arguments):
        return subprocess.run([PINXIT, *map(str, arguments)], env=cls.environment, capture_output=True, text=True)

    def style(self, *arguments):
        """The events of the run."""
        done = self.pinxit("fast-style", "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def results(self, *arguments):
        """The facts of each picture's result."""
        return [event["facts"] for event in self.style(*arguments) if event["event"] == "result"]

    def goldens(self, kind, share):
        index = SHARED / "goldens" / kind / "index.json"
        if not index.exists():
            self.skipTest(f"skipped: needs ../shared/goldens/{kind}")
        by_model = {}
        for case in json.loads(index.read_text())["cases"]:
            by_model.setdefault(case["model"], []).append(case)
        for model, cases in by_model.items():
            out = self.at / kind / pathlib.Path(model).stem
            results = self.results(*(SHARED / "goldens" / case["input"] for case in cases), "-o", f"{out}/", "--style",
                                   SHARED / model, "--exact", "--device", "cpu")
            self.assertEqual([[style["convolutions"], style["precision"]] for facts in results
                              for style in facts["styles"]], [[CONVOLUTIONS, "fp32"]] * len(cases))
            for case in cases:
                with self.subTest(case["output_png"]):
                    ours = levels(out / pathlib.Path(case["input"]).name)
                    difference = np.abs(ours - levels(index.parent / case["output_png"]))
                    self.assertLessEqual(difference.max(), 1)
                    self.assertGreaterEqual((difference == 0).mean(), share)

    def test_transformernet_goldens(self):
        self.goldens("transformernet", 0.999)

    def test_slimnet_goldens(self):
        self.goldens("slimnet", 0.995)

    def test_every_size_comes_back_at_exactly_its_size(self):
        random_transformernet(self.at / "unknown.safetensors", 6, 3)
        for width, height in ((257, 259), (1, 1), (5000, 40), (3, 7), (64, 1), (130, 67)):
            picture = self.at / f"{width}x{height}.png"
            noise(width, height).save(picture)
            for style in ("great-wave", self.at / "unknown.safetensors"):
                for exact in ([], ["--exact"]):
                    self.style(picture, "-o", self.at / "out.png", "--style", style, *exact)
                    self.assertEqual(Image.open(self.at / "out.png").size, (width, height))

    def test_weighted_styles_strength_and_colours(self):
        noise(96, 64).save(self.at / "in.png")
        pictures = {}
        for name, options in {"a": ["--style", "great-wave"], "b": ["--style", "composition-vii"],
                              "mix": ["--style", "great-wave:3", "--style", "composition-vii:1"],
                              "half": ["--style", "great-wave", "--strength", "50"],
                              "none": ["--style", "great-wave", "--strength", "0"],
                              "colours": ["--style", "great-wave", "--keep-colors"],
                              "scaled": ["--style", "great-wave", "--max-size", "48"]}.items():
            self.style(self.at / "in.png", "-o", self.at / "out.png", *options)
            pictures[name] = levels(self.at / "out.png").astype(float)
        source = levels(self.at / "in.png").astype(float)
        self.assertGreater(np.abs(pictures["a"] - pictures["b"]).mean(), 10)
        self.assertLessEqual(np.abs(pictures["mix"] - (0.75 * pictures["a"] + 0.25 * pictures["b"])).max(), 1.01)
        self.assertLessEqual(np.abs(pictures["half"] - (source + pictures["a"]) / 2).max(), 1.01)
        self.assertEqual(np.abs(pictures["none"] - source).max(), 0)
        self.assertEqual(pictures["scaled"].shape, source.shape)
        self.assertGreater(np.abs(pictures["scaled"] - pictures["a"]).mean(), 1)
        chroma = lambda p: p[..., 2] - p[..., 0]
        inside = ((pictures["colours"] > 0) & (pictures["colours"] < 255)).all(axis=2)
        self.assertGreater(inside.mean(), 0.3)
        self.assertLessEqual(np.abs(chroma(pictures["colours"]) - chroma(source))[inside].max(), 1.01)

    def test_no_frame_shows_at_the_border(self):
        """Nets draw a frame where their padding begins. The picture as we paint it is held against the middle of a
        mirrored, much larger one, which no frame reaches: the rim may differ no more than the middle does."""
        around = 96
        picture = np.asarray(noise(300, 200, 2))
        Image.fromarray(picture).save(self.at / "small.png")
        Image.fromarray(np.pad(picture, ((around, around), (around, around), (0, 0)), mode="reflect")).save(
            self.at / "large.png")
        rim = np.ones((200, 300), bool)
        rim[12:-12, 12:-12] = False
        styles = ["great-wave", "composition-vii"]
        styles += [p for p in [SHARED / "models/transformernet/monet.safetensors"] if p.exists()]
        for style in styles:
            painted = {}
            for name, source, options in (("ours", "small", []), ("published", "small", ["--exact"]),
                                          ("frameless", "large", ["--exact"])):
                self.style(self.at / f"{source}.png", "-o", self.at / "out.png", "--style", style, *options)
                painted[name] = levels(self.at / "out.png").astype(float)
            frameless = painted["frameless"][around:-around, around:-around]
            ours, published = (np.abs(painted[name] - frameless).mean(axis=2) for name in ("ours", "published"))
            self.assertLess(ours[rim].mean(), 1.5 * ours[~rim].mean() + 2, style)
            self.assertGreater(published[rim].mean(), 2 * ours[rim].mean(), "this test would not see a frame")

    @unittest.skipUnless(LONG, "skipped: long (./dev test --long)")
    def test_a_hundred_megapixels(self):
        """10,000 × 10,000 in bounded memory; the statistics are the whole picture's."""
        net = SHARED / "models/transformernet/candy.safetensors"
        if not net.exists():
            self.skipTest("skipped: needs ../shared/models")
        noise(10000, 10000).save(self.at / "huge.png", compress_level=1)
        self.pinxit("engine", "stop")
        self.style(self.at / "huge.png", "-o", self.at / "huge-out.png", "--style", net, "--precision", "fp32")
        status = json.loads(self.pinxit("engine", "status").stdout)
        text = pathlib.Path(f"/proc/{status['pid']}/status").read_text()
        peak, shared = (int(text.split(word)[1].split()[0]) / 1024 ** 2 for word in ("VmHWM:", "RssShmem:"))
        print(f"100 megapixels: engine peak {peak:.2f} GiB resident, of which shared picture memory now {shared:.2f} GiB")
        self.assertEqual(Image.open(self.at / "huge-out.png").size, (10000, 10000))
        self.assertLessEqual(peak - 2 * 10000 * 10000 * 16 / 1024 ** 3, 3)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)
