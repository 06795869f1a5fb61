#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Distil a small VGG19-shaped encoder (conv1_1 .. conv5_1) for Neural Style from VGG19 files, on a plain CPU.

    python3 train_encoder.py --photos photos.tar --paintings FOLDER --narrow vgg19-16x.safetensors \\
                             --wide vgg19-conv3_1.safetensors --out pinxit-small.safetensors --hours 1

Weights start random.  Two frozen teachers show what each ReLU should tell: `wide` (full width, as far as it goes)
at relu1_1 .. relu3_1, `narrow` at all thirteen.  Style losses compare second-order statistics of features, so the
pupil must not only know what the teacher knows (a linear map finds the teacher's features in the pupil's; the maps
are thrown away) but also weigh it alike: scalar products between the features of any two places should agree.
OUT (fp16, torchvision's names) is rewritten at every report.  Needs torch, numpy and Pillow.
"""
import argparse
import hashlib
import json
import math
import os
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F

from encoder_pictures import Crops, cut, read_paintings
from train_slim import STYLE_LAYERS, read_photos, read_safetensors

CONVOLUTIONS = {0: "relu1_1", 2: "relu1_2", 5: "relu2_1", 7: "relu2_2", 10: "relu3_1", 12: "relu3_2", 14: "relu3_3",
                16: "relu3_4", 19: "relu4_1", 21: "relu4_2", 23: "relu4_3", 25: "relu4_4", 28: "relu5_1"}
POOLS = (4, 9, 18, 27)
WIDTHS = [24, 16, 48, 32, 96, 64, 64, 64, 128, 128, 128, 128, 128]  # wider where style is measured
IMPORTANCE = {**dict.fromkeys(CONVOLUTIONS.values(), 0.5), **dict.fromkeys(STYLE_LAYERS, 1.0), "relu4_2": 1.0}
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class Encoder(torch.nn.Module):
    """R'G'B' 0..1 -> {relu: [N,C,H,W]}; zero padding, 2x2 max pooling."""

    def __init__(self, tensors):
        super().__init__()
        self.tensors = torch.nn.ParameterDict({name.replace(".", "_"): value for name, value in tensors.items()})

    def layer(self, index):
        return self.tensors[f"features_{index}_weight"], self.tensors[f"features_{index}_bias"]

    def forward(self, picture):
        x = ((picture - MEAN) / DEVIATION).contiguous(memory_format=torch.channels_last)
        features = {}
        for index in range(29):
            if index in POOLS:
                x = F.max_pool2d(x, 2)
            elif index in CONVOLUTIONS:
                if f"features_{index}_weight" not in self.tensors:
                    break
                weight, bias = self.layer(index)
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
                features[CONVOLUTIONS[index]] = x
        return features

    @staticmethod
    def read(path):
        return Encoder(read_safetensors(path)).requires_grad_(False)


def random_encoder(picture):
    """He's random weights, then each layer scaled so that its features of `picture` have root mean square 1."""
    tensors, inputs = {}, 3
    for index, outputs in zip(CONVOLUTIONS, WIDTHS):
        tensors[f"features.{index}.weight"] = torch.randn(outputs, inputs, 3, 3) * math.sqrt(2 / (9 * inputs))
        tensors[f"features.{index}.bias"] = torch.zeros(outputs)
        inputs = outputs
    encoder = Encoder(tensors)
    rescale(encoder, {name: 1.0 for name in IMPORTANCE}, picture)
    return encoder


@torch.no_grad()
def rescale(encoder, wanted, picture):
    """Brings the root mean square of each ReLU to the wanted one; what the net computes is the same but for scale."""
    before = 1.0
    for (index, name), feature in zip(CONVOLUTIONS.items(), encoder(picture).values()):
        factor = wanted[name] / feature.square().mean().sqrt().item()
        weight, bias = encoder.layer(index)
        weight *= factor / before
        bias *= factor
        before = factor


def write_half(path, encoder, metadata):
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for index in CONVOLUTIONS:
        for part, tensor in zip(("weight", "bias"), encoder.layer(index)):
            blob = tensor.detach().contiguous().numpy().astype("<f2").tobytes()
            header[f"features.{index}.{part}"] = {"dtype": "F16", "shape": list(tensor.shape),
                                                  "data_offsets": [offset, offset + len(blob)]}
            offset += len(blob)
            blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(path + ".part", path)


def write_entry(path):
    """model.json of the catalogue, beside the weights."""
    with open(path, "rb") as file:
        data = file.read()
    entry = {
        "pinxit": 1, "id": "pinxit-small", "kind": "vgg19", "operation": "encoder", "title": "Pinxit small encoder",
        "description": "What Neural Style sees pictures with while no larger VGG19 is installed: small, and quick.",
        "files": [{"role": "weights", "path": os.path.basename(path), "bytes": len(data),
                   "sha256": hashlib.sha256(data).hexdigest()}],
        "licence": {"id": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "source": "Trained by the Pinxit project. Teachers: VGG19 pruned 16 × (MingSun-Tse/Collaborative-Distillation, "
                  "MIT) and VGG19 to conv3_1 (Oxford VGG, normalised by bethgelab, CC-BY-4.0).",
    }
    with open(os.path.join(os.path.dirname(path), "model.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(entry, indent=2, ensure_ascii=False) + "\n")


# --------------------------------------------------------------------------- what the pupil is told


def places(feature, chosen):
    """[N,C,H,W] -> [places,C]"""
    return feature.permute(0, 2, 3, 1).flatten(0, 2)[chosen]


def disagreement(pupil, teacher):
    """How far all scalar products between places differ, plain and about the mean; 0: every Gram loss would agree."""
    total = 0
    for a, b in ((pupil, teacher), (pupil - pupil.mean(0), teacher - teacher.mean(0))):
        wanted = b @ b.T
        total = total + (a @ a.T - wanted).square().sum() / wanted.square().sum()
    return total / 2


class Lesson:
    """One ReLU of one teacher: a linear map from the pupil's features, thrown away in the end."""

    def __init__(self, teacher, name, sample, width):
        flat = sample.permute(1, 0, 2, 3).flatten(1)
        self.teacher, self.name = teacher, name
        self.mean, self.variance = flat.mean(1), flat.var(1)
        self.variance = self.variance + 1e-2 * self.variance.mean()
        self.length = flat.square().sum(0).mean().sqrt()  # of the teacher's feature vectors, root mean square
        self.map = torch.nn.Linear(width, len(flat))
        torch.nn.init.zeros_(self.map.weight)
        torch.nn.init.zeros_(self.map.bias)

    def unexplained(self, pupil, teacher):
        """Share of each channel's variance that the map does not find, mean over channels."""
        found = self.map(pupil) * self.variance.sqrt() + self.mean
        return ((found - teacher).square() / self.variance).mean()

    def losses(self, pupil, teacher, rng, count, pairs):
        total = teacher.shape[0] * teacher.shape[2] * teacher.shape[3]
        chosen = torch.from_numpy(rng.choice(total, min(total, count), replace=False))
        a, b = places(pupil[:len(teacher)], chosen), places(teacher, chosen)
        few_a, few_b = a[:pairs] / math.sqrt(a.shape[1]), b[:pairs] / self.length
        return self.unexplained(a, b), disagreement(few_a, few_b)


def train(args):
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    photos, paintings = read_photos(args.photos), read_paintings(args.paintings, args.painting_size)
    kept_paintings = [picture for name, picture in paintings.items() if any(k in name for k in args.kept_paintings)]
    paintings = [picture for name, picture in paintings.items() if not any(k in name for k in args.kept_paintings)]
    kept_photos, photos = photos[:args.kept_photos], photos[args.kept_photos:]
    check = np.random.default_rng(0)
    tests = {"photos": torch.cat([cut(photo, 160, check) for photo in kept_photos]),
             "paintings": torch.cat([cut(painting, 160, check) for painting in kept_paintings for _ in range(8)])}
    teachers = {"wide": Encoder.read(args.wide), "narrow": Encoder.read(args.narrow)}
    crops = Crops(photos, paintings, args.sizes, args.batch, args.painted, rng)
    sample = torch.cat([crops.batch()[:, :, :96, :96] for _ in range(4)])
    net = Encoder.read(args.init).requires_grad_(True) if args.init else random_encoder(sample)
    if args.init:
        rescale(net, {name: 1.0 for name in IMPORTANCE}, sample)
    width = dict(zip(CONVOLUTIONS.values(), WIDTHS))
    lessons = [Lesson(label, name, feature, width[name])
               for label, teacher in teachers.items() for name, feature in teacher(sample).items()]
    maps = torch.nn.ModuleList([lesson.map for lesson in lessons])
    if args.init and os.path.exists(args.init + ".maps"):
        maps.load_state_dict(torch.load(args.init + ".maps"))
    average = Encoder({name: p.detach().clone() for name, p in net.tensors.items()}).requires_grad_(False)
    optimiser = torch.optim.Adam([{"params": net.parameters(), "base": args.rate},
                                  {"params": maps.parameters(), "base": 2 * args.rate}], betas=(0.9, 0.99))

    @torch.no_grad()
    def report():
        entry = {"crops": seen, "seconds": round(time.process_time() - start), "loss": round(smooth, 4)}
        for label, pictures in tests.items():
            found, repeat = average(pictures), np.random.default_rng(0)
            true = {teacher: net(pictures) for teacher, net in teachers.items()}
            for lesson in lessons:
                misses, differs = lesson.losses(found[lesson.name], true[lesson.teacher][lesson.name], repeat, 1 << 14,
                                                1024)
                entry[f"{label} {lesson.teacher} {lesson.name}"] = [round(1 - misses.item(), 3),
                                                                    round(differs.item(), 4)]
        print(json.dumps(entry), flush=True)
        final = Encoder({name: p.clone() for name, p in average.tensors.items()}).requires_grad_(False)
        together = torch.cat(list(tests.values()))
        rescale(final, {name: f.square().mean().sqrt().item() for name, f in teachers["narrow"](together).items()},
                together)
        write_half(args.out, final, {
            "architecture": "VGG19 conv1_1..conv5_1, slim, torchvision names, ImageNet mean/std expected",
            "title": "Pinxit small encoder", "licence": "Apache-2.0"})
        torch.save(maps.state_dict(), args.out + ".maps")

    step, seen, smooth, start, next_report = 0, 0, 0.0, time.process_time(), args.every
    while True:
        done = (time.process_time() - start) / 3600 / args.hours
        if step == next_report or done >= 1:
            report()
            next_report = step + args.every
        if done >= 1:
            write_entry(args.out)
            break
        rate = min(1, (step + 1) / 100) * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * rate
        pictures = crops.batch(average if args.painted > 0 else None)
        with torch.no_grad():  # the wide teacher is slow and low layers are learnt soon: part of the batch is enough
            true = {"narrow": teachers["narrow"](pictures),
                    "wide": teachers["wide"](pictures[:max(1, round(args.wide_share * len(pictures)))])}
        found, loss = net(pictures), 0
        for lesson in lessons:
            misses, differs = lesson.losses(found[lesson.name], true[lesson.teacher][lesson.name], rng, 4096, 384)
            alike = args.alike if lesson.teacher == "wide" or lesson.name not in true["wide"] else 0
            loss = loss + IMPORTANCE[lesson.name] * (misses + alike * differs)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), args.clip)
        optimiser.step()
        step, seen = step + 1, seen + len(pictures)
        with torch.no_grad():
            for a, b in zip(average.parameters(), net.parameters()):
                a.lerp_(b, max(1 - args.average, 1 / (step + 1)))
        smooth += (loss.item() - smooth) * max(0.02, 1 / step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--photos", required=True, help="tar of photos")
    add("--paintings", required=True, help="folder of paintings")
    add("--narrow", required=True, help="teacher to conv5_1, .safetensors")
    add("--wide", required=True, help="teacher of full width, to conv3_1 at least")
    add("--out", required=True, help="the .safetensors to write; OUT.maps beside it serves --init")
    add("--init", help="start from these weights")
    add("--hours", type=float, required=True, help="of processor time")
    add("--seed", type=int, default=1)
    add("--sizes", type=int, nargs="+", default=[96, 128, 160], help="sides of the crops")
    add("--batch", type=int, default=8, help="crops a step, of 128 pixels; more of smaller ones")
    add("--rate", type=float, default=2e-3, help="Adam's step; warmed up, then cosine decay")
    add("--alike", type=float, default=0.5, help="weight of the scalar products")
    add("--painted", type=float, default=0.25, help="share of a batch that Neural Style is painting")
    add("--wide-share", type=float, default=0.35, help="share of a batch that the wide teacher sees")
    add("--clip", type=float, default=5.0, help="largest norm of the gradient")
    add("--average", type=float, default=0.995, help="decay of the mean of the weights that is written")
    add("--painting-size", type=int, default=600, help="largest short side of the paintings")
    add("--kept-photos", type=int, default=20, help="photos kept back for the reports")
    add("--kept-paintings", nargs="*", default=["munch", "dido"], help="parts of names of paintings kept back")
    add("--every", type=int, default=200, help="steps between reports")
    add("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train(args)


if __name__ == "__main__":
    main()
