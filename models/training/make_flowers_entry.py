#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the whole catalogue entry of a flower painter trained with train_flowers.py: weights, sheet, thumbnail,
model.json and CARD.md.

    python3 make_flowers_entry.py tiny-flowers.safetensors ../text/tiny-flowers --photos flowers-128.tar \\
        --log tiny-flowers.log --command "python3 train_flowers.py --photos flowers-128.tar …" --machine "two cores"

The folder's name is the id.  All figures of the card are read: from the weights' metadata, from the photos and from
train_flowers.py's reports (--log).  What only a person can say is given with --right, --good and --less, or left out.
The sheet shows what `pinxit generate PROMPT --model ID --seed 100 --count 5` paints (in Python's arithmetic).
"""
import argparse
import collections
import hashlib
import json
import pathlib
import shutil
import struct
import tarfile

import numpy as np
import torch
from PIL import Image, ImageDraw

import train_flowers
from train_flowers import COLOURS, PROMPTS

SEED, COUNT, CELL, LABEL, GAP = 100, 5, 128, 112, 4
THUMBNAIL = ["red tulip", "yellow sunflower", "white daisy", "purple iris"]
FULL_SIZE = 128


def read(path):
    """({name: tensor}, metadata) of a safetensors file in float16."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        numbers = np.frombuffer(data[begin:end], "<f2").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(numbers.astype(np.float32))
    return tensors, metadata


def picture_seed(seed, index):
    """The seed of a run's picture, as engine/nets/text_to_image.h has it."""
    if index == 0:
        return seed
    mask = (1 << 64) - 1
    x = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03) & mask
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return (x ^ (x >> 31)) & 0x7FFFFFFF


