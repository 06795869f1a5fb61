#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train one 'Fast Style' slim net (28,270 weights) from a single painting, on a plain CPU.

    python3 train_slim.py --photos photos.tar --painting painting.jpg --vgg vgg19-16x.safetensors \\
                          --out great-wave.safetensors --hours 1

The net (4/8/16 channels, five residual blocks) is taught by a frozen VGG19: its picture should have
the photo's features (content) and the painting's feature statistics (style).  Needs torch, numpy and
Pillow.  The file written holds Variable_0 .. Variable_47: weight, shift and scale of each layer.
While it trains, OUT is rewritten at every report, so a run can be looked at or cut short at any time.
make_entry.py then draws a contact sheet and writes the catalogue entry.
"""
import argparse
import io
import json
import math
import struct
import tarfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

# --------------------------------------------------------------------------- files


def read_safetensors(path):
    """All tensors of a .safetensors file as float32."""
    kinds = {"F32": np.float32, "F16": np.float16}
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            array = np.frombuffer(data[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(array.astype(np.float32))
    return tensors


def write_safetensors(path, tensors, metadata):
    """Write float32 tensors in the given order."""
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def as_tensor(image):
    """PIL image -> [1,3,H,W], 0..255."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)[None].float()


def as_image(tensor):
    return Image.fromarray(tensor[0].clamp(0, 255).round().byte().permute(1, 2, 0).numpy())


def read_photos(path):
    """Every picture of a tar file, as uint8 [3,H,W]."""
    photos = []
    with tarfile.open(path) as tar:
        for member in sorted(tar.getmembers(), key=lambda member: member.name):
            if member.isfile() and member.name.lower().endswith((".jpg", ".jpeg", ".png")):
                image = Image.open(io.BytesIO(tar.extractfile(member).read()))
                photos.append(as_tensor(image)[0].byte())
    return photos


def cut(photo, size, rng):
    """A random square of the photo, half of them mirrored, brought to size x size."""
    height, width = photo.shape[1:]
    short = min(height, width)
    side = int(math.exp(rng.uniform(math.log(0.5 * short), math.log(short))))
    y, x = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = photo[None, :, y:y + side, x:x + side].float()
    square = F.interpolate(square, (size, size), mode="bilinear", antialias=True, align_corners=False)
    return square.flip(3) if rng.random() < 0.5 else square


# --------------------------------------------------------------------------- the net

RESIDUAL = [("conv", 16, 16, 3, 1, True), ("conv", 16, 16, 3, 1, False)]
LAYERS = [("conv", 3, 4, 9, 1, True), ("conv", 4, 8, 3, 2, True), ("conv", 8, 16, 3, 2, True), *RESIDUAL * 5,
          ("up", 16, 8, 3, 2, True), ("up", 8, 4, 3, 2, True), ("conv", 4, 3, 9, 1, False)]
FIRST_RESIDUAL, AFTER_RESIDUAL = 3, 13


def same_padding(x, kernel, stride):
    """TensorFlow's SAME: zeros, the odd one at the right and the bottom."""
    pads = []
    for n in (x.shape[3], x.shape[2]):
        total = max((math.ceil(n / stride) - 1) * stride + kernel - n, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads) if any(pads) else x


class SlimNet(torch.nn.Module):
    """Photo 0..255 -> picture 0..255 (a little beyond at the extremes)."""

    def __init__(self):
        super().__init__()
        variables = []
        for kind, inputs, outputs, kernel, _, relu in LAYERS:
            if kind == "conv":
                weight = torch.randn(outputs, inputs, kernel, kernel) / math.sqrt(inputs * kernel * kernel)
            else:  # start as smooth enlargement of mixed channels, so that no checkerboard has to be unlearnt
                tent = torch.tensor([0.5, 1.0, 0.5])
                weight = torch.randn(inputs, outputs, 1, 1) / math.sqrt(inputs) * torch.outer(tent, tent)
            # ReLU'd branches start at full scale, residual branches quietly
            scale = 1.0 if relu else 0.3
            variables += [weight, torch.zeros(1, outputs, 1, 1), torch.full((1, outputs, 1, 1), scale)]
        self.variables = torch.nn.ParameterList(variables)

    def layer(self, index, x):
        kind, _, _, kernel, stride, relu = LAYERS[index]
        weight, shift, scale = self.variables[3 * index:3 * index + 3]
        if kind == "conv":
            x = F.conv2d(same_padding(x, kernel, stride), weight, stride=stride)
        else:
            x = F.conv_transpose2d(x, weight, stride=stride)[:, :, :-1, :-1]
        x = F.instance_norm(x, weight=scale.flatten(), bias=shift.flatten(), eps=1e-3)
        return F.relu(x) if relu else x

    def forward(self, x):
        for index in range(FIRST_RESIDUAL):
            x = self.layer(index, x)
        for index in range(FIRST_RESIDUAL, AFTER_RESIDUAL, 2):
            x = x + self.layer(index + 1, self.layer(index, x))
        for index in range(AFTER_RESIDUAL, len(LAYERS)):
            x = self.layer(index, x)
        return torch.tanh(x) * 150 + 127.5

    def save(self, path, metadata):
        write_safetensors(path, {f"Variable_{i}": v for i, v in enumerate(self.variables)}, metadata)

    def load(self, path):
        tensors = read_safetensors(path)
        with torch.no_grad():
            for i, variable in enumerate(self.variables):
                variable.copy_(tensors[f"Variable_{i}"])


