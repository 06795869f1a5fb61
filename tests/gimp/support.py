# SPDX-License-Identifier: Apache-2.0
"""What test files find inside GIMP: `from support import *`.

A test is a function named test_…; it fails by raising. Pictures are numpy arrays of R'G'B'A float, height × width
× 4, unless a test asks for GIMP's own bytes with raw().
"""
import contextlib
import json
import os
import pathlib
import runpy
import traceback

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp, Gio, GLib  # noqa: E402
import numpy as np  # noqa: E402

STYLE = "great-wave"
TITLE = "The Great Wave"
PROCEDURE = "plug-in-pinxit-fast-style"
DEFAULTS = {PROCEDURE: {"style": STYLE}}
FOLDER = pathlib.Path(os.environ["PINXIT_TEST_FOLDER"])
MODELS = pathlib.Path(os.environ["PINXIT_MODEL_PATH"])
WEIGHTS = MODELS / "fast-style" / STYLE / f"{STYLE}.safetensors"
LONG = os.environ.get("PINXIT_LONG") == "1"

Status = Gimp.PDBStatusType
SRGB = "R'G'B'A float"


class Skip(Exception):
    """Raised by a test file that cannot run here; the text says what it needs."""


def run(path):
    """Called by run.py: runs every test of the file and writes report.json as it goes."""
    report = {"passed": [], "failures": [], "complete": False, "running": "the imports"}

    def write():
        (FOLDER / "report.json").write_text(json.dumps(report))

    write()
    try:
        tests = {name: value for name, value in runpy.run_path(path).items() if name.startswith("test_")}
    except Skip as reason:
        report.update(skipped=str(reason), complete=True)
        return write()
    except Exception:
        report.update(failures=[traceback.format_exc()], complete=True)
        return write()
    for name, test in tests.items():
        report["running"] = name
        write()
        try:
            test()
            report["passed"].append(name)
            print("passed", name, flush=True)
        except Exception:
            report["failures"].append(f"{name}\n{traceback.format_exc()}")
            print("FAILED", name, flush=True)
        for image in Gimp.get_images():
            image.delete()
    report["complete"] = True
    write()


# ---- pictures

def picture(width, height, alpha=False, seed=1):
    """A smooth, colourful picture with some grain; no value is near 0 or 1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [0.5 + 0.25 * np.sin(x / (7 + 3 * c) + c) * np.cos(y / (9 - 2 * c)) for c in range(3)]
    grain = np.random.default_rng(seed).uniform(-0.08, 0.08, (height, width, 3)).astype(np.float32)
    result = np.ones((height, width, 4), np.float32)
    result[..., :3] = np.stack(waves, -1) + grain
    if alpha:
        result[..., 3] = np.clip((x - 3) / max(1, width - 7), 0, 1)
    return result


def rectangle(drawable):
    return Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())


def pixels(drawable, encoding=SRGB, channels=4):
    data = drawable.get_buffer().get(rectangle(drawable), 1.0, encoding, Gegl.AbyssPolicy.NONE)
    return np.frombuffer(bytes(data), np.float32).reshape(drawable.get_height(), drawable.get_width(), channels).copy()


def raw(drawable):
    """GIMP's own bytes, and so byte for byte what is saved."""
    return bytes(drawable.get_buffer().get(rectangle(drawable), 1.0, None, Gegl.AbyssPolicy.NONE))


def paint(drawable, values):
    buffer = drawable.get_buffer()
    buffer.set(rectangle(drawable), SRGB, np.ascontiguousarray(values, np.float32).tobytes())
    buffer.flush()
    drawable.update(0, 0, drawable.get_width(), drawable.get_height())


def mask_values(mask):
    return pixels(mask, "Y float", 1)[..., 0]


def new_image(width=96, height=64, base=Gimp.ImageBaseType.RGB, precision=Gimp.Precision.U8_NON_LINEAR):
    return Gimp.Image.new_with_precision(width, height, base, precision)


def add_layer(image, values, name="Source", offsets=(0, 0), alpha=True, parent=None, position=0):
    kinds = {(0, True): Gimp.ImageType.RGBA_IMAGE, (0, False): Gimp.ImageType.RGB_IMAGE,
             (1, True): Gimp.ImageType.GRAYA_IMAGE, (1, False): Gimp.ImageType.GRAY_IMAGE}
    height, width = values.shape[:2]
    layer = Gimp.Layer.new(image, name, width, height, kinds[int(image.get_base_type()), alpha], 100.0,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, parent, position)
    layer.set_offsets(*offsets)
    paint(layer, values)
    return layer


def simple(width=96, height=64, **options):
    """An image with one layer of its size."""
    image = new_image(width, height, **options)
    return image, add_layer(image, picture(width, height))


