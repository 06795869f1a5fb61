# SPDX-License-Identifier: Apache-2.0
"""Two published algorithms in plain PyTorch, as their programs run them; spoken to as neural_bench.cpp is.

usage: neural_peer.py VGG CONTENT STYLE DEVICE THREADS

classic     neural-style-pt: Gram matrices, torch.optim.LBFGS (history 100, no line search)
crowsonkb   style-transfer-pytorch: Wasserstein-2, Adam, replicate padding in conv1_1

Both take the pictures and the losses of the goldens' presets. `loss RAW` answers content and style term (without
and with weights) of the classic objective at a picture, the measure both sides are held against.
"""
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from transformernet import read_weights

LAYERS = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv3_4", "conv4_1",
          "conv4_2", "conv4_3", "conv4_4", "conv5_1"]
PLACES = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28]
POOL_BEFORE = {"conv2_1", "conv3_1", "conv4_1", "conv5_1"}
STYLE = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
CONTENT = "conv4_2"


class Vgg(torch.nn.Module):
    def __init__(self, path, replicate):
        super().__init__()
        weights = read_weights(path)
        self.mean = torch.nn.Parameter(torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), requires_grad=False)
        self.std = torch.nn.Parameter(torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), requires_grad=False)
        self.convolutions = torch.nn.ModuleDict()
        for layer, place in zip(LAYERS, PLACES):
            weight = torch.from_numpy(weights[f"features.{place}.weight"])
            mode = "replicate" if replicate and layer == "conv1_1" else "zeros"
            convolution = torch.nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1, padding_mode=mode)
            convolution.weight = torch.nn.Parameter(weight, requires_grad=False)
            convolution.bias = torch.nn.Parameter(torch.from_numpy(weights[f"features.{place}.bias"]),
                                                  requires_grad=False)
            self.convolutions[layer] = convolution

    def forward(self, x):
        found, x = {}, (x - self.mean) / self.std
        for layer in LAYERS:
            if layer in POOL_BEFORE:
                x = F.max_pool2d(x, 2)
            x = F.relu(self.convolutions[layer](x), inplace=True)
            if layer in STYLE or layer == CONTENT:
                found[layer] = x
        return found


def gram(f):
    flat = f.flatten(2)[0]
    return flat @ flat.T / f.numel()


class Classic:
    def __init__(self, vgg, content, style, device):
        self.net = Vgg(vgg, False).to(device)
        with torch.no_grad():
            self.content = self.net(content)[CONTENT].clone()
            self.grams = {layer: gram(f) for layer, f in self.net(style).items() if layer in STYLE}
        self.x = content.clone().requires_grad_(True)
        self.optimizer = torch.optim.LBFGS([self.x], lr=1, max_iter=1, history_size=100, tolerance_grad=-1,
                                           tolerance_change=-1)

    def terms(self, x):
        found = self.net(x)
        content = F.mse_loss(found[CONTENT], self.content)
        style = sum(100 * F.mse_loss(gram(found[layer]), self.grams[layer]) for layer in STYLE)
        return content, style

    def step(self):
        def closure():
            self.optimizer.zero_grad()
            content, style = self.terms(self.x)
            p = 255 * self.x
            tv = (p[..., 1:] - p[..., :-1]).abs().sum() + (p[:, :, 1:] - p[:, :, :-1]).abs().sum()
            total = 5 * content + style + 1e-3 * tv
            total.backward()
            return total
        self.optimizer.step(closure)

    def picture(self):
        return self.x.detach()


class SquareRoot(torch.autograd.Function):
    """Newton-Schulz with 12 steps; backward solves the Lyapunov equation by the same kind of iteration."""

    @staticmethod
    def forward(ctx, a):
        norm = a.norm()
        y, z, eye = a / norm, torch.eye(len(a), device=a.device, dtype=a.dtype), torch.eye(len(a), device=a.device,
                                                                                              dtype=a.dtype)
        for _ in range(12):
            t = (3 * eye - z @ y) / 2
            y, z = y @ t, t @ z
        root = y * norm.sqrt()
        ctx.save_for_backward(root)
        return root

    @staticmethod
    def backward(ctx, slope):
        (root,) = ctx.saved_tensors
        norm = root.norm()
        a, q, eye = root / norm, slope / norm, torch.eye(len(root), device=root.device, dtype=root.dtype)
        for _ in range(12):
            q = (q @ (3 * eye - a @ a) - a.T @ (a.T @ q - q @ a)) / 2
            a = a @ (3 * eye - a @ a) / 2
        return q / 2


def moments(f):
    flat = f.flatten(2)[0]
    mean = flat.mean(1)
    covariance = flat @ flat.T / flat.shape[1] - mean[:, None] * mean
    return mean, covariance + 1e-4 * torch.eye(len(mean), device=f.device, dtype=f.dtype)