# --------------------------------------------------------------------------- the losses

LOSSES = ["content", "style", "rough", "calm", "edge", "grid", "tone"]
EDGE = 16
STYLE_LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]


class Vgg(torch.nn.Module):
    """VGG19 up to relu5_1 in torchvision's names; the channel counts come from the file."""

    def __init__(self, path):
        super().__init__()
        tensors = read_safetensors(path)
        self.steps, block, number = [], 1, 1
        for index in range(29):
            if f"features.{index}.weight" in tensors:
                self.steps.append((f"relu{block}_{number}", tensors[f"features.{index}.weight"],
                                   tensors[f"features.{index}.bias"]))
                number += 1
            elif index in (4, 9, 18, 27):
                self.steps.append(("pool", None, None))
                block, number = block + 1, 1
        mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        # (x / 255 - mean) / std folded into the first convolution; replicated edges keep this exact at the border
        name, weight, bias = self.steps[0]
        bias = bias - (weight * (mean / std)).sum((1, 2, 3))
        self.steps[0] = (name, weight / (255 * std), bias)

    def forward(self, x, last="relu5_1"):
        features = {}
        for name, weight, bias in self.steps:
            if name == "pool":
                x = F.max_pool2d(x, 2)
            else:
                first = name == "relu1_1"
                if first:
                    x = F.pad(x, (1, 1, 1, 1), mode="replicate")
                x = F.relu(F.conv2d(x, weight, bias, padding=0 if first else 1))
                features[name] = x
                if name == last:
                    return features


def statistics(feature):
    """Gram matrix, channel means and deviations."""
    flat = feature.flatten(2)
    gram = flat @ flat.transpose(1, 2) / flat.shape[2]
    mean = flat.mean(2)
    return gram, mean, (gram.diagonal(dim1=1, dim2=2) - mean * mean).clamp_min(1e-6).sqrt()


def relative(value, target):
    """Squared distance in units of the target's own size, so that no painting needs its own weights."""
    return ((value - target) ** 2).flatten(1).sum(1).mean() / (target ** 2).flatten(1).sum(1).mean()


def style_loss(features, painting):
    total = 0
    for name in STYLE_LAYERS:
        gram, mean, deviation = (relative(a, b) for a, b in zip(statistics(features[name]), painting[name]))
        total = total + gram + 0.3 * (mean + deviation)
    return total / len(STYLE_LAYERS)


def roughness(photo, result):
    """Squared steps between neighbours: everywhere, and where the photo itself is flat (a sky wants no ripple)."""
    rough = calm = 0
    for axis in (2, 3):
        step, photo_step = torch.diff(result, dim=axis) / 255, torch.diff(photo, dim=axis) / 255
        flat = torch.exp(-(photo_step ** 2).mean(1, keepdim=True) / 0.02 ** 2)
        rough = rough + (step ** 2).mean()
        calm = calm + (step ** 2 * flat).mean()
    return rough, calm


def border_change(result, beyond):
    """Squared difference in a border of EDGE pixels."""
    border = torch.ones_like(result[:1, :1])
    border[:, :, EDGE:-EDGE, EDGE:-EDGE] = 0
    return (((result - beyond) / 255) ** 2 * border).sum() / border.sum() / len(result)


def mesh(result):
    """Transposed convolutions like to weave a 4 x 4 mesh: within 32 x 32 pixels all 16 phases should agree."""
    phases = F.avg_pool2d(F.pixel_unshuffle(result / 255, 4), 8).unflatten(1, (3, 16))
    return phases.var(2, unbiased=False).mean()


def brightness(picture):
    """Brightness of 8 x 8 pixel blocks, mean 0 and deviation 1."""
    blocks = F.avg_pool2d(picture.mean(1), 8).flatten(1)
    blocks = blocks - blocks.mean(1, keepdim=True)
    return blocks / blocks.square().mean(1, keepdim=True).add(1).sqrt()