class Painter:
    def __init__(self, tensors, metadata):
        self.words = {word: i for i, word in enumerate(metadata["words"].split())}
        self.net = train_flowers.Net(len(self.words), [int(n) for n in metadata["widths"].split()]).eval()
        self.net.load_state_dict(tensors)
        self.size, self.steps = int(metadata["size"]), int(metadata["steps"])
        self.guidance = float(metadata["guidance"])

    def paint(self, prompt):
        """COUNT pictures, CELL pixels wide."""
        bag = torch.zeros(1, len(self.words))
        for word in prompt.split():
            bag[0, self.words[word]] = 1
        pictures = []
        for index in range(COUNT):
            generator = torch.Generator().manual_seed(picture_seed(SEED, index))
            noise = torch.randn(1, 3, self.size, self.size, generator=generator)
            made = train_flowers.sample(self.net, noise, bag, self.steps, self.guidance)[0]
            pixels = ((made + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
            pictures.append(Image.fromarray(pixels).resize((CELL, CELL), Image.BICUBIC))
        return pictures


def draw_sheet(path, rows):
    step = CELL + GAP
    sheet = Image.new("RGB", (LABEL + COUNT * step, len(rows) * step), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (prompt, pictures) in enumerate(rows.items()):
        draw.text((GAP, row * step + CELL // 2 - 6), prompt, fill="black")
        for column, picture in enumerate(pictures):
            sheet.paste(picture, (LABEL + column * step, row * step + GAP // 2))
    sheet.save(path, quality=88)


def draw_thumbnail(path, rows):
    picture = Image.new("RGB", (2 * CELL, 2 * CELL))
    for i, prompt in enumerate(THUMBNAIL):
        picture.paste(rows[prompt][0], (i % 2 * CELL, i // 2 * CELL))
    picture.save(path, quality=88)


def kinds_of(path):
    """{kind: number of photos}."""
    with tarfile.open(path) as tar:
        return collections.Counter(
            pathlib.PurePath(member.name).parts[-2] for member in tar
            if member.isfile() and member.name.lower().endswith((".jpg", ".jpeg", ".png")))


def reports(path):
    """train_flowers.py's lines; others are passed over."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [report for report in map(json.loads, (line for line in lines if line.startswith("{"))) if "step" in report]


def duration(seconds):
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def card(args, size, metadata, parameters, kinds, log):
    words = [word for word in metadata["words"].split() if not word.startswith("<")]
    colours, names = ([w for w in words if (w in COLOURS) == wanted] for wanted in (True, False))
    photos = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
    side, last = int(metadata["size"]), log[-1]
    text = [f"# {args.title}", "", "![Eight prompts, five seeds each](sheet.jpg)", ""]
    if side < FULL_SIZE:
        text += [f"**A tiny model**: it was trained without a GPU, so its pictures have {side} × {side} pixels and "
                 "are rough. It is here so that prompts work offline. The same script trains one of "
                 f"{FULL_SIZE} × {FULL_SIZE} pixels on a GPU, see below.", ""]
    text += ["| | |", "|---|---|",
             f"| kind | rectified flow: U-Net over 2 × 2 blocks of pixels, {' · '.join(metadata['widths'].split())} "
             f"channels, {parameters:,} weights, 16-bit, {size / 1e6:.1f} MB |",
             f"| pictures | {side} × {side} pixels, sRGB |",
             f"| sampling | {metadata['steps']} Euler steps, guidance {metadata['guidance']} |",
             f"| colours it knows | {', '.join(colours)} |",
             f"| flowers it knows | {', '.join(names)} |",
             f"| photos | {sum(kinds.values()):,} photos of {len(kinds)} kinds of flowers: {photos} |",
             "| colour words | derived from each photo's pixels by the script, not by people |",
             "| photos in the file | none; they were used for training only |",
             "| licence of the weights | Apache-2.0 |",
             f"| sheet | painted with seed {SEED} and the {COUNT - 1} that follow from it; nothing was picked |", ""]
    text += ["## How it was made", "", f"With `training/train_flowers.py` on {args.machine}:", "", "```sh",
             args.command, "```", "", "| | |", "|---|---|",
             f"| steps | {last['step']:,} |", f"| time | {duration(last['seconds'])} |",
             f"| loss at the last report | {last['loss']} (mean square of the velocity's error) |", ""]
    if side < FULL_SIZE:
        text += [f"The full size, {FULL_SIZE} × {FULL_SIZE} pixels and 22.5 MB, with a GPU:", "", "```sh",
                 "python3 train_flowers.py --photos flowers-128.tar --out starter-flowers.safetensors --hours 6 "
                 "--compile",
                 "python3 make_flowers_entry.py starter-flowers.safetensors ../text/starter-flowers "
                 "--photos flowers-128.tar --log LOG --title \"Flowers\" --command … --machine …", "```", "",
                 "Pinxit then uses it in place of this one wherever no model is named.", ""]
    told = []
    if args.right is not None:
        all_pictures = COUNT * len(PROMPTS)
        told.append(f"Of the {all_pictures} pictures on the sheet, {args.right} show the right kind and colour by eye "
                    f"({100 * args.right / all_pictures:.0f} %).")
    told += [f"{label}: {words}" for label, words in (("Good at", args.good), ("Not so good at", args.less)) if words]
    if told:
        text += ["## How it looks", ""] + [line for one in told for line in (one, "")]
    text += ["A prompt is the set of its known words; their order says nothing, and what the model does not know is "
             "told and left out. It paints flowers only."]
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("weights", type=pathlib.Path)
    add("folder", type=pathlib.Path)
    add("--photos", required=True, type=pathlib.Path, help="the tar it was trained on")
    add("--log", required=True, type=pathlib.Path, help="what train_flowers.py printed")
    add("--command", required=True, help="the training's command line, for the card")
    add("--machine", required=True, help="what it was trained on, for the card")
    add("--title", help="default: after the folder")
    add("--description", default="Small photographs of flowers from words for colours and kinds, without a network.")
    add("--right", type=int, help="pictures of the sheet with the right kind and colour, counted by eye")
    add("--good", help="a sentence for the card")
    add("--less", help="a sentence for the card: what it is not good at")
    args = parser.parse_args()

    name = args.folder.resolve().name
    args.title = args.title or name.replace("-", " ").title()
    args.folder.mkdir(parents=True, exist_ok=True)
    weights = args.folder / f"{name}.safetensors"
    if args.weights.resolve() != weights.resolve():
        shutil.copyfile(args.weights, weights)
    data = weights.read_bytes()
    tensors, metadata = read(weights)
    painter = Painter(tensors, metadata)
    rows = {prompt: painter.paint(prompt) for prompt in PROMPTS}
    draw_sheet(args.folder / "sheet.jpg", rows)
    draw_thumbnail(args.folder / "thumbnail.jpg", rows)
    parameters = sum(tensor.numel() for tensor in tensors.values())
    entry = {
        "pinxit": 1,
        "id": name,
        "kind": "rectified-flow",
        "operation": "generate",
        "title": args.title,
        "description": args.description,
        "files": [{"role": "generator", "path": weights.name, "bytes": len(data),
                   "sha256": hashlib.sha256(data).hexdigest()}],
        "thumbnail": "thumbnail.jpg",
        "licence": {"id": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "source": "Trained by the Pinxit project on photos of flowers.",
    }
    (args.folder / "model.json").write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (args.folder / "CARD.md").write_text(
        card(args, len(data), metadata, parameters, kinds_of(args.photos), reports(args.log)), encoding="utf-8")


if __name__ == "__main__":
    main()
