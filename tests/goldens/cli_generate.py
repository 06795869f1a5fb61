#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures from text through `pinxit generate`: the reduced nets of ../shared/goldens, and a COCO net of full size.

usage: cli_generate.py PINXIT ENGINE MODELS SHARED [TEST…]
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from safetensors_file import write_tensors  # noqa: E402

PINXIT, ENGINE, MODELS = (os.path.abspath(path) for path in sys.argv[1:4])
GOLDENS = pathlib.Path(sys.argv[4]) / "goldens"
BIRD = "The small bird is red, with a LONG pointed beak"

# What upstream's coco_attn2.yml says of the nets.
COCO = """CONFIG_NAME: 'attn2'
DATASET_NAME: 'coco'
GPU_ID: 0
WORKERS: 4
TREE:
    BRANCH_NUM: 3
TRAIN:
    FLAG: False
    NET_G: '../models/coco.safetensors'
    NET_E: '../models/text_encoder100.safetensors'
GAN:
    DF_DIM: 96
    GF_DIM: 48
    Z_DIM: 100
    R_NUM: 3
TEXT:
    EMBEDDING_DIM: 256
    CAPTIONS_PER_IMAGE: 5
    WORDS_NUM: 20
"""


def needs(*parts):
    for part in parts:
        if not (GOLDENS / part).exists():
            raise unittest.SkipTest(f"skipped: needs ../shared/goldens/{part}")


def levels(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.int32)


def size(path):
    with Image.open(path) as picture:
        return picture.size


def random_tensors(shapes, seed):
    """Weights of a net that is awake: normalisations of mean 0 and variance 1, matrices scaled to their inputs."""
    random = np.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes:
        if len(shape) > 1:
            tensors[name] = random.normal(0, np.prod(shape[1:]) ** -0.5, shape)
        elif name.endswith(("running_var", "norm1.weight", "norm2.weight", "norm.weight", ".1.weight", ".2.weight",
                            ".4.weight")):
            tensors[name] = np.ones(shape)
        else:
            tensors[name] = np.zeros(shape)
    return tensors


def clip_shapes(width, vocabulary):
    """A text tower of one block."""
    block, mlp = "text_model.encoder.layers.0.", 2 * width
    shapes = [("text_model.embeddings.token_embedding.weight", (vocabulary, width)),
              ("text_model.embeddings.position_embedding.weight", (77, width))]
    for name, rows, columns in [(f"self_attn.{part}_proj", width, width) for part in ("q", "k", "v", "out")] + [
            ("mlp.fc1", mlp, width), ("mlp.fc2", width, mlp)]:
        shapes += [(f"{block}{name}.weight", (rows, columns)), (f"{block}{name}.bias", (rows,))]
    for name in (f"{block}layer_norm1", f"{block}layer_norm2", "text_model.final_layer_norm"):
        shapes += [(f"{name}.weight", (width,)), (f"{name}.bias", (width,))]
    return shapes


def lstm_shapes(words, width):
    """AttnGAN's text encoder."""
    half = width // 2
    shapes = [("encoder.weight", (words, 300))]
    for end in ("", "_reverse"):
        shapes += [(f"rnn.weight_ih_l0{end}", (4 * half, 300)), (f"rnn.weight_hh_l0{end}", (4 * half, half)),
                   (f"rnn.bias_ih_l0{end}", (4 * half,)), (f"rnn.bias_hh_l0{end}", (4 * half,))]
    return shapes


def flow_shapes(words, width=32, condition=8):
    """A rectified flow of one level."""
    shapes = [("words.weight", (condition, words))]

    def add(name, *shape):
        shapes.extend([(f"{name}.weight", shape), (f"{name}.bias", shape[:1])])

    def add_block(name, inputs):
        add(f"{name}.norm1", inputs), add(f"{name}.conv1", width, inputs, 3, 3)
        add(f"{name}.norm2", width), add(f"{name}.conv2", width, width, 3, 3)
        add(f"{name}.condition", 2 * width, condition)
        if inputs != width:
            add(f"{name}.skip", width, inputs, 1, 1)

    add("time.0", condition, 128), add("time.2", condition, condition), add("first", width, 12, 3, 3)
    for name in ("down.0", "middle.0", "middle.2"):
        add_block(name, width)
    add("middle.1.norm", width), add("middle.1.all", 3 * width, width, 1, 1), add("middle.1.out", width, width, 1, 1)
    add_block("up.0", 2 * width)
    add("norm", width), add("last", 12, width, 3, 3)
    return shapes


