# SPDX-License-Identifier: Apache-2.0
"""`./dev bench text`: loading a model, the first caption, the second, and further pictures, beside PyTorch eager.

The starter that is installed has its own weights; the published nets have random weights of their full size (names and
shapes from the reference manifests), which takes the same time. Each model is loaded by a process of its own; then all
processes of a model take turns, picture by picture, and the median counts. The first caption's time has everything in
it that happens only once after loading, the second's says what another prompt costs.
"""
import dataclasses
import json
import pathlib
import statistics
import sys

import numpy as np

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "support"), str(here.parent.parent / "models/training")]
from safetensors_file import write_tensors  # noqa: E402

FLOWERS = ["red tulip", "yellow sunflower", "white daisy"]
CAPTIONS = ["a white flower", "this flower has petals that are yellow", "a purple flower with round petals"]
BIRDS = ["this bird has a yellow crown and a black eyering", "a small red bird", "this bird is blue with white wings"]


@dataclasses.dataclass
class Model:
    title: str
    files: list  # of text_worker.cpp's arguments
    prompts: list
    missing: str = ""  # what it needs that is not here


def random_tensors(shapes):
    random = np.random.default_rng(3)
    for name, shape in shapes:
        if name.endswith("running_var"):
            yield name, random.uniform(0.5, 1.5, shape)
        else:
            fan = shape[-1] * shape[1] if len(shape) > 1 else 1
            yield name, random.standard_normal(shape, np.float32) / np.sqrt(fan)


def clip_shapes():
    """CLIP ViT-B/32's text tower."""
    name, d = "text_model.", 512
    yield from [(name + "embeddings.token_embedding.weight", [49408, d]),
                (name + "embeddings.position_embedding.weight", [77, d])]
    for i in range(12):
        layer = f"{name}encoder.layers.{i}."
        for part, out, inner in [*((f"self_attn.{p}_proj", d, d) for p in ("q", "k", "v", "out")),
                                 ("mlp.fc1", 4 * d, d), ("mlp.fc2", d, 4 * d)]:
            yield from [(f"{layer}{part}.weight", [out, inner]), (f"{layer}{part}.bias", [out])]
        for part in ("layer_norm1", "layer_norm2"):
            yield from [(f"{layer}{part}.weight", [d]), (f"{layer}{part}.bias", [d])]
    yield from [(name + "final_layer_norm.weight", [d]), (name + "final_layer_norm.bias", [d])]


def manifest(shared, folder):
    path = shared / "goldens" / folder / "manifest-full-size.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def listed(tensors):
    return [(one["name"], one["shape"]) for one in tensors if one["dtype"] == "F32"]


def flow_models(context):
    """What is installed, and the net of full size with weights that were never trained."""
    found = sorted(context.models.glob("text/*/*.safetensors"))
    models = [Model(f"{path.stem}, as it comes with Pinxit", [path], FLOWERS) for path in found]
    if "starter-flowers" not in [path.stem for path in found]:
        import train_flowers
        words = train_flowers.Words(["daisy", "rose", "sunflower", "tulip"])
        widths = [64, 128, 160, 192]
        path = context.folder / "starter-flowers.safetensors"
        train_flowers.write_safetensors(str(path), train_flowers.Net(len(words.list), widths).state_dict(), {
            "architecture": "flower-flow", "words": " ".join(words.list), "size": "128", "steps": "12",
            "guidance": "2.5", "widths": " ".join(map(str, widths))})
        models.append(Model("starter-flowers' full size, untrained, 128 × 128", [path], FLOWERS))
    return models


