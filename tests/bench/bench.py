# SPDX-License-Identifier: Apache-2.0
"""Speed and memory beside the peers, in one interleaved run on this machine.

usage: bench.py [fast-style|neural-style|cpu|text] [--json] [--sizes 512x512,1024x1024,4000x3000] [--rounds N] [--without NAME,...]

Every contender is a process of its own that keeps its model loaded; each round runs every contender once, one after
the other, and the median of the rounds counts. Peak memory is the resident high-water mark of the process while it
works on that size. G'MIC's stylize is the filter GIMP users have today (no neural net): one run of its command line.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

from transformernet import write_random_weights

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
build = pathlib.Path(os.environ["PINXIT_ENGINE"]).parents[2]
TUNED = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(2000 << 20),
         "MALLOC_TOP_PAD_": str(64 << 20)}


class Worker:
    """A contender that stays loaded between runs."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here,
                                        env={**os.environ, **(environment or {})}, stderr=subprocess.DEVNULL)

    def ask(self, line):
        answer = ""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            pass
        if not answer:
            raise RuntimeError(f"it ended with status {self.process.wait()}")
        return answer.strip()

    def size(self, width, height):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        self.ask(f"size {width} {height}")
        self.run()  # warm

    def run(self):
        return float(self.ask("run"))

    def peak(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def close(self):
        self.process.kill()
        self.process.wait()


class Gmic:
    """One run of the command line a size; it has nothing to keep loaded."""

    def __init__(self, folder):
        self.folder = folder

    def size(self, width, height):
        import numpy as np
        from PIL import Image
        random = np.random.default_rng(2)
        for name, (w, h) in {"content": (width, height), "style": (512, 512)}.items():
            small = random.integers(0, 255, (max(h // 16, 1), max(w // 16, 1), 3), dtype=np.uint8)
            Image.fromarray(small).resize((w, h), Image.BICUBIC).save(f"{self.folder}/{name}.png")
        self.memory = 0

    def run(self):
        start = time.perf_counter()
        child = subprocess.Popen(["gmic", "-v", "-", "content.png", "style.png", "stylize[0]", "[1]", "o[0]", "out.png"],
                                 cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        self.memory = max(self.memory, usage.ru_maxrss / 1024)
        return (time.perf_counter() - start) * 1000

    def peak(self):
        return self.memory

    def close(self):
        pass


def contenders(weights, threads, folder, without):
    ours = str(build / "tests/bench/bench_worker")
    peer = [sys.executable, str(here / "peer_worker.py")]
    table = {
        "pinxit fp32": lambda: Worker([ours, weights, "fp32"]),
        "pinxit bf16": lambda: Worker([ours, weights, "bf16"]),
        "PyTorch eager": lambda: Worker([*peer, "torch", weights, str(threads)]),
        "PyTorch eager, our malloc": lambda: Worker([*peer, "torch", weights, str(threads)], TUNED),
        "onnxruntime": lambda: Worker([*peer, "onnxruntime", weights, str(threads)], TUNED),
        "OpenVINO f32": lambda: Worker([*peer, "openvino f32", weights, str(threads)], TUNED),
        "OpenVINO bf16": lambda: Worker([*peer, "openvino bf16", weights, str(threads)], TUNED),
        "G'MIC stylize": lambda: Gmic(folder),
    }
    return {name: make for name, make in table.items() if not any(word and word in name for word in without)}


def measure(size, rounds, makers):
    """{name: {"ms": median, "runs": [...], "peak_mib": ...}}; a contender that fails says so.

    The contenders take turns, run by run. Pictures above four megapixels are too large for all of them to be in
    memory together: there each does its runs alone.
    """
    if size[0] * size[1] < 4_000_000:
        return measure_together(size, rounds, makers)
    rows = {}
    for name, make in makers.items():
        rows |= measure_together(size, 1 if name.startswith("G'MIC") else rounds, {name: make})
    return rows


def measure_together(size, rounds, makers):
    rows, workers = {name: {"runs": []} for name in makers}, {}

    def attempt(name, work):
        try:
            work()
        except (RuntimeError, OSError) as problem:
            rows[name]["failed"] = str(problem)
            workers.pop(name, None)

    def begin(name):
        workers[name] = makers[name]()
        workers[name].size(*size)

    for name in makers:
        attempt(name, lambda name=name: begin(name))
    for _ in range(rounds):
        for name in list(workers):
            attempt(name, lambda name=name: rows[name]["runs"].append(workers[name].run()))
    for name, worker in workers.items():
        rows[name] |= {"ms": statistics.median(rows[name]["runs"]), "peak_mib": worker.peak()}
        worker.close()
    return rows


def print_table(title, rows):
    ours = min((row["ms"] for name, row in rows.items() if name.startswith("pinxit") and "ms" in row), default=None)
    print(f"\n{title}\n{'':28}{'median':>12}{'peak memory':>15}{'our best is':>16}")
    for name, row in rows.items():
        if "ms" not in row:
            print(f"{name:28}  failed: {row.get('failed')}")
            continue
        ratio = f"{row['ms'] / ours:.2f} x as fast" if ours else ""
        print(f"{name:28}{row['ms']:9.0f} ms{row['peak_mib']:11.0f} MiB{ratio:>16}")


def cpu_name():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def neural_style(options, folder, threads):
    import neural_style as bench
    shared, folder = root.parent / "shared", pathlib.Path(folder)
    full = folder / "vgg19-full.safetensors"
    bench.write_full_width(full, shared / "models/vgg19/vgg19-conv3_1.safetensors")
    small = shared / "models/vgg19/vgg19-16x.safetensors"
    pictures = [shared / "images/content/kodim15.png", shared / "images/styles/van-gogh_starry-night_1889.jpg"]
    if not all(path.exists() for path in [small, *pictures]):
        small = root / "models/encoders/pinxit-small/pinxit-small.safetensors"
        pictures = sorted(root.glob("models/fast-style/*/thumbnail.jpg"))[:2]
    device = "cuda" if options.cuda else "cpu"

    def worker_of(kind, vgg):
        given = [str(vgg), *map(str, pictures), device]
        if kind == "ours":
            return Worker([str(build / "tests/bench/neural_bench"), *given])
        return Worker([sys.executable, str(here / "neural_peer.py"), *given, str(threads)],
                      TUNED if kind == "peer tuned" else {})

    sizes = [int(text.split("x")[0]) for text in options.sizes.split(",")]
    result = bench.measure(worker_of, full, small, folder, sizes, options.rounds, options.paint_side)
    if options.json:
        print(json.dumps({"cpu": cpu_name(), "threads": threads, **result}, indent=1))
    else:
        bench.print_tables(result, f"{threads} threads, {cpu_name()}")


def cpu(options, folder, threads, weights):
    """Our own convolutions: cpu.py."""
    import types

    import cpu as bench
    import cpu_vgg
    shared = root.parent / "shared"
    slim = shared / "models/slimnet/starry-night.safetensors"
    if not slim.exists():
        slim = next(root.glob("models/fast-style/*/*.safetensors"))
    environment = bench.AVX2 if options.avx2 else {}
    context = types.SimpleNamespace(
        cpu=cpu_name(), threads=threads, build=build, shared=shared, transformernet=weights, slimnet=slim, folder=folder,
        avx2=options.avx2, environment=environment, sides=[int(text.split("x")[0]) for text in options.sizes.split(",")],
        worker=Worker,
        peer=lambda script, *given: Worker([sys.executable, str(here / script), *given], {**TUNED, **environment}))
    result = bench.run(context, bench.fast_style(context) + cpu_vgg.sections(context), options.rounds, options.json)
    if options.json:
        print(json.dumps(result, indent=1))


def generate_from_text(options, folder, threads):
    """Generate from Text: text.py."""
    import types

    import text as bench
    context = types.SimpleNamespace(
        cpu=cpu_name(), threads=threads, build=build, shared=root.parent / "shared", models=root / "models",
        folder=pathlib.Path(folder), worker=lambda command: Worker(command, {"OMP_WAIT_POLICY": "PASSIVE"}),
        peer=lambda script, *given: Worker([sys.executable, str(here / script), *given], TUNED))
    result = bench.run(context, options.rounds, options.json)
    if options.json:
        print(json.dumps(result, indent=1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="?", default="fast-style", choices=["fast-style", "neural-style", "cpu", "text"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--paint-side", type=int, default=512, help="neural-style: size of the whole runs")
    parser.add_argument("--cuda", action="store_true", help="neural-style: on the GPU")
    parser.add_argument("--avx2", action="store_true", help="cpu: without AVX-512, PyTorch too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", default="")
    options = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    result = {"cpu": cpu_name(), "threads": threads, "sizes": {}}
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "neural-style":
            options.sizes = options.sizes or "512x512,1024x1024"
            return neural_style(options, folder, threads)
        if options.what == "text":
            return generate_from_text(options, folder, threads)
        options.sizes = options.sizes or "512x512,1024x1024,4000x3000"
        weights = root.parent / "shared/models/transformernet/candy.safetensors"
        if not weights.exists():
            weights = pathlib.Path(folder) / "transformernet.safetensors"
            write_random_weights(weights)
        if options.what == "cpu":
            options.sizes = ",".join(options.sizes.split(",")[:2])  # two sizes of the net are enough
            return cpu(options, folder, threads, weights)
        makers = contenders(str(weights), threads, folder, options.without.split(","))
        for text in options.sizes.split(","):
            width, height = (int(n) for n in text.split("x"))
            rows = measure((width, height), options.rounds if width * height < 4_000_000 else min(options.rounds, 2),
                           makers)
            result["sizes"][text] = rows
            if not options.json:
                print_table(f"TransformerNet, {width} × {height}, {threads} threads, {result['cpu']}", rows)
        import host_side
        result["host"] = host_side.measure(build, folder, str(weights))
        if not options.json:
            host_side.print_table(result["host"])
    if options.json:
        print(json.dumps(result, indent=1))


main()