class Crowsonkb:
    def __init__(self, vgg, content, style, device):
        self.net = Vgg(vgg, True).to(device)
        with torch.no_grad():
            self.content = self.net(content)[CONTENT].clone()
            self.targets = {}
            for layer, f in self.net(style).items():
                if layer in STYLE:
                    mean, covariance = moments(f)
                    self.targets[layer] = mean, covariance, SquareRoot.apply(covariance)
        self.x = content.clone().requires_grad_(True)
        self.average, self.weight = torch.zeros_like(content), 0.0
        self.optimizer = torch.optim.Adam([self.x], lr=0.02, betas=(0.9, 0.99))

    def step(self):
        found = self.net(self.x)
        total = 0.015 * F.mse_loss(found[CONTENT], self.content)
        for layer, weight in zip(STYLE, (256, 64, 16, 4, 1)):
            mean, covariance = moments(found[layer])
            mean0, covariance0, root0 = self.targets[layer]
            w2 = (mean - mean0).square().mean() + \
                (covariance0 + covariance - 2 * SquareRoot.apply(root0 @ covariance @ root0)).diagonal().mean()
            total = total + weight / 341 * w2
        x = F.pad(self.x, (1, 1, 1, 1), "replicate")
        centre = x[..., 1:-1, 1:-1]
        straight = ((x[..., 1:-1, 2:] - centre).square().mean() + (x[..., 2:, 1:-1] - centre).square().mean()) / 3
        diagonal = ((x[..., :-1, :-1] - x[..., 1:, 1:]).square().mean() +
                    (x[..., 1:, :-1] - x[..., :-1, 1:]).square().mean()) / 12
        total = total + 2 * 2 * (straight + diagonal)
        self.optimizer.zero_grad()
        total.backward()
        self.optimizer.step()
        with torch.no_grad():
            self.x.clamp_(0, 1)
            self.average.mul_(0.99).add_(self.x, alpha=0.01)
            self.weight = 0.99 * self.weight + 0.01

    def picture(self):
        return self.average / self.weight


def main():
    vgg, content_file, style_file, device, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    content = style = None
    begun = {}
    kinds = {"classic": Classic, "crowsonkb": Crowsonkb}

    def load(file, side):
        picture = np.asarray(Image.open(file).convert("RGB").resize((side, side), Image.LANCZOS), np.float32) / 255
        return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].contiguous().to(device)

    def algorithm(name):
        if name not in begun:
            begun[name] = kinds[name](vgg, content, style, device)
        return begun[name]

    def features(kind, layout):
        name = f"features {layout}"
        if name not in begun:
            begun[name] = Vgg(vgg, False).to(device)
            if layout == "channels_last":
                begun[name] = begun[name].to(memory_format=torch.channels_last)
        x = content.contiguous(memory_format=getattr(torch, layout)).requires_grad_(kind == "back")
        with torch.set_grad_enabled(kind == "back"):
            end = begun[name](x)["conv5_1"]
            if kind == "back":
                end.sum().backward()

    def wait():
        if device != "cpu":
            torch.cuda.synchronize()

    for line in sys.stdin:
        words = line.split()
        if words[0] == "size":
            begun.clear()
            content, style = load(content_file, int(words[1])), load(style_file, int(words[1]))
            print("ok", flush=True)
        elif words[0] == "step":
            one = algorithm(words[1])
            start = time.perf_counter()
            one.step()
            wait()
            print((time.perf_counter() - start) * 1000, flush=True)
        elif words[0] == "features":  # forward|back contiguous_format|channels_last
            start = time.perf_counter()
            features(words[1], words[2])
            wait()
            print((time.perf_counter() - start) * 1000, flush=True)
        elif words[0] == "paint":  # PRESET STEPS FOLDER EVERY
            one, answer, start, pause = kinds[words[1]](vgg, content, style, device), [], time.perf_counter(), 0.0
            for step in range(int(words[2]) + 1):
                if step:
                    one.step()
                if step % int(words[4]) == 0:
                    wait()
                    now = time.perf_counter()
                    answer.append(str(now - start - pause))
                    rows = one.picture() if step else content
                    rows.detach()[0].permute(1, 2, 0).contiguous().cpu().numpy().astype(np.float32).tofile(
                        os.path.join(words[3], f"{step // int(words[4])}.raw"))
                    pause += time.perf_counter() - now
            print(" ".join(answer), flush=True)
        elif words[0] == "loss":
            side = content.shape[-1]
            x = torch.from_numpy(np.fromfile(words[1], np.float32).reshape(side, side, 3)).permute(2, 0, 1)[None]
            with torch.no_grad():
                terms = algorithm("classic").terms(x.contiguous().to(device).clamp(0, 1))
            print(*(float(term) for term in terms), flush=True)


main()
