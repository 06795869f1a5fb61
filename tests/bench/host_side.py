# SPDX-License-Identifier: Apache-2.0
"""What GIMP's side costs: starting the plug-in for GIMP's query, and everything but inference at 12 megapixels."""
import json
import os
import pathlib
import re
import statistics
import subprocess

SCRIPT = r'''
import json, time
from gi.repository import Gegl, Gimp
procedure = Gimp.get_pdb().lookup_procedure("plug-in-pinxit-fast-style")

def paint(image, layer, style="great-wave"):
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", [layer])
    config.set_property("style", style)
    start = time.perf_counter()
    result = procedure.run(config)
    seconds = time.perf_counter() - start
    assert result.index(0) == Gimp.PDBStatusType.SUCCESS, result.index(1)
    recipe = json.loads(bytes(result.index(1).get_parasite("pinxit-recipe").get_data()).decode().rstrip("\0"))
    return seconds, recipe["facts"]["inference_seconds"], result.index(1)

def picture(width, height):
    image = Gimp.Image.new(width, height, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "photo", width, height, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.WHITE)
    return image, layer

image, layer = picture(64, 64)
paint(image, layer)  # the engine is running and warm
image, layer = picture(4000, 3000)
rows = []
for turn in range(3):
    rect = Gegl.Rectangle.new(0, 0, 4000, 3000)
    start = time.perf_counter()
    pixels = layer.get_buffer().get(rect, 1.0, "R'G'B'A float", Gegl.AbyssPolicy.NONE)
    plain = Gimp.Layer.new(image, "plain", 4000, 3000, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(plain, None, 0)
    buffer = plain.get_buffer()
    buffer.set(rect, "R'G'B'A float", pixels)
    buffer.flush()
    plain.update(0, 0, 4000, 3000)
    gegl = time.perf_counter() - start
    del pixels, buffer
    image.remove_layer(plain)
    total, inference, made = paint(image, layer)
    image.remove_layer(made)
    rows.append({"total": total, "inference": inference, "gegl": gegl})
total, inference, made = paint(image, layer, WEIGHTS)
print("HOST " + json.dumps({"rows": rows, "large_net": {"total": total, "inference": inference}}))
'''


def profile(build, folder):
    """A fresh GIMP profile with the plug-in."""
    place = pathlib.Path(folder) / "profile"
    (place / "plug-ins/pinxit/locale").mkdir(parents=True)
    for file in [build / "plugin/pinxit", *build.glob("dialogs/*.so"), *build.glob("plugin/*.so")]:
        (place / "plug-ins/pinxit" / file.name).symlink_to(file)
    return place


def gimp(place, script, wrapper=()):
    return subprocess.run([*wrapper, "gimp-console-3.0", "-ndfi", "--quit", "--batch-interpreter", "python-fu-eval",
                           "-b", script], env={**os.environ, "GIMP3_DIRECTORY": str(place)}, capture_output=True,
                          text=True, check=False)


def query_milliseconds(build, folder):
    """From exec to exit of the plug-in when GIMP asks what it can do; median of five first starts."""
    times = []
    for _ in range(5):
        place = profile(build, folder)
        trace = pathlib.Path(folder) / "trace"
        gimp(place, "1", ["strace", "-f", "--seccomp-bpf", "-e", "trace=execve,exit_group", "-ttt", "-o", str(trace)])
        lines = trace.read_text(errors="replace").splitlines()
        started = {}
        for line in lines:
            match = re.match(r'(\d+) +([\d.]+) (execve|exit_group)\(', line)
            if not match:
                continue
            pid, when, call = match.group(1), float(match.group(2)), match.group(3)
            if call == "execve" and "plug-ins/pinxit/pinxit" in line:
                started[pid] = when
            elif call == "exit_group" and pid in started:
                times.append((when - started.pop(pid)) * 1000)
        subprocess.run(["rm", "-rf", str(place)], check=True)
    return statistics.median(times) if times else None


def measure(build, folder, weights):
    """`weights`: a TransformerNet, for the share of the total."""
    query = query_milliseconds(build, folder)
    answer = gimp(profile(build, folder), SCRIPT.replace("WEIGHTS", repr(weights)))
    lines = [line for line in answer.stdout.splitlines() if line.startswith("HOST ")]
    if not lines:
        return {"query_ms": query, "failed": (answer.stderr or answer.stdout)[-500:]}
    found = json.loads(lines[0][5:])
    rows, large = found["rows"], found["large_net"]
    total = statistics.median(row["total"] for row in rows)
    overhead = statistics.median(row["total"] - row["inference"] for row in rows)
    gegl = statistics.median(row["gegl"] for row in rows)
    return {"query_ms": query, "total_s": total, "overhead_s": overhead, "gegl_s": gegl,
            "large_net_total_s": large["total"], "large_net_overhead_s": large["total"] - large["inference"]}


def print_table(host):
    print(f"\nThe plug-in's process for GIMP's query: {host['query_ms']:.0f} ms (goal 30)")
    if "failed" in host:
        print("12 megapixels through GIMP: failed:", host["failed"])
        return
    print(f"12 megapixels through GIMP, warm: everything but inference {host['overhead_s']:.2f} s = "
          f"{host['overhead_s'] / host['gegl_s']:.2f} x a plain GEGL read and write ({host['gegl_s']:.2f} s; goal 2)")
    for name, total, overhead in (("slim net", host["total_s"], host["overhead_s"]),
                                  ("TransformerNet", host["large_net_total_s"], host["large_net_overhead_s"])):
        print(f"  {name:15} {total:6.2f} s in all, of which not inference {100 * overhead / total:.0f} % (goal 15)")
