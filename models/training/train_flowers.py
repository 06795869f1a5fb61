#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train a small text-to-picture net: words for kinds and colours of flowers -> a photo of 128 x 128 pixels.

    python3 train_flowers.py --photos flowers-128.tar --out starter-flowers.safetensors --hours 6      # one GPU
    python3 train_flowers.py --photos flowers-128.tar --out tiny-flowers.safetensors --size 32 \\
                             --widths 32 64 96 --batch 32 --hours 8                                    # two CPU cores

The photos lie in folders called after their kind (NAME/KIND/*.jpg).  The colour word of each photo is derived from its
pixels (`--colours` writes a sheet to check that by eye).  The net is a rectified flow (Liu et al., arXiv 2209.03003)
with a U-Net over 2 x 2 blocks of pixels; the prompt is the sum of its known words' embeddings, so "a red tulip", "tulip"
and "red" all mean something.  Needs torch, numpy and Pillow.  OUT (float16) and a sheet beside it are rewritten at every
report, from the averaged weights; OUT.state keeps the run so that it can be continued with the same command.
"""
import argparse
import colorsys
import io
import json
import math
import os
import pathlib
import struct
import tarfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

COLOURS = ["white", "yellow", "orange", "red", "pink", "purple", "blue"]
# What people call the kinds; several words stand for one together ("lily" and "valley").
NAMES = {"colts-foot": [["coltsfoot"], ["colts", "foot"]], "lily-valley": [["lily", "valley"]],
         "tigerlily": [["tigerlily"], ["tiger", "lily"]], "windflower": [["windflower"], ["anemone"]]}
# The colours a kind can have, where not all: skies, leaves and hands are in the photos too.
POSSIBLE = {"bluebell": ["blue", "purple"], "buttercup": ["yellow"], "colts-foot": ["yellow"],
            "daisy": ["white", "pink", "yellow", "purple", "red", "orange"], "dandelion": ["yellow", "white"],
            "fritillary": ["purple", "white", "red", "pink"], "lily-valley": ["white"],
            "rose": ["white", "yellow", "orange", "red", "pink"], "sunflower": ["yellow", "orange", "red"],
            "tigerlily": ["orange"], "tulip": ["white", "yellow", "orange", "red", "pink", "purple"],
            "windflower": ["white", "pink", "purple"]}
PROMPTS = ["red tulip", "yellow tulip", "white daisy", "yellow sunflower", "pink rose", "red rose", "purple iris",
           "orange tigerlily"]

# --------------------------------------------------------------------------- photos and words


def colour_word(photo, kind):
    """The colour of the flower in uint8 [3,H,W]: what is not green, brown or dark, counted most in the middle."""
    small = np.asarray(Image.fromarray(photo.permute(1, 2, 0).numpy()).resize((20, 20), Image.BOX)) / 255.0
    y, x = np.mgrid[-1:1:20j, -1:1:20j]
    near = np.exp(-2.5 * (x * x + y * y))
    counts = dict.fromkeys(COLOURS, 0.0)
    for (r, g, b), weight in zip(small.reshape(-1, 3), near.reshape(-1)):
        hue, saturation, value = colorsys.rgb_to_hsv(r, g, b)
        hue *= 360
        if value > 0.68 and saturation < 0.16:
            counts["white"] += 0.5 * weight
        elif value > 0.5 and 0.14 < saturation < 0.4 and (hue >= 225 or hue < 15):
            counts["purple" if 225 <= hue < 310 else "pink"] += 0.5 * weight
        elif value < 0.25 or saturation < 0.28 or 64 <= hue < 185:
            continue
        elif hue < 12 or hue >= 345:
            counts["pink" if saturation < 0.55 and value > 0.6 else "red"] += weight * saturation
        elif hue < 36:
            counts["orange"] += weight * saturation * (0.3 if value < 0.6 else 1)
        elif hue < 64:
            counts["yellow"] += weight * saturation * (0.2 if value < 0.5 else 1)
        elif hue < 245:
            counts["blue"] += weight * saturation
        elif hue < 300:
            counts["purple"] += weight * saturation
        else:
            counts["pink"] += weight * saturation
    return max(POSSIBLE.get(kind, COLOURS), key=counts.get)


def read_photos(path, size):
    """uint8 [N,3,size,size], and the kind of each."""
    photos, kinds = [], []
    with tarfile.open(path) as tar:
        for member in sorted(tar.getmembers(), key=lambda member: member.name):
            if not member.isfile() or not member.name.lower().endswith((".jpg", ".jpeg", ".png")):
                continue
            image = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            image = image.crop((left, top, left + side, top + side)).resize((size, size), Image.LANCZOS)
            photos.append(torch.from_numpy(np.array(image)).permute(2, 0, 1))
            kinds.append(pathlib.PurePath(member.name).parts[-2])
    return torch.stack(photos), kinds


class Words:
    """Word 0 stands for nothing; then colours, then names of kinds."""

    def __init__(self, kinds):
        self.names = {kind: NAMES.get(kind, [[kind]]) for kind in sorted(set(kinds))}
        words = sorted({word for names in self.names.values() for name in names for word in name})
        self.list = ["<end>", *COLOURS, *words]
        self.index = {word: i for i, word in enumerate(self.list)}

    def ids(self, prompt):
        return [self.index[word] for word in prompt.lower().split() if word in self.index]

    def bag(self, rows, device):
        """[N,V] counts."""
        counts = torch.zeros(len(rows), len(self.list))
        for i, row in enumerate(rows):
            for word in row:
                counts[i, word] += 1
        return counts.to(device)


# --------------------------------------------------------------------------- the net


class Block(nn.Module):
    """Residual block; the condition scales and shifts after the second normalisation."""

    def __init__(self, inputs, outputs, condition):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(8, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.condition = nn.Linear(condition, 2 * outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, condition):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.condition(condition)[:, :, None, None].chunk(2, 1)
        return self.skip(x) + self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))


class Attention(nn.Module):
    """Every place looks at every other; heads of 32 channels."""

    def __init__(self, width):
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.all, self.out = nn.Conv2d(width, 3 * width, 1), nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        n, width, height, columns = x.shape
        query, key, value = self.all(self.norm(x)).view(n, 3, width // 32, 32, -1).transpose(3, 4).unbind(1)
        heard = F.scaled_dot_product_attention(query, key, value).transpose(2, 3).reshape(n, width, height, columns)
        return x + self.out(heard)


class Net(nn.Module):
    """(x [N,3,S,S], t [N] 0..1, words [N,V]) -> velocity [N,3,S,S]; t 0 is noise, 1 the picture (-1..1)."""

    def __init__(self, words, widths, blocks=2, condition=256):
        super().__init__()
        self.widths, self.blocks = list(widths), blocks
        self.words = nn.Linear(words, condition, bias=False)
        self.time = nn.Sequential(nn.Linear(128, condition), nn.SiLU(), nn.Linear(condition, condition))
        self.first = nn.Conv2d(12, widths[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        width, skips = widths[0], []
        for level, outputs in enumerate(widths):
            for _ in range(blocks):
                self.down.append(Block(width, outputs, condition))
                width = outputs
                skips.append(width)
            self.down.append(Attention(width) if level >= len(widths) - 2 else nn.Identity())
        self.middle = nn.ModuleList([Block(width, width, condition), Attention(width), Block(width, width, condition)])
        for level, outputs in reversed(list(enumerate(widths))):
            for _ in range(blocks):
                self.up.append(Block(width + skips.pop(), outputs, condition))
                width = outputs
            self.up.append(Attention(width) if level >= len(widths) - 2 else nn.Identity())
        self.norm, self.last = nn.GroupNorm(8, width), nn.Conv2d(width, 12, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x, t, words):
        angles = 1000 * t[:, None] * torch.exp(-math.log(10000) / 64 * torch.arange(64, device=x.device))
        condition = F.silu(self.time(torch.cat([angles.cos(), angles.sin()], 1)) + self.words(words))
        x = self.first(F.pixel_unshuffle(x, 2))
        skips, down, up = [], iter(self.down), iter(self.up)
        for level in range(len(self.widths)):
            if level:
                x = F.avg_pool2d(x, 2)
            for _ in range(self.blocks):
                x = next(down)(x, condition)
                skips.append(x)
            x = skips[-1] = next(down)(x)
        x = self.middle[2](self.middle[1](self.middle[0](x, condition)), condition)
        for level in reversed(range(len(self.widths))):
            for _ in range(self.blocks):
                x = next(up)(torch.cat([x, skips.pop()], 1), condition)
            x = next(up)(x)
            if level:
                x = F.interpolate(x, scale_factor=2, mode="nearest")
        return F.pixel_shuffle(self.last(F.silu(self.norm(x))), 2)


@torch.no_grad()
def sample(net, noise, words, steps, guidance):
    """Euler steps from noise to pictures; away from what the net would paint without words."""
    x, nothing = noise, torch.zeros_like(words)
    for i in range(steps):
        t = torch.full((len(x),), i / steps, device=x.device)
        with_words, without = net(torch.cat([x, x]), torch.cat([t, t]), torch.cat([words, nothing])).float().chunk(2)
        x = x + (without + guidance * (with_words - without)) / steps
    return x.clamp(-1, 1)


# --------------------------------------------------------------------------- files


def write_safetensors(path, tensors, metadata):
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.detach().cpu().contiguous().numpy().astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(path + ".part", path)
    return 8 + len(text) + offset


def write_sheet(path, pictures, columns):
    """[N,3,S,S] -1..1."""
    side = pictures.shape[2]
    sheet = Image.new("RGB", (columns * (side + 4), -(-len(pictures) // columns) * (side + 4)), "white")
    for i, picture in enumerate(((pictures + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()):
        sheet.paste(Image.fromarray(picture), (i % columns * (side + 4) + 2, i // columns * (side + 4) + 2))
    sheet.save(path)


# --------------------------------------------------------------------------- training


def batches(photos, labels, words, args, rng, device):
    """Pictures -1..1 and bags of words for ever; each kind as often as the square root of its photos."""
    kinds, counts = np.unique([kind for kind, _ in labels], return_counts=True)
    count = dict(zip(kinds, counts))
    chance = np.array([count[kind] ** -0.5 for kind, _ in labels])
    chance /= chance.sum()
    while True:
        chosen = rng.choice(len(labels), args.batch, p=chance)
        rows = []
        for i in chosen:
            kind, colour = labels[i]
            row = []
            if rng.random() >= args.wordless:
                if rng.random() >= 0.15:
                    row.append(words.index[colour])
                if rng.random() >= 0.08 or not row:
                    names = words.names[kind]
                    row += [words.index[word] for word in names[rng.integers(len(names))]]
            rows.append(row)
        x = photos[torch.from_numpy(chosen)].to(device, non_blocking=True).float() / 127.5 - 1
        x = torch.where((torch.rand(len(x), 1, 1, 1, device=device) < 0.5), x.flip(3), x)
        yield x, words.bag(rows, device)


def train(args):
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    photos, kinds = read_photos(args.photos, args.size)
    words = Words(kinds)
    labels = [(kind, colour_word(photo, kind)) for kind, photo in zip(kinds, photos)]
    if args.colours:
        for colour in COLOURS:
            own = [i for i, (_, found) in enumerate(labels) if found == colour]
            print(colour, len(own))
            if own:
                some = photos[rng.choice(own, min(60, len(own)), replace=False)].float() / 127.5 - 1
                write_sheet(f"{args.colours}-{colour}.png", some, 12)
        return
    layout = torch.channels_last if device.type == "cuda" else torch.contiguous_format
    net = Net(len(words.list), args.widths).to(device, memory_format=layout)
    averaged = Net(len(words.list), args.widths).to(device).eval().requires_grad_(False)
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, betas=(0.9, 0.99), weight_decay=0.01)
    step, seconds, state = 0, 0.0, args.out + ".state"
    if os.path.exists(state):
        kept = torch.load(state, map_location=device, weights_only=True)
        net.load_state_dict(kept["net"])
        averaged.load_state_dict(kept["averaged"])
        optimiser.load_state_dict(kept["optimiser"])
        step, seconds = kept["step"], kept["seconds"]
    painter = torch.compile(net) if args.compile else net
    metadata = {"architecture": "flower-flow", "words": " ".join(words.list), "size": str(args.size),
                "widths": " ".join(map(str, args.widths)), "steps": str(args.steps), "guidance": str(args.guidance),
                "licence": "Apache-2.0"}
    begun, losses = time.time() - seconds, []

    def report():
        size = write_safetensors(args.out, averaged.state_dict(), {**metadata, "trained_steps": str(step)})
        generator = torch.Generator().manual_seed(100)
        noise = torch.randn(len(PROMPTS) * 5, 3, args.size, args.size, generator=generator).to(device)
        bags = words.bag([words.ids(prompt) for prompt in PROMPTS for _ in range(5)], device)
        start = time.time()
        pictures = torch.cat([sample(averaged, n, b, args.steps, args.guidance)
                              for n, b in zip(noise.split(5), bags.split(5))])
        write_sheet(str(pathlib.Path(args.out).with_suffix(".png")), pictures, 5)
        torch.save({"net": net.state_dict(), "averaged": averaged.state_dict(), "optimiser": optimiser.state_dict(),
                    "step": step, "seconds": time.time() - begun}, state + ".part")
        os.replace(state + ".part", state)
        print(json.dumps({"step": step, "seconds": round(time.time() - begun),
                          "loss": round(float(np.mean(losses or [0])), 5),
                          "megabytes": round(size / 1e6, 2), "parameters": sum(p.numel() for p in net.parameters()),
                          "seconds_per_picture": round((time.time() - start) / len(pictures), 3)}), flush=True)
        losses.clear()

    for x, bag in batches(photos, labels, words, args, rng, device):
        done = max((time.time() - begun) / 3600 / args.hours, step / args.max_steps)
        if step % args.every == 0 or done >= 1:
            report()
        if done >= 1:
            return
        for group in optimiser.param_groups:
            group["lr"] = args.rate * min(1, (step + 1) / 500) * (0.05 + 0.95 * (0.5 + 0.5 * math.cos(math.pi * done)))
        noise = torch.randn_like(x)
        t = torch.sigmoid(torch.randn(len(x), device=device))
        mixed = torch.lerp(noise, x, t[:, None, None, None]).contiguous(memory_format=layout)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or args.bfloat16):
            velocity = painter(mixed, t, bag)
        loss = F.mse_loss(velocity.float(), x - noise)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        share = min(0.9995, (step + 1) / (step + 10))
        with torch.no_grad():
            for mean, value in zip(averaged.state_dict().values(), net.state_dict().values()):
                mean.lerp_(value, 1 - share)
        if step % 50 == 0 or device.type == "cpu":
            losses.append(loss.item())
        step += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--photos", required=True, help="tar of photos in folders called after their kind")
    add("--out", required=True, help="the .safetensors to write")
    add("--size", type=int, default=128, help="side of the pictures; a multiple of 2 to the number of widths")
    add("--widths", type=int, nargs="+", default=[64, 128, 160, 192],
        help="channels from level to level, multiples of 32")
    add("--hours", type=float, default=math.inf, help="stop after so much time")
    add("--max-steps", type=float, default=math.inf, help="stop after so many steps")
    add("--batch", type=int, default=128)
    add("--rate", type=float, default=4e-4, help="AdamW's step; warmed up, then cosine decay")
    add("--wordless", type=float, default=0.1, help="share of pictures shown without words")
    add("--steps", type=int, default=12, help="of sampling; written into the file")
    add("--guidance", type=float, default=2.5, help="how closely words are followed; written into the file")
    add("--every", type=int, default=2000, help="steps between reports")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=2)
    add("--bfloat16", action="store_true", help="on a processor too: faster where it has AVX512-BF16 or AMX")
    add("--compile", action="store_true", help="torch.compile: faster on a GPU after some minutes")
    add("--colours", metavar="PREFIX", help="only write sheets PREFIX-COLOUR.png of what each colour word is taken for")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if math.isinf(min(args.hours, args.max_steps)) and not args.colours:
        parser.error("--hours or --max-steps")
    train(args)


if __name__ == "__main__":
    main()