class Desk:
    """A private engine and folder, with so many threads."""

    def __init__(self, threads=0):
        self.folder = tempfile.TemporaryDirectory()
        self.at = pathlib.Path(self.folder.name)
        runtime, config = self.at / "run", self.at / "config"
        runtime.mkdir(mode=0o700), config.mkdir()
        (config / "settings.ini").write_text(f"[engine]\nthreads={threads}\n")
        self.environment = {**os.environ, "PINXIT_RUNTIME_DIR": str(runtime), "PINXIT_ENGINE": ENGINE,
                            "PINXIT_CONFIG_DIR": str(config), "PINXIT_DATA_DIR_USER": str(self.at / "data"),
                            "PINXIT_MODEL_PATH": MODELS, "LC_ALL": "C.UTF-8"}

    def pinxit(self, *arguments):
        return subprocess.run([PINXIT, *map(str, arguments)], env=self.environment, capture_output=True, text=True)

    def close(self):
        self.pinxit("engine", "stop")
        self.folder.cleanup()


class Generate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.at = cls.desk.at
        cls.folders = 0

    @classmethod
    def tearDownClass(cls):
        cls.desk.close()

    def birds(self):
        """The reduced AttnGAN, its parts named as the importers leave them."""
        needs("attngan/index.json")
        folder = self.at / "birds"
        if not folder.exists():
            folder.mkdir()
            shutil.copy(GOLDENS / "attngan/netG.safetensors", folder / "generator.safetensors")
            shutil.copy(GOLDENS / "attngan/text_encoder.safetensors", folder / "text-encoder.safetensors")
            words = json.loads((GOLDENS / "attngan/index.json").read_text())["vocabulary"]
            (folder / "vocabulary.json").write_text(json.dumps({"words": words}))
        return folder / "generator.safetensors"

    def flowers(self):
        """The reduced flower generator; a text tower of random weights and a small vocabulary."""
        needs("clipgan/index.json", "sd/tiny-sd15/tokenizer/merges.txt")
        folder = self.at / "flowers"
        if not folder.exists():
            folder.mkdir()
            shutil.copy(GOLDENS / "clipgan/flowers_generator.safetensors", folder)
            shutil.copy(GOLDENS / "sd/tiny-sd15/tokenizer/merges.txt", folder)
            write_tensors(folder / "text-encoder.safetensors", random_tensors(clip_shapes(512, 814), 3))
        return folder / "flowers_generator.safetensors"

    def generate(self, model, *arguments, desk=None):
        """A fresh folder with what was painted, and how the program ended."""
        Generate.folders += 1
        out = self.at / f"out-{Generate.folders}"
        done = (desk or self.desk).pinxit("generate", *arguments, "--model", model, "--device", "cpu", "-o", f"{out}/")
        return out, done

    def made(self, model, *arguments, desk=None):
        out, done = self.generate(model, *arguments, desk=desk)
        self.assertEqual(done.returncode, 0, done.stderr)
        return sorted(out.iterdir())

    @staticmethod
    def events(done, name):
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [line for line in lines if line["event"] == name]

    def test_prompts_work_with_what_comes_along(self):
        """The starter: no model is named, nothing is installed, and no ../shared is needed."""
        middle = {}
        for word in ("red", "yellow", "blue"):
            file = self.at / f"{word}.png"
            done = self.desk.pinxit("generate", f"a {word} flower", "--device", "cpu", "-o", file, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("-flowers", done.stdout)
            picture = levels(file)
            edge = picture.shape[0] // 4
            middle[word] = picture[edge:-edge, edge:-edge].mean((0, 1))
        red, green, blue = range(3)
        self.assertGreater(middle["red"][red], middle["blue"][red])
        self.assertGreater(middle["yellow"][green], middle["red"][green])
        self.assertGreater(middle["blue"][blue], middle["yellow"][blue])

    def test_five_different_flowers(self):
        """B1, B4."""
        made = self.made(self.flowers(), "A white flower")
        self.assertEqual([path.name[:10] for path in made], [f"000{i}-seed-" for i in range(1, 6)])
        self.assertEqual(made[0].name, "0001-seed-100.png")
        pictures = [levels(path) for path in made]
        for i, picture in enumerate(pictures):
            self.assertEqual(picture.shape, (128, 128, 3))
            for other in pictures[:i]:
                self.assertGreater(np.abs(picture - other).mean(), 2)
        other_words = levels(self.made(self.flowers(), "a dark red tulip", "-n", 1)[0])
        self.assertGreater(np.abs(other_words - pictures[0]).max(), 0)

    def test_the_same_seed_gives_the_same_files(self):
        """B4, D5: byte for byte, also in an engine of its own, and each picture alone by its own seed."""
        for model, prompt in ((self.flowers(), "A white flower"), (self.birds(), BIRD)):
            first = self.made(model, prompt, "-n", 3, "--seed", 7)
            again = self.made(model, prompt, "-n", 3, "--seed", 7)
            self.assertEqual([path.name for path in first], [path.name for path in again])
            desk = Desk()
            self.addCleanup(desk.close)
            fresh = self.made(model, prompt, "-n", 3, "--seed", 7, desk=desk)
            for a, b, c in zip(first, again, fresh):
                self.assertEqual(a.read_bytes(), b.read_bytes())
                self.assertEqual(a.read_bytes(), c.read_bytes())
            seed = first[2].stem.split("-")[2]
            alone = self.made(model, prompt, "-n", 1, "--seed", seed)
            self.assertEqual(alone[0].read_bytes(), first[2].read_bytes())
            other = self.made(model, prompt, "-n", 1, "--seed", 8)
            self.assertGreater(np.abs(levels(other[0]) - levels(first[0])).mean(), 2)

    def test_threads_change_one_level_at_most(self):
        for model, prompt in ((self.flowers(), "A white flower"), (self.birds(), BIRD)):
            made = []
            for threads in (1, 2):
                desk = Desk(threads)
                self.addCleanup(desk.close)
                made.append([levels(path) for path in self.made(model, prompt, "-n", 2, desk=desk)])
                status = json.loads(desk.pinxit("engine", "status").stdout)
                self.assertEqual(status["threads"], threads)
            for a, b in zip(*made):
                self.assertLessEqual(np.abs(a - b).max(), 1)

    def test_three_sizes_maps_and_strip(self):
        """D1."""
        out, done = self.generate(self.birds(), BIRD, "-n", 1, "--maps", "--all-sizes", "--strip", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        written = self.events(done, "written")
        self.assertEqual({event["output"] for event in written}, {str(path) for path in out.iterdir()})
        self.assertEqual({size(e["output"])[0] for e in written if e["role"] in ("picture", "smaller")},
                         {64, 128, 256})
        words = BIRD.lower().replace(",", "").split()
        for side in (64, 128):
            maps = [e for e in written if e["role"] == "attention" and e["width"] == side]
            self.assertEqual([e["word"] for e in maps], words)
            self.assertEqual([pathlib.Path(e["output"]).name for e in maps],
                             [f"0001-seed-100-map-{side}x{side}-{i:02}.png" for i in range(1, len(words) + 1)])
            total = sum(levels(e["output"]).astype(float) for e in maps) / 65535
            self.assertEqual(total.shape, (side, side))
            self.assertLessEqual(np.abs(total - 1).max(), 1e-3)
            self.assertGreater(max(levels(e["output"]).std() for e in maps) / 65535, 0.01, "the maps are flat")
        strip = [e for e in written if e["role"] == "strip"]
        self.assertEqual(len(strip), 1)
        self.assertEqual(size(strip[0]["output"]), (5 * 256, 256))
        self.assertEqual(len(set(strip[0]["word"].split(", ")) & set(words)), 5)

    def test_unknown_words_are_told(self):
        """D2."""
        done = self.desk.pinxit("generate", "This tiny bird's crown is blue!", "--model", self.birds(), "--describe")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 this, 2 bird, 3 s, 4 crown, 5 is, 6 blue\n", done.stdout)
        self.assertIn("tiny", done.stdout)
        out, done = self.generate(self.birds(), "This tiny bird's crown is blue!", "-n", 1)
        self.assertEqual(done.returncode, 0)
        self.assertIn("tiny", done.stderr)
        out, done = self.generate(self.birds(), "zebra qwerty")
        self.assertEqual(done.returncode, 2)
        self.assertIn("bad-argument", done.stderr)
        self.assertIn("qwerty", done.stderr)
        self.assertFalse(out.exists())

    def test_a_file_of_captions(self):
        """D3, D7: the second caption and the next call load nothing."""
        captions = self.at / "captions.txt"
        captions.write_text("This bird has yellow wings.\n\nzebra\na red bird\n")
        desk = Desk()
        self.addCleanup(desk.close)
        out, done = self.generate(self.birds(), "--captions", captions, "-n", 6, "--json", desk=desk)
        self.assertEqual(done.returncode, 2)
        self.assertEqual([error["input"] for error in self.events(done, "error")], [f"{captions}:3"])
        names = sorted(path.name for path in out.iterdir())
        self.assertEqual([name[:16] for name in names],
                         [f"{i:04}-line-{1 if i < 7 else 4}-seed" for i in range(1, 13)])
        first, second = (result["facts"] for result in self.events(done, "result"))
        self.assertEqual({event["input"] for event in self.events(done, "loading")}, {f"{captions}:1"})
        self.assertEqual([facts["pictures"][0]["seed"] for facts in (first, second)], [100, 100])
        began = time.monotonic()
        out, done = self.generate(self.birds(), "a red bird", "-n", 1, "--json", desk=desk)
        seconds = time.monotonic() - began
        self.assertEqual(self.events(done, "loading"), [])
        self.assertEqual(levels(next(out.iterdir())).tolist(),
                         levels(self.made(self.birds(), "a red bird", "-n", 1, desk=desk)[0]).tolist())
        print(f"one caption of six pictures: loading {first['load_seconds']:.2f} s, painting {first['seconds']:.2f} s; "
              f"the next: painting {second['seconds']:.2f} s; one picture by another call: {seconds:.2f} s")

    def test_digits_take_no_prompt(self):
        """B7."""
        needs("clipgan/index.json")
        digits = GOLDENS / "clipgan/digits_generator.safetensors"
        made = self.made(digits, "-n", 3)
        self.assertEqual(len(made), 3)
        for path in made:
            picture = levels(path)
            self.assertEqual(picture.shape, (28, 28))
            self.assertGreater(picture.std(), 5)
        out, done = self.generate(digits, "seven")
        self.assertEqual(done.returncode, 2)
        self.assertFalse(out.exists())

    def test_pictures_are_scaled(self):
        made = self.made(self.birds(), BIRD, "-n", 1, "--size", 100, "--maps")
        sizes = {path.name: size(path) for path in made}
        self.assertEqual(sizes.pop("0001-seed-100.png"), (100, 100))
        self.assertTrue(all(size in ((64, 64), (128, 128)) for size in sizes.values()), sizes)

    def test_variations_lead_from_end_to_end(self):
        model = self.birds()
        here = levels(self.made(model, "a red bird", "-n", 1, "--seed", 5)[0])
        for vary, there in ((("noise", "--vary-seed", 6), ("a red bird", "--seed", 6)),
                            (("text", "--vary-prompt", "a yellow bird"), ("a yellow bird", "--seed", 5))):
            made = self.made(model, "a red bird", "-n", 3, "--seed", 5, "--vary", *vary)
            self.assertEqual([path.name for path in made], ["0001-seed-5.png", "0002-seed-5-vary-50.png",
                                                            "0003-seed-5-vary-100.png"])
            first, middle, last = (levels(path) for path in made)
            other = levels(self.made(model, *there, "-n", 1)[0])
            self.assertEqual(np.abs(first - here).max(), 0)
            self.assertEqual(np.abs(last - other).max(), 0)
            self.assertGreater(np.abs(first - last).max(), 0)
            for end in (first, last):
                self.assertGreater(np.abs(middle - end).max(), 0)

    def test_a_flow_of_ones_own_is_imported_and_paints(self):
        file = self.at / "My_Tulips.safetensors"
        metadata = {"architecture": "flower-flow", "words": "<end> red tulip", "size": "16", "steps": "2",
                    "guidance": "2"}
        tensors = random_tensors(flow_shapes(words=3), 6)
        write_tensors(file, tensors, metadata)
        done = self.desk.pinxit("models", "import", file, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([event["id"] for event in self.events(done, "imported")], ["my-tulips"])
        file.unlink()
        entry = json.loads((self.at / "data/models/my-tulips/model.json").read_text())
        self.assertEqual((entry["kind"], entry["operation"], entry["title"]),
                         ("rectified-flow", "generate", "My Tulips"))
        red, tulip = (levels(self.made("my-tulips", prompt, "-n", 1)[0]) for prompt in ("red", "tulip"))
        self.assertEqual(red.shape, (16, 16, 3))
        self.assertGreater(np.abs(red - tulip).max(), 0)
        described = self.desk.pinxit("generate", "a red lily", "--model", "my-tulips", "--describe").stdout
        self.assertIn("It reads: 1 red\nIt does not know: lily\n", described)
        # Without its metadata nobody knows what its words are.
        write_tensors(file, tensors, {**metadata, "words": "<end> red"})
        self.assertEqual(self.desk.pinxit("models", "import", file).returncode, 12)
        write_tensors(file, tensors)
        done = self.desk.pinxit("models", "import", file)
        self.assertEqual(done.returncode, 12)
        self.assertIn("metadata", done.stderr)

    def coco(self):
        needs("attngan/manifest-full-size.json", "attngan/index.json")
        folder = self.at / "coco"
        if not folder.exists():
            folder.mkdir()
            manifest = json.loads((GOLDENS / "attngan/manifest-full-size.json").read_text())["coco"]
            shapes = [(entry["name"], entry["shape"]) for entry in manifest["netG"]]
            write_tensors(folder / "coco.safetensors", random_tensors(shapes, 4))
            words = json.loads((GOLDENS / "attngan/index.json").read_text())["vocabulary"]
            write_tensors(folder / "text_encoder100.safetensors", random_tensors(lstm_shapes(len(words), 256), 5))
            (folder / "vocabulary.json").write_text(json.dumps({"words": words}))
            (folder / "coco_attn2.yml").write_text(COCO)
        return folder

    def test_coco_from_its_settings(self):
        """D8: a net of full size; the settings name its files and how many words it reads."""
        folder = self.coco()
        prompt = " ".join(["a red bird with yellow wings"] * 4)  # 24 words
        for model in ("coco_attn2.yml", "coco.safetensors"):
            done = self.desk.pinxit("generate", prompt, "--model", folder / model, "--describe", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            facts = json.loads(done.stdout)
            self.assertEqual(facts["sizes"], [[64, 64], [128, 128], [256, 256]])
            self.assertEqual(len(facts["words"]), 20)
            self.assertEqual(facts["left_out"].split(), ["bird", "with", "yellow", "wings"])
        captions = self.at / "two.txt"
        captions.write_text("a red bird\na yellow bird\n")
        self.desk.pinxit("engine", "stop")
        out, done = self.generate(folder / "coco_attn2.yml", "--captions", captions, "-n", 1, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({size(path) for path in out.iterdir()}, {(256, 256)})
        facts = [result["facts"] for result in self.events(done, "result")]
        for caption, one in zip(("first", "second"), facts):
            print(f"COCO in full size, {caption} caption: loading {one['load_seconds']:.3f} s, painting "
                  f"{one['seconds']:.2f} s")
        self.assertLess(facts[1]["load_seconds"], facts[0]["load_seconds"] / 2)
        (folder / "coco_attn2.yml").write_text(COCO.replace("GF_DIM: 48", "GF_DIM: 32"))
        done = self.desk.pinxit("generate", "a bird", "--model", folder / "coco_attn2.yml", "--describe")
        (folder / "coco_attn2.yml").write_text(COCO)
        self.assertEqual(done.returncode, 12, done.stderr)
        self.assertIn("GF_DIM", done.stderr)

    def test_missing_parts_are_named(self):
        """B5."""
        self.birds()
        for part, mentions in (("vocabulary.json", "vocabulary"), ("text-encoder.safetensors", "text encoder")):
            folder = self.at / f"without-{part}"
            shutil.copytree(self.at / "birds", folder)
            (folder / part).unlink()
            out, done = self.generate(folder / "generator.safetensors", "a bird")
            self.assertEqual(done.returncode, 13, done.stderr)
            self.assertIn("model-missing", done.stderr)
            self.assertIn(mentions, done.stderr)
            self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)
