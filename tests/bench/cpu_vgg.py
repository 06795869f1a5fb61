# SPDX-License-Identifier: Apache-2.0
"""`./dev bench cpu`: VGG19 of full width to conv5_1, forwards and back to the picture, and whole Neural Style steps."""
import pathlib

from cpu import PASSIVE, Section
from neural_style import write_full_width

SIDE = 512
LAYOUTS = {"PyTorch NCHW": "contiguous_format", "PyTorch channels_last": "channels_last"}
STEPS = {"classic": "Gram, L-BFGS", "crowsonkb": "Wasserstein, Adam"}


def sections(context):
    """`context`: see bench.py."""
    vgg = pathlib.Path(context.folder) / "vgg19-full.safetensors"
    write_full_width(vgg, context.shared / "models/vgg19/vgg19-conv3_1.safetensors")
    pictures = [context.shared / "images/content/kodim15.png",
                context.shared / "images/styles/van-gogh_starry-night_1889.jpg"]
    if not all(path.exists() for path in pictures):
        models = pathlib.Path(__file__).resolve().parents[2] / "models/fast-style"
        pictures = sorted(models.glob("*/thumbnail.jpg"))[:2]
    given = [str(vgg), *map(str, pictures), "cpu", str(context.threads)]

    def ours(convolutions):
        environment = {**PASSIVE, **context.environment, "PINXIT_CONVOLUTIONS": convolutions}
        return lambda: context.worker([str(context.build / "tests/bench/neural_bench"), *given], environment)

    def peer():
        return context.peer("neural_peer.py", *given)

    both = {"pinxit": ours("own"), "pinxit, LibTorch's": ours("libtorch")}

    def features(kind, title, goal, peak_of):
        # The layout is a word that only the peer takes.
        words = {name: f"features {kind} {layout}" for name, layout in LAYOUTS.items()}

        def prepare(worker):
            worker.ask(f"size {SIDE}")

        def make(name):
            def made():
                worker = peer()
                worker.words = words[name]
                return worker
            return made

        def run(worker):
            return float(worker.ask(getattr(worker, "words", f"features {kind}")))

        return Section(f"VGG19 to conv5_1, {SIDE} × {SIDE}, {title}", both | {name: make(name) for name in LAYOUTS},
                       {name: goal for name in LAYOUTS} if goal else {}, prepare=prepare, run=run, peak_of=peak_of)

    def step(preset, what):
        def prepare(worker):
            worker.ask(f"size {SIDE}")
            worker.ask(f"step {preset}")  # learns content and style, prepares weights

        return Section(f"Neural Style, one {preset} step ({what}), {SIDE} × {SIDE}", both | {"PyTorch eager": peer},
                       {"PyTorch eager": 2.2}, prepare=prepare,
                       run=lambda worker: float(worker.ask(f"step {preset}")), peak_of="PyTorch eager")

    return [features("forward", "forward", None, ""),
            features("back", "forward and back to the picture", 2.3, "PyTorch channels_last"),
            *(step(preset, what) for preset, what in STEPS.items())]