def published_models(context):
    def written(name, shapes):
        path = context.folder / name
        write_tensors(path, dict(random_tensors(shapes)))
        return path

    merges = context.shared / "models/bpe_simple_vocab_16e6.txt.gz"
    conv, attngan = manifest(context.shared, "clipgan"), manifest(context.shared, "attngan")
    title = "Flowers: CLIP and conv generator, 128 × 128"
    if conv and merges.exists():
        yield Model(title, [written("conv", listed(conv["flowers_generator"]["tensors"])),
                            written("clip", clip_shapes()), merges], CAPTIONS)
    else:
        yield Model(title, [], [], "needs ../shared/goldens/clipgan and ../shared/models")
    if not attngan:
        yield Model("AttnGAN", [], [], "needs ../shared/goldens/attngan")
        return
    encoder = written("lstm", listed(attngan["bird"]["text_encoder"]))
    known = dict.fromkeys(" ".join(BIRDS).split())
    words = ["<end>", *known, *(f"word{i}" for i in range(5450 - 1 - len(known)))]
    vocabulary = context.folder / "words.txt"
    vocabulary.write_text("\n".join(words), encoding="utf-8")
    for name, title in (("bird", "AttnGAN birds"), ("coco", "AttnGAN COCO")):
        yield Model(f"{title}, 64, 128 and 256 pixels", [written(name, listed(attngan[name]["netG"])), encoder,
                                                       vocabulary], BIRDS)


def measure(model, makers, rounds):
    """{contender: {"load", "first", "second", "picture": ms, "peak_mib"}}."""
    rows, workers = {name: {"runs": []} for name in makers}, {}

    def attempt(name, work):
        try:
            return work()
        except (RuntimeError, OSError, ValueError) as problem:
            rows[name]["failed"] = str(problem)
            if name in workers:
                workers.pop(name).close()
        return None

    def begin(name):
        workers[name] = makers[name]([str(path) for path in model.files])
        rows[name]["load"] = float(workers[name].ask("load"))
        for place, prompt in zip(("first", "second"), model.prompts):
            rows[name][place] = float(workers[name].ask(f"paint 100 {prompt}"))

    for name in makers:
        attempt(name, lambda name=name: begin(name))
    for i in range(rounds):
        for name in list(workers):
            prompt = model.prompts[i % len(model.prompts)]
            attempt(name, lambda name=name, prompt=prompt: rows[name]["runs"].append(
                float(workers[name].ask(f"paint {101 + i} {prompt}"))))
    for name, worker in workers.items():
        rows[name] |= {"picture": statistics.median(rows[name]["runs"]), "peak_mib": worker.peak()}
        worker.close()
    return rows


def print_rows(title, rows):
    print(f"\n{title}\n{'':20}{'load':>10}{'1st caption':>14}{'2nd caption':>14}{'a picture':>12}{'peak memory':>14}")
    ours = rows.get("pinxit", {}).get("picture")
    for name, row in rows.items():
        if "picture" not in row:
            print(f"{name:20}  failed: {row.get('failed')}")
            continue
        ratio = f"   ours is {row['picture'] / ours:.2f} x as fast" if ours and name != "pinxit" else ""
        print(f"{name:20}{row['load']:7.0f} ms{row['first']:11.0f} ms{row['second']:11.0f} ms{row['picture']:9.0f} ms"
              f"{row['peak_mib']:10.0f} MiB{ratio}", flush=True)


def run(context, rounds, quiet):
    """All models in turn; {"title": rows}. `context`: see bench.py."""
    def ours(files):
        return context.worker([str(context.build / "tests/bench/text_worker"), str(context.threads), *files])

    makers = {"pinxit": ours, "PyTorch eager": lambda files: context.peer("text_peer.py", str(context.threads), *files)}
    if not quiet:
        print(f"{context.cpu}, {context.threads} threads, float32", flush=True)
    result = {}
    for model in [*flow_models(context), *published_models(context)]:
        if model.missing:
            result[model.title] = {"skipped": model.missing}
            if not quiet:
                print(f"\n{model.title}: skipped, {model.missing}")
            continue
        result[model.title] = measure(model, makers, rounds)
        if not quiet:
            print_rows(model.title, result[model.title])
    return {"cpu": context.cpu, "threads": context.threads, "models": result}
