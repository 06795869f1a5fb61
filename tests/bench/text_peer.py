# SPDX-License-Identifier: Apache-2.0
"""The nets of Generate from Text in plain PyTorch, eager and float32, spoken to as text_worker.cpp is.

usage: text_peer.py THREADS GENERATOR [TEXT_ENCODER VOCABULARY]

Batch normalisation is left where the published code has it; nothing is prepared in advance that a script of a few lines
would not prepare.  CLIP's prompts are as many ids as they have words: the work is the same.
"""
import json
import os
import pathlib
import struct
import sys
import time

import torch
import torch.nn.functional as F

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "support"), str(here.parent.parent / "models/training")]
from safetensors_file import read_tensors  # noqa: E402


def read(path):
    return {name: torch.from_numpy(tensor.copy()).float() for name, tensor in read_tensors(path).items()}


def metadata(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)).get("__metadata__", {})


def norm(w, name, x):
    return F.batch_norm(x, w[name + ".running_mean"], w[name + ".running_var"], w[name + ".weight"], w[name + ".bias"])


class Flow:
    def __init__(self, generator):
        import train_flowers
        facts, self.sample = metadata(generator), train_flowers.sample
        self.words = {word: i for i, word in enumerate(facts["words"].split())}
        self.net = train_flowers.Net(len(self.words), [int(n) for n in facts["widths"].split()]).eval()
        self.net.load_state_dict(read(generator))
        self.net.to(memory_format=torch.channels_last)
        self.size, self.steps, self.guidance = int(facts["size"]), int(facts["steps"]), float(facts["guidance"])

    def paint(self, prompt):
        bag = torch.zeros(1, len(self.words))
        for word in prompt.lower().split():
            if word in self.words:
                bag[0, self.words[word]] += 1
        return self.sample(self.net, torch.randn(1, 3, self.size, self.size), bag, self.steps, self.guidance)


class Flowers:
    """CLIP's text tower and the conv generator."""

    def __init__(self, generator, encoder):
        self.w, self.clip = read(generator), read(encoder)
        self.blocks = len({name.split(".")[3] for name in self.clip if ".layers." in name})

    def text(self, ids):
        w, name, count = self.clip, "text_model.", len(ids)
        x = w[name + "embeddings.token_embedding.weight"][ids]
        x = x + w[name + "embeddings.position_embedding.weight"][:count]

        def linear(part, x):
            return F.linear(x, w[part + ".weight"], w[part + ".bias"])

        def layer_norm(part, x):
            return F.layer_norm(x, x.shape[-1:], w[part + ".weight"], w[part + ".bias"])

        for i in range(self.blocks):
            layer = f"{name}encoder.layers.{i}."
            h = layer_norm(layer + "layer_norm1", x)
            q, k, v = (linear(f"{layer}self_attn.{part}_proj", h).view(count, -1, 64).transpose(0, 1)
                       for part in "qkv")
            h = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(0, 1).reshape(count, -1)
            x = x + linear(layer + "self_attn.out_proj", h)
            h = linear(layer + "mlp.fc1", layer_norm(layer + "layer_norm2", x))
            x = x + linear(layer + "mlp.fc2", h * torch.sigmoid(1.702 * h))
        return layer_norm(name + "final_layer_norm", x)[-1]

    def paint(self, prompt):
        w = self.w
        text = self.text(torch.tensor([49406, *[320] * len(prompt.split()), 49407]))

        def grown(group, i, x, **how):
            x = F.conv_transpose2d(x, w[f"{group}.{i}.weight"], **how)
            return F.leaky_relu(norm(w, f"{group}.{i + 1}", x), 0.2)

        x = torch.cat([grown("feature_maps", 0, torch.randn(1, 100, 1, 1)),
                       grown("prompt_features", 0, text.view(1, -1, 1, 1))], 1)
        for i in range(0, 12, 3):
            x = grown("main", i, x, stride=2, padding=1)
        return torch.tanh(F.conv2d(x, w["main.12.weight"], padding="same"))


class Birds:
    """AttnGAN's text encoder and generator of three branches."""

    def __init__(self, generator, encoder, vocabulary):
        self.w, text = read(generator), read(encoder)
        words = pathlib.Path(vocabulary).read_text(encoding="utf-8").split("\n")
        self.index = {word: i for i, word in enumerate(words)}
        self.embedding = text["encoder.weight"]
        self.lstm = torch.nn.LSTM(self.embedding.shape[1], text["rnn.weight_hh_l0"].shape[1], bidirectional=True)
        self.lstm.load_state_dict({name[4:]: tensor for name, tensor in text.items() if name.startswith("rnn.")})

    def paint(self, prompt):
        w = self.w

        def grown(name, x):
            x = F.conv2d(F.interpolate(x, scale_factor=2), w[name + ".1.weight"], padding=1)
            return F.glu(norm(w, name + ".2", x), 1)

        def residual(name, x):
            h = F.glu(norm(w, name + ".block.1", F.conv2d(x, w[name + ".block.0.weight"], padding=1)), 1)
            return x + norm(w, name + ".block.4", F.conv2d(h, w[name + ".block.3.weight"], padding=1))

        ids = torch.tensor([self.index[word] for word in prompt.split() if word in self.index])
        heard, (last, _) = self.lstm(self.embedding[ids])
        mean, spread = F.glu(F.linear(last.reshape(1, -1), w["ca_net.fc.weight"], w["ca_net.fc.bias"]), 1).chunk(2, 1)
        c = mean + torch.randn_like(mean) * (spread / 2).exp()
        z = torch.randn(1, w["h_net1.fc.0.weight"].shape[1] - c.shape[1])
        x = F.linear(torch.cat([c, z], 1), w["h_net1.fc.0.weight"])
        x = F.glu(norm(w, "h_net1.fc.1", x), 1).view(1, -1, 4, 4)
        for i in range(1, 5):
            x = grown(f"h_net1.upsample{i}", x)
        pictures = [torch.tanh(F.conv2d(x, w["img_net1.img.0.weight"], padding=1))]
        for n in (2, 3):
            words = F.linear(heard, w[f"h_net{n}.att.conv_context.weight"].flatten(1))
            share = torch.softmax(words @ x.flatten(2)[0], 0)
            x = torch.cat([x, (words.T @ share).view_as(x)], 1)
            for name in [name for name in w if name.startswith(f"h_net{n}.") and name.endswith(".block.0.weight")]:
                x = residual(name.removesuffix(".block.0.weight"), x)
            x = grown(f"h_net{n}.upsample", x)
            pictures.append(torch.tanh(F.conv2d(x, w[f"img_net{n}.img.0.weight"], padding=1)))
        return pictures


def model(files):
    if len(files) == 1:
        return Flow(*files)
    return Flowers(*files[:2]) if files[2].endswith(".gz") else Birds(*files)


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print does not get between the answers
    torch.set_num_threads(int(sys.argv[1]))
    net = None
    with torch.inference_mode():
        for line in sys.stdin:
            words = line.split(maxsplit=2)
            start = time.perf_counter()
            if words[0] == "load":
                net = model(sys.argv[2:])
            else:
                torch.manual_seed(int(words[1]))
                net.paint(words[2].strip())
            print((time.perf_counter() - start) * 1000, file=answers, flush=True)


main()