def add_filter(layer, operation, **properties):
    effect = Gimp.DrawableFilter.new(layer, operation, operation)
    config = effect.get_config()
    for name, value in properties.items():
        config.set_property(name.replace("_", "-"), value)
    effect.update()
    layer.append_filter(effect)
    return effect


def offsets(layer):
    found = layer.get_offsets()
    return found.offset_x, found.offset_y


def tree(image):
    """The structure of an image with every byte of it, for comparing."""
    def item(layer):
        mask = layer.get_mask()
        return {"name": layer.get_name(), "size": (layer.get_width(), layer.get_height()), "offsets": offsets(layer),
                "type": int(layer.type()), "opacity": layer.get_opacity(), "mode": int(layer.get_mode()),
                "visible": layer.get_visible(), "parasites": sorted(layer.get_parasite_list()),
                "filters": len(layer.get_filters()), "mask": raw(mask) if mask else None, "pixels": raw(layer),
                "children": [item(child) for child in layer.get_children()] if layer.is_group() else None}
    return {"layers": [item(layer) for layer in image.get_layers()], "selection": raw(image.get_selection()),
            "parasites": sorted(image.get_parasite_list()), "precision": int(image.get_precision()),
            "channels": [channel.get_name() for channel in image.get_channels()]}


# ---- calls

class Answer:
    def __init__(self, values):
        self.status = values.index(0)
        good = self.status == Status.SUCCESS
        self.message = values.index(1) if not good and values.length() > 1 else ""
        self.values = [values.index(i) for i in range(1, values.length())] if good else []
        self.layer = self.values[0] if good else None
        self.layers = list(values.get_core_object_array(2)) if good and values.length() > 2 else []
        self.iterations = list(values.get_core_object_array(3)) if good and values.length() > 3 else []


def call(image, drawables, procedure=PROCEDURE, **arguments):
    """Runs a procedure; never raises for what it answers."""
    found = Gimp.get_pdb().lookup_procedure(procedure)
    config = found.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", drawables)
    for name, value in (DEFAULTS.get(procedure, {}) | arguments).items():
        config.set_property(name.replace("_", "-"), value)
    return Answer(found.run(config))


def style(image, drawables, **arguments):
    """Runs the procedure, which has to succeed, and returns the new layer (or layers, for a list of several)."""
    answer = call(image, drawables if isinstance(drawables, list) else [drawables], **arguments)
    assert answer.status == Status.SUCCESS, (answer.status, answer.message)
    return answer.layers if isinstance(drawables, list) else answer.layer


def refused(image, drawables, *words, **arguments):
    """The procedure has to fail with a message that holds `words`, and to change nothing."""
    before = tree(image)
    image.clean_all()
    answer = call(image, drawables, **arguments)
    assert answer.status in (Status.CALLING_ERROR, Status.EXECUTION_ERROR), (answer.status, answer.message)
    for word in words:
        assert word in answer.message, (word, answer.message)
    assert tree(image) == before, "a refused call changed the image"
    assert not image.is_dirty(), "a refused call made the image dirty"
    return answer


def recipe(layer):
    parasite = layer.get_parasite("pinxit-recipe")
    assert parasite, "the layer has no recipe"
    assert parasite.is_persistent() and parasite.is_undoable()
    return json.loads(bytes(parasite.get_data()).decode())


def close(a, b, tolerance, share=1.0):
    """Whether at least `share` of all samples differ by no more than `tolerance`."""
    difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    fitting = float((difference <= tolerance).mean())
    assert fitting >= share, f"{fitting:.5f} of the samples fit, {share} should; largest difference {difference.max()}"


def same_painting(a, b):
    """Whether two results show the same painting of the same pixels. The engine may compute in bf16, and a newly
    started one may find that fp32 is faster: results then differ by a level or two, where a wrong curve, profile or
    offset makes ten times that."""
    difference = np.abs(a.astype(np.float64) - b.astype(np.float64)) * 255
    figures = difference.mean(), np.quantile(difference, 0.99), difference.max()
    assert figures[0] <= 1.5 and figures[1] <= 8, "mean %.2f, 99 %% within %.2f, largest %.2f levels" % figures


def styled_pixels(values, **arguments):
    """What the engine makes of these very pixels: through a float image, in which nothing is rounded."""
    image = new_image(values.shape[1], values.shape[0], precision=Gimp.Precision.FLOAT_PERCEPTUAL)
    result = pixels(style(image, add_layer(image, values), **arguments))
    image.delete()
    return result


@contextlib.contextmanager
def selection(image, x, y, width, height, feather=0):
    image.select_rectangle(Gimp.ChannelOps.REPLACE, x, y, width, height)
    if feather:
        Gimp.Selection.feather(image, feather)
    yield image.get_selection()
    Gimp.Selection.none(image)