def losses(vgg, net, photo, painting, content_layers):
    """All of LOSSES, unweighted."""
    result = net(photo)
    features = vgg(result)
    with torch.no_grad():
        wanted = vgg(photo, max(content_layers))
        # what the border looks like when the photo goes on beyond it: the net must not draw a frame
        beyond = net(F.pad(photo, (EDGE,) * 4, mode="reflect"))[:, :, EDGE:-EDGE, EDGE:-EDGE]
    content = sum(relative(features[name], wanted[name]) for name in content_layers) / len(content_layers)
    # light stays light and dark stays dark: one minus the correlation, seen from afar
    tone = 1 - (brightness(photo) * brightness(result)).mean()
    return torch.stack([content, style_loss(features, painting), *roughness(photo, result),
                        border_change(result, beyond), mesh(result), tone])


# --------------------------------------------------------------------------- training


def train(args):
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    vgg, net = Vgg(args.vgg), SlimNet()
    if args.init:
        net.load(args.init)
    image = Image.open(args.painting).convert("RGB")
    ratio = args.painting_size / min(image.size)
    image = image.resize([max(16, round(n * ratio)) for n in image.size], Image.LANCZOS)
    with torch.no_grad():
        features = vgg(as_tensor(image))
        painting = {name: statistics(features[name]) for name in STYLE_LAYERS}
    photos = read_photos(args.photos)
    held_out, photos = photos[:args.held_out], photos[args.held_out:]
    optimiser = torch.optim.Adam(net.parameters(), args.rate, betas=(0.9, 0.99))
    metadata = {"architecture": "slim style net, 4/8/16 channels, Variable_0.. = weight, shift, scale per layer",
                "title": args.title, "licence": "Apache-2.0"}

    weights = torch.tensor([1, args.style, args.rough, args.calm, args.edge, args.grid, args.tone])

    def report():
        """Losses on photos the net has never seen."""
        check = np.random.default_rng(0)
        with torch.no_grad():
            parts = torch.zeros(len(LOSSES))
            for photo in held_out:
                x = cut(photo, args.size, check)
                parts += losses(vgg, net, x, painting, args.content) / len(held_out)
        net.save(args.out, metadata)
        entry = {"samples": samples, "seconds": round(time.time() - start),
                 **{name: round(part, 6) for name, part in zip(LOSSES, parts.tolist())}}
        print(json.dumps(entry), flush=True)

    samples, step, start = 0, 0, time.time()
    next_report = 0
    while True:
        done = max((time.time() - start) / 3600 / args.hours, samples / args.samples)
        if step == next_report or done >= 1:
            report()
            next_report = step + args.every
        if done >= 1:
            break
        rate = args.rate * min(1, (step + 1) / 100) * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        x = torch.cat([cut(photos[rng.integers(len(photos))], args.size, rng) for _ in range(args.batch)])
        loss = weights @ losses(vgg, net, x, painting, args.content)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step, samples = step + 1, samples + args.batch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--photos", required=True, help="tar of photos")
    add("--painting", required=True, help="picture of the painting")
    add("--painting-size", type=int, default=512, help="short side it is brought to; larger = larger brush")
    add("--vgg", required=True, help="VGG19 weights, .safetensors with torchvision's names")
    add("--out", required=True, help="the .safetensors to write")
    add("--title", default="untitled")
    add("--init", help="start from these weights")
    add("--hours", type=float, default=math.inf, help="stop after so much time")
    add("--samples", type=float, default=math.inf, help="stop after so many photo crops")
    add("--seed", type=int, default=1)
    add("--size", type=int, default=256, help="side of the crops")
    add("--batch", type=int, default=4)
    add("--rate", type=float, default=3e-3, help="Adam's step; warmed up, then cosine decay")
    add("--content", nargs="+", default=["relu3_3"], help="layers that keep the photo's shapes")
    add("--style", type=float, default=8, help="weight of the style loss (content is 1)")
    add("--rough", type=float, default=0.1, help="weight of total variation")
    add("--calm", type=float, default=3, help="weight of total variation where the photo is flat")
    add("--edge", type=float, default=10, help="weight against a frame at the border")
    add("--grid", type=float, default=200, help="weight against a mesh of 4 x 4 pixels")
    add("--tone", type=float, default=0.3, help="weight that keeps light light and dark dark")
    add("--held-out", type=int, default=20, help="photos kept back for the reports")
    add("--every", type=int, default=200, help="steps between reports")
    add("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if math.isinf(min(args.hours, args.samples)):
        parser.error("--hours or --samples")
    train(args)


if __name__ == "__main__":
    main()
