# SPDX-License-Identifier: Apache-2.0
"""What the tests of Neural Style share: small pictures, an encoder of noise, the gallery as a database.

The encoder is shaped like a VGG19 and its weights are random: the losses fall and every path is taken, and the tests
need no model. What a real encoder paints like is looked at elsewhere (`./dev sheet`). The engine gets one thread, which
is faster for so small pictures on a busy machine.
"""
import sqlite3
import sys

from support import *

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from safetensors_file import write_tensors  # noqa: E402

NEURAL = "plug-in-pinxit-neural-style"
EDIT = "plug-in-pinxit-edit-style"
WIDTHS = [8, 8, 12, 12, 16, 16, 16, 16, 24, 24, 24, 24, 24]
PLACES = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28]


def write_encoder(path):
    """conv1_1 to conv5_1 in torchvision's names, as safetensors."""
    dice, tensors, before = np.random.default_rng(7), {}, 3
    for place, width in zip(PLACES, WIDTHS):
        tensors[f"features.{place}.weight"] = dice.normal(0, (2 / (9 * before)) ** 0.5, (width, before, 3, 3))
        tensors[f"features.{place}.bias"] = np.full(width, 0.05)
        before = width
    write_tensors(path, tensors)
    return str(path)


def stripes(width=80, height=60):
    """A painting to take the style from: warm slanted stripes."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 0.5 + 0.5 * np.sin((x + 2 * y) / 2.5)
    return np.stack([0.35 + 0.6 * wave, 0.15 + 0.4 * wave, 0.1 + 0.1 * wave, np.ones_like(wave)], -1)


def dots(width=80, height=60):
    """Another one: cold dots."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 0.5 + 0.5 * np.sin(x / 1.7) * np.sin(y / 1.7)
    return np.stack([0.1 + 0.1 * wave, 0.3 + 0.3 * wave, 0.3 + 0.6 * wave, np.ones_like(wave)], -1)


def save(values, name):
    """Writes a picture through GIMP, in the format its name says; the path."""
    image = new_image(values.shape[1], values.shape[0])
    add_layer(image, values)
    file = Gio.File.new_for_path(str(FOLDER / name))
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file)
    image.delete()
    return file.get_path()


def write_settings():
    folder = pathlib.Path(os.environ["PINXIT_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.ini").write_text("[engine]\nthreads=1\n")


QUICK = json.dumps({"pinxit-preset": 1, "id": "quick", "based-on": "best", "schedule": {"steps": 3, "average": 0}})
write_settings()
ENCODER = write_encoder(FOLDER / "noise-vgg19.safetensors")
STRIPES, DOTS = save(stripes(), "stripes.xcf"), save(dots(), "dots.png")
DEFAULTS[NEURAL] = {"style": STRIPES, "preset": QUICK, "encoder": ENCODER, "size": 0, "iterations": 5, "device": "cpu"}


def neural(image, drawables, **arguments):
    """Runs Neural Style, which has to succeed; the answer."""
    answer = call(image, drawables if isinstance(drawables, list) else [drawables], NEURAL, **arguments)
    assert answer.status == Status.SUCCESS, (answer.status, answer.message)
    return answer


def layer_reference(layer):
    return f"layer:{layer.get_tattoo()}"


def gallery(question, *values):
    """Rows of the gallery's database; none while there is no gallery, or one that is just being made."""
    file = FOLDER / "data" / "gallery" / "gallery.sqlite"
    if not file.exists():
        return []
    with contextlib.closing(sqlite3.connect(file, timeout=10)) as database:
        if not database.execute("PRAGMA user_version").fetchone()[0]:
            return []
        return database.execute(question, values).fetchall()


def entry(name):
    """State and error of an entry, and its iterations with their total losses."""
    found = gallery("SELECT id, state, error FROM entries WHERE name = ?", name)
    assert len(found) == 1, (name, found)
    number, state, error = found[0]
    return state, error, gallery("SELECT iteration, total FROM iterations WHERE entry = ? ORDER BY iteration", number)
