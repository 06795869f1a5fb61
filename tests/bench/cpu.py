# SPDX-License-Identifier: Apache-2.0
"""`./dev bench cpu`: our own convolutions beside PyTorch, onnxruntime and OpenVINO, and beside our LibTorch path.

A Section is one piece of work and who does it: each contender is a worker process, all of them take turns run by run,
and the best run of each counts (on a shared machine every other figure is about the neighbours). With the same number
of threads, the same malloc settings, float32 everywhere. Goals are ratios to our own time; below one the row says
"short".
"""
import dataclasses
import statistics
from typing import Callable

# onnxruntime and OpenVINO have no switch that would keep them to AVX2 alone.
AVX2 = {"PINXIT_INSTRUCTION_SET": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}  # as engines are started


@dataclasses.dataclass
class Section:
    title: str
    makers: dict[str, Callable]  # name -> a fresh worker; the first is ours
    goals: dict[str, float]  # name -> how many times as long as ours it should take
    prepare: Callable = lambda worker: None
    run: Callable = lambda worker: worker.run()
    peak_of: str = ""  # whose peak memory ours should not exceed
    show: Callable = lambda title, rows: print_section(title, rows)


def fast_style(context):
    """Sections of the feed-forward nets. `context`: see bench.py."""
    def ours(weights, convolutions, threads=context.threads):
        environment = {**PASSIVE, **context.environment, "PINXIT_CONVOLUTIONS": convolutions}
        return context.worker([str(context.build / "tests/bench/cpu_worker"), str(weights), str(threads)], environment)

    def both(weights):
        return {"pinxit": lambda: ours(weights, "own"), "pinxit, LibTorch's": lambda: ours(weights, "libtorch")}

    def peer(kind):
        return lambda: context.peer("peer_worker.py", kind, str(context.transformernet), str(context.threads))

    peers = {"PyTorch eager": peer("torch")}
    goals = {"PyTorch eager": 3.5}
    if not context.avx2:
        peers |= {"onnxruntime": peer("onnxruntime"), "OpenVINO f32": peer("openvino f32")}
        goals |= {"onnxruntime": 3.5, "OpenVINO f32": 3.0}
    sections = [Section(f"TransformerNet, {side} × {side}", both(context.transformernet) | peers, goals,
                        prepare=lambda worker, side=side: worker.size(side, side), peak_of="PyTorch eager")
                for side in context.sides]
    if context.threads > 1:
        counts = sorted({context.threads, *(1 << n for n in range(20) if 1 << n < context.threads)}, reverse=True)
        side = context.sides[0]
        makers = {f"{n} threads" if n > 1 else "1 thread": lambda n=n: ours(context.transformernet, "own", n)
                  for n in counts}
        sections.append(Section(f"Threads, TransformerNet, {side} × {side}", makers, {},
                                prepare=lambda worker: worker.size(side, side), show=print_line))
    sections.append(Section("Slim net, 1024 × 1024", both(context.slimnet), {},
                            prepare=lambda worker: worker.size(1024, 1024)))
    for word, title in (("pan", "another part at 1:1"), ("new", "a new picture at 1:1"), ("fitted", "scaled")):
        def prepare(worker, word=word):
            worker.ask("size 1600 1200")
            worker.ask(word)
        sections.append(Section(f"Live preview of TransformerNet, 1536 × 1136: {title}", both(context.transformernet),
                                {"pinxit, LibTorch's": 2.5}, prepare=prepare,
                                run=lambda worker, word=word: float(worker.ask(word))))
    return sections


def measure(section, rounds):
    """{name: {"ms", "median", "peak_mib", "runs"}}, or "failed"."""
    rows, workers = {name: {"runs": []} for name in section.makers}, {}

    def attempt(name, work):
        try:
            work()
        except (RuntimeError, OSError, ValueError) as problem:
            rows[name]["failed"] = str(problem)
            if name in workers:
                workers.pop(name).close()

    def begin(name):
        workers[name] = section.makers[name]()
        section.prepare(workers[name])

    for name in section.makers:
        attempt(name, lambda name=name: begin(name))
    for _ in range(rounds):
        for name in list(workers):
            attempt(name, lambda name=name: rows[name]["runs"].append(section.run(workers[name])))
    for name, worker in workers.items():
        runs = rows[name]["runs"]
        rows[name] |= {"ms": min(runs), "median": statistics.median(runs), "peak_mib": worker.peak()}
        worker.close()
    return judged(section, rows)


def judged(section, rows):
    """Adds each contender's ratio to ours and whether a goal is missed."""
    ours = rows[next(iter(section.makers))]
    for name, row in rows.items():
        if "ms" not in row or "ms" not in ours:
            continue
        row["ratio"] = row["ms"] / ours["ms"]
        if name in section.goals:
            row["goal"], row["short"] = section.goals[name], row["ratio"] < section.goals[name]
        if name == section.peak_of:
            ours["peak_short"] = ours["peak_mib"] > row["peak_mib"]
    return rows


def print_section(title, rows):
    print(f"\n{title}\n{'':28}{'best':>10}{'median':>11}{'peak memory':>15}{'ours is':>18}")
    for name, row in rows.items():
        if "ms" not in row:
            print(f"{name:28}  failed: {row.get('failed')}")
            continue
        ratio = f"{row['ratio']:.2f} x as fast" if row.get("ratio", 1) != 1 else ""
        goal = f"   goal {row['goal']}{', short' if row['short'] else ''}" if "goal" in row else ""
        memory = "   memory: short" if row.get("peak_short") else ""
        print(f"{name:28}{row['ms']:7.0f} ms{row['median']:8.0f} ms{row['peak_mib']:11.0f} MiB{ratio:>18}{goal}{memory}",
              flush=True)


def print_line(title, rows):
    """All contenders in one line, the slowest first; `ratio` is to the first one."""
    told = [f"{name} {row['ms']:.0f} ms" if "ms" in row else f"{name} failed" for name, row in rows.items()]
    ratios = [row["ratio"] for row in rows.values() if "ratio" in row]
    print(f"\n{title}: {', '.join(reversed(told))}" + (f": {max(ratios):.2f} x as fast" if ratios else ""), flush=True)


def run(context, sections, rounds, quiet):
    """All sections in turn; {"title": rows}."""
    asked = next(iter(sections[0].makers.values()))()
    instructions = asked.ask("cpu")
    asked.close()
    if not quiet:
        print(f"{context.cpu}, {instructions}, {context.threads} threads, float32", flush=True)
    result = {}
    for section in sections:
        result[section.title] = measure(section, rounds)
        if not quiet:
            section.show(section.title, result[section.title])
    return {"cpu": context.cpu, "instruction_set": instructions, "threads": context.threads, "sections": result}
