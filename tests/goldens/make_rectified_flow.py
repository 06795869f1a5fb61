#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write rectified_flow.safetensors: what models/training/train_flowers.py itself paints with a net of given weights.

    python3 make_rectified_flow.py          # needs torch, numpy and Pillow

The weights are not stored but follow from numbers that tests make again, see `spread`: tensor NUMBER of the layout is
base + scale * spread(NUMBER), rounded to float16 as trained files are. The file holds the layout (one line a tensor:
name base scale shape…), the file's own metadata, and as float32 tensors the noise, the pictures and one velocity.
"""
import math
import pathlib
import sys

import numpy as np
import torch

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "support"), str(here.parent.parent / "models/training")]
import train_flowers  # noqa: E402
from safetensors_file import write_tensors  # noqa: E402

SIZE, WIDTHS, BLOCKS, CONDITION, STEPS, GUIDANCE = 16, [32, 32, 64], 2, 64, 4, 2.5
WORDS = ["<end>", "white", "red", "lily", "tulip", "valley"]
PROMPTS = ["red tulip", "white lily valley"]


def spread(number, count):
    """Uniform numbers -1..1 by SplitMix64 of the tensor's number and each place: the same everywhere."""
    x = (np.uint64(number << 32) + np.arange(count, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**52 - 1


def base_and_scale(name, tensor):
    if tensor.dim() > 1:
        return 0, round(math.sqrt(3 / tensor[0].numel()), 6)
    return int("norm" in name and name.endswith("weight")), 0.2


def main():
    torch.set_num_threads(1)
    net = train_flowers.Net(len(WORDS), WIDTHS, BLOCKS, CONDITION).eval().requires_grad_(False)
    layout = []
    with torch.no_grad(), np.errstate(over="ignore"):
        for number, (name, tensor) in enumerate(net.state_dict().items()):
            base, scale = base_and_scale(name, tensor)
            values = base + scale * spread(number, tensor.numel())
            tensor.copy_(torch.from_numpy(values.astype(np.float32)).half().float().view_as(tensor))
            layout.append(" ".join(map(str, [name, base, scale, *tensor.shape])))
    index = {word: i for i, word in enumerate(WORDS)}
    bags = torch.zeros(len(PROMPTS), len(WORDS))
    for row, prompt in enumerate(PROMPTS):
        for word in prompt.split():
            bags[row, index[word]] += 1
    noise = torch.cat([torch.randn(1, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))
                       for seed in (100, 101)])
    with torch.no_grad():
        velocity = net(noise, torch.tensor([0.25, 0.25]), bags)
    pictures = train_flowers.sample(net, noise, bags, STEPS, GUIDANCE)
    metadata = {"architecture": "flower-flow", "words": " ".join(WORDS), "size": str(SIZE),
                "widths": " ".join(map(str, WIDTHS)), "steps": str(STEPS), "guidance": str(GUIDANCE),
                "layout": "\n".join(layout), "prompts": "\n".join(PROMPTS), "seeds": "100 101",
                "parameters": str(sum(p.numel() for p in net.parameters()))}
    write_tensors(here / "rectified_flow.safetensors", {"velocity": velocity, "pictures": pictures}, metadata)
    print(f"velocities of {velocity.std():.3f}, {(pictures.abs() == 1).float().mean():.1%} of the pictures at an end")


if __name__ == "__main__":
    main()
