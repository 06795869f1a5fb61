# SPDX-License-Identifier: Apache-2.0
"""Neural Style beside two published algorithms in PyTorch eager, in one interleaved run.

1. Time of one step (loss, gradient, update) with a full-width VGG19, per size.
2. How far a picture is after equal time: content and style term of the classic objective, both measured by PyTorch,
   over the time each side took; and how long `best` takes to the style term that 500 classic steps reach.
"""
import bisect
import pathlib
import statistics
import sys

import numpy as np

from transformernet import read_weights

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from safetensors_file import write_tensors  # noqa: E402

WIDTHS = [64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512]
PLACES = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28]
CLASSIC_STEPS, EVERY, ITERATIONS = 500, 10, 20


def write_full_width(path, real):
    """VGG19 to conv5_1: true weights as far as `real` has them, then random ones (He) of the true shapes."""
    random, known = np.random.default_rng(5), read_weights(real) if real and real.exists() else {}
    tensors, inputs = {}, 3
    for place, outputs in zip(PLACES, WIDTHS):
        shape = (outputs, inputs, 3, 3)
        weight = known.get(f"features.{place}.weight")
        whole = weight is not None and weight.shape == shape
        tensors[f"features.{place}.weight"] = weight if whole else random.normal(0, (2 / (inputs * 9)) ** 0.5, shape)
        tensors[f"features.{place}.bias"] = known[f"features.{place}.bias"] if whole else np.zeros(outputs)
        inputs = outputs
    write_tensors(path, tensors)


def steps(contenders, side, rounds):
    """{name: median milliseconds} of single steps, the contenders taking turns."""
    for worker, _ in contenders.values():
        worker.ask(f"size {side}")
    times = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, (worker, preset) in contenders.items():
            times[name].append(float(worker.ask(f"step {preset}")))
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def course(worker, judge, command, folder):
    """[(seconds, content, style)] of a run's states."""
    folder.mkdir()
    found = []
    for number, at in enumerate(map(float, worker.ask(f"paint {command.format(folder)}").split())):
        content, style = (float(word) for word in judge.ask(f"loss {folder / f'{number}.raw'}").split())
        found.append((at, content, style))
    return found


def after(run, seconds):
    """The last state a run had shown by then."""
    return run[max(bisect.bisect_right([at for at, _, _ in run], seconds) - 1, 0)]


def first_as_good(run, content, style):
    for at, c, s in run:
        if s <= style and c <= content:
            return at
    return None


def measure(worker_of, vgg_full, vgg_small, folder, sizes, rounds, paint_side):
    """`worker_of(kind, vgg)` makes a contender: ours, peer, peer tuned."""
    result = {"steps": {}, "paint": {}}
    kinds = {"pinxit": "ours", "PyTorch eager": "peer", "PyTorch eager, our malloc": "peer tuned"}
    for side in sizes:
        workers = {title: worker_of(kind, vgg_full) for title, kind in kinds.items()}
        contenders = {f"{title}, {preset}": (worker, preset)
                      for preset in ("classic", "crowsonkb") for title, worker in workers.items()}
        result["steps"][side] = steps(contenders, side, rounds)
        for worker in workers.values():
            worker.close()
    ours, peer = worker_of("ours", vgg_small), worker_of("peer", vgg_small)
    for worker in (ours, peer):
        worker.ask(f"size {paint_side}")
    runs = {
        "PyTorch eager, classic": course(peer, peer, f"classic {CLASSIC_STEPS} {{}} {EVERY}", folder / "peer-classic"),
        "pinxit best": course(ours, peer, f"best {ITERATIONS} {{}}", folder / "best"),
        "pinxit crowsonkb": course(ours, peer, "crowsonkb 10 {}", folder / "crowsonkb"),
    }
    for worker in (ours, peer):
        worker.close()
    goal = runs["PyTorch eager, classic"][-1]
    result["paint"] = {"side": paint_side, "runs": runs, "goal": goal,
                       "best_reaches_goal_after": first_as_good(runs["pinxit best"], goal[1], goal[2])}
    return result


def print_tables(result, title):
    for side, rows in result["steps"].items():
        print(f"\nNeural Style, one step at {side} × {side}, full-width VGG19, {title}")
        for name, ms in rows.items():
            preset = name.rsplit(", ", 1)[1]
            print(f"{name:42}{ms:9.1f} ms   ours is {ms / rows[f'pinxit, {preset}']:.2f} x as fast")
    paint = result["paint"]
    print(f"\nTerms of the classic objective over time, {paint['side']} × {paint['side']}")
    print(f"{'':28}{'seconds':>10}{'content':>12}{'style':>14}")
    for name, run in paint["runs"].items():
        for at in sorted({paint["runs"]["pinxit best"][-1][0], run[-1][0]}):
            seconds, content, style = after(run, at)
            print(f"{name:28}{seconds:10.1f}{content:12.4f}{style:14.4f}")
    reached, goal = paint["best_reaches_goal_after"], paint["goal"]
    if reached is None:
        print(f"best does not reach content {goal[1]:.4f} with style {goal[2]:.4f} of {CLASSIC_STEPS} classic steps")
    else:
        print(f"best is as good as {CLASSIC_STEPS} classic steps after {reached:.1f} s, {reached / goal[0]:.2f} of their time")
