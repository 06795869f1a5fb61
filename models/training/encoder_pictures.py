# SPDX-License-Identifier: Apache-2.0
"""What train_encoder.py looks at: crops of photos and paintings, disturbed, and pictures half-way through Neural Style.

    crops = Crops(photos, paintings, sizes=(96, 128, 160), size_of_batch=8, painted=0.25, rng=rng)
    pictures = crops.batch(encoder)    # [N,3,size,size], R'G'B' about 0..1

An encoder that has seen photos only has blind spots, and an optimiser finds them: its picture would satisfy the
pupil and not the teacher.  So a share of each batch are canvases, on which Neural Style takes a step with `encoder`
each time they are looked at.
"""
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from train_slim import STYLE_LAYERS, as_tensor, relative, statistics, style_loss


def read_paintings(folder, largest):
    """{file name: uint8 [3,H,W]}, the short side `largest` at most."""
    paintings = {}
    for name in sorted(os.listdir(folder)):
        if name.lower().endswith((".jpg", ".jpeg", ".png")):
            image = Image.open(os.path.join(folder, name)).convert("RGB")
            ratio = min(1, largest / min(image.size))
            image = image.resize([round(n * ratio) for n in image.size], Image.LANCZOS)
            paintings[name] = as_tensor(image)[0].byte()
    return paintings


def cut(picture, size, rng):
    """A random square, at most a little enlarged, half of them mirrored: [1,3,size,size], 0..1."""
    height, width = picture.shape[1:]
    short = min(height, width)
    side = int(math.exp(rng.uniform(math.log(min(0.7 * size, short)), math.log(short))))
    y, x = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = picture[None, :, y:y + side, x:x + side].float() / 255
    square = F.interpolate(square, (size, size), mode="bilinear", antialias=True, align_corners=False)
    return square.flip(3) if rng.random() < 0.5 else square


def noise(size, rng):
    """Coloured noise of a random grain."""
    grain = int(rng.choice([1, 1, 2, 4, 8]))
    field = F.interpolate(torch.randn(1, 3, -(-size // grain), -(-size // grain)), (size, size), mode="bicubic")
    return torch.rand(1, 3, 1, 1) + float(rng.uniform(0.05, 0.4)) * field


def disturb(square, rng):
    """Pictures on their way to a painting are no photos: odd colours, grain, too much or too little contrast."""
    if rng.random() < 0.35:
        mix = torch.eye(3) + 0.25 * torch.randn(3, 3)
        square = torch.einsum("ij,njhw->nihw", mix, square - 0.5) + 0.5 + 0.1 * torch.randn(1, 3, 1, 1)
    if rng.random() < 0.15:
        square = square.clamp(0, 1) ** float(math.exp(rng.uniform(-0.8, 0.8)))
    if rng.random() < 0.3:
        square = square + float(rng.uniform(0.01, 0.2)) * torch.randn_like(square)
    return square.clamp(-0.1, 1.1)


class Canvas:
    """A picture that Neural Style is painting, one step of Adam at a time."""

    def __init__(self, encoder, content, style, rng):
        with torch.no_grad():
            features = encoder(style)
            self.style = {name: statistics(features[name]) for name in STYLE_LAYERS}
            self.content = encoder(content)["relu4_2"]
        self.keep = float(math.exp(rng.uniform(math.log(0.003), math.log(0.3))))  # weight of the content
        self.pixels = content.clone() if rng.random() < 0.8 else torch.rand_like(content)
        self.rate = float(rng.uniform(0.01, 0.04))
        self.first, self.second = torch.zeros_like(content), torch.zeros_like(content)
        self.steps, self.last = 0, int(rng.integers(30, 100))

    def paint(self, encoder):
        pixels = self.pixels.requires_grad_(True)
        features = encoder(pixels)
        loss = style_loss(features, self.style) + self.keep * relative(features["relu4_2"], self.content)
        gradient, = torch.autograd.grad(loss, pixels)
        with torch.no_grad():
            self.steps += 1
            self.first.lerp_(gradient, 0.1)
            self.second.lerp_(gradient.square(), 0.01)
            size = (self.second / (1 - 0.99 ** self.steps)).sqrt() + 1e-12
            self.pixels = (pixels - self.rate / (1 - 0.9 ** self.steps) * self.first / size).clamp(0, 1)
        return self.pixels

    def done(self):
        return self.steps >= self.last


class Crops:
    def __init__(self, photos, paintings, sizes, size_of_batch, painted, rng):
        """`size_of_batch` crops of 128 pixels, more of smaller ones; the share `painted` of them are canvases."""
        self.photos, self.paintings, self.rng = photos, paintings, rng
        self.sizes, self.count, self.painted = sizes, size_of_batch, painted
        self.canvases = {size: [] for size in sizes}

    def photo(self, size):
        return cut(self.photos[self.rng.integers(len(self.photos))], size, self.rng)

    def painting(self, size):
        return cut(self.paintings[self.rng.integers(len(self.paintings))], size, self.rng)

    def crop(self, size):
        kind = self.rng.random()
        if kind < 0.45:
            square = self.photo(size)
        elif kind < 0.8:
            square = self.painting(size)
        elif kind < 0.93:
            share = float(self.rng.uniform(0.2, 0.8))
            square = share * self.photo(size) + (1 - share) * self.painting(size)
        else:
            square = noise(size, self.rng)
        return disturb(square, self.rng)

    def canvas(self, size, encoder):
        shelf = self.canvases[size]
        if len(shelf) < 8:
            shelf.append(Canvas(encoder, self.photo(size), self.painting(size), self.rng))
        chosen = int(self.rng.integers(len(shelf)))
        pixels = shelf[chosen].paint(encoder)
        if shelf[chosen].done():
            shelf.pop(chosen)
        return pixels

    def batch(self, encoder=None):
        size = int(self.rng.choice(self.sizes))
        count = max(2, round(self.count * (128 / size) ** 2))
        painted = round(count * self.painted) if encoder else 0
        pictures = torch.cat([self.canvas(size, encoder) for _ in range(painted)] +
                             [self.crop(size) for _ in range(count - painted)])
        return pictures[torch.from_numpy(self.rng.permutation(count))]
