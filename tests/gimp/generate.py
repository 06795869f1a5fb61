# SPDX-License-Identifier: Apache-2.0
"""What the tests of Generate from Text share. Those with plain pictures run with the fake engine of tests/unit
(fake_generate.h): 64 × 64 pixels of one colour, which the seed alone tells; a word that starts with x is unknown.
"""
import zlib

from support import *

GENERATE = "plug-in-pinxit-generate"
NEW_IMAGE = "plug-in-pinxit-generate-image"
EDIT = "plug-in-pinxit-edit-style"
PROMPT = "a scarlet zeppelin"
DEFAULTS[GENERATE] = {"prompt": PROMPT, "count": 1, "seed": 7, "device": "cpu"}
WORDS = ["scarlet", "zeppelin", "marmalade", "xylophone", "gulls", "tangerine"]
MODELS_OF_TEST = FOLDER / "data" / "models"


def seed_colour(seed, share=0.0):
    """fake_color of fake_generate.h"""
    return [seed * factor % 256 / 255 * (1 - share / 2) for factor in (7, 31, 101)]


def plain(colour, side=64):
    values = np.ones((side, side, 4), np.float32)
    values[..., :3] = colour
    return values


def generate(image, drawables=(), **arguments):
    """Generates into the image, which has to succeed; the answer."""
    answer = call(image, list(drawables), GENERATE, **arguments)
    assert answer.status == Status.SUCCESS, (answer.status, answer.message)
    return answer


class NewImage:
    """What the procedure for new images answers."""

    def __init__(self, **arguments):
        procedure = Gimp.get_pdb().lookup_procedure(NEW_IMAGE)
        config = procedure.create_config()
        config.set_property("run-mode", arguments.pop("run_mode", Gimp.RunMode.NONINTERACTIVE))
        for name, value in ({"prompt": PROMPT, "seed": 7, "device": "cpu"} | arguments).items():
            config.set_property(name.replace("_", "-"), value)
        values = procedure.run(config)
        self.status = values.index(0)
        good = self.status == Status.SUCCESS
        self.message = values.index(1) if not good and values.length() > 1 else ""
        self.image = values.index(1) if good else None
        self.layers = list(values.get_core_object_array(2)) if good else []


def names(layers):
    return [layer.get_name() for layer in layers]


def ids(layers):
    return [layer.get_id() for layer in layers]


def shows(layer, colour, tolerance=1e-6):
    close(pixels(layer), plain(colour, layer.get_width()), tolerance)


def everything_in(file):
    """A file's bytes, and what every zlib or gzip stream in it holds."""
    data = file.read_bytes()
    found = [data]
    for magic, window in ((b"\x78", 15), (b"\x1f\x8b", 31)):
        at = data.find(magic)
        while at >= 0:
            try:
                found.append(zlib.decompressobj(window).decompress(data[at:]))
            except zlib.error:
                pass
            at = data.find(magic, at + 1)
    return found


def words_in(file, words):
    """Those of `words` that are somewhere in the file, in any case, as UTF-8, UTF-16, or escaped as JSON does."""
    texts = [text.lower() for text in everything_in(file)]
    spelt = lambda word: [word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()]
    return [word for word in words if any(form in text for form in spelt(word.lower()) for text in texts)]


def save_xcf(image, name):
    path = FOLDER / name
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)))
    return path


def check_no_word(image, name):
    """Neither what is saved of the image nor what GIMP and the engine have written meanwhile holds one of WORDS."""
    file = save_xcf(image, name)
    assert not words_in(file, WORDS), words_in(file, WORDS)
    for parasite in image.get_parasite_list():
        assert not any(word.encode() in bytes(image.get_parasite(parasite).get_data()) for word in WORDS), parasite
    for folder in ("profile", "home", "config", "runtime", "tmp"):
        for kept in (FOLDER / folder).rglob("*"):
            if kept.is_file() and not kept.is_symlink():
                assert not words_in(kept, WORDS), (kept, words_in(kept, WORDS))
    log = FOLDER / "gimp.log"  # whatever GIMP, plug-in and engine have said since the file's first test
    assert log.stat().st_size > 0 and not words_in(log, WORDS), words_in(log, WORDS)


def remember(*prompts):
    """Makes these the painter's private history, newest first (dialogs/generate/prompt_history.h): texts, or prompt,
    the other prompt and whether they may stay with layers."""
    (FOLDER / "data").mkdir(exist_ok=True)
    kept = [dict(zip(("prompt", "vary-prompt", "keep"), prompt if isinstance(prompt, tuple) else (prompt,)))
            for prompt in prompts]
    (FOLDER / "data" / "prompts.json").write_text(json.dumps({"pinxit": 1, "prompts": kept}))


def captions(*lines, name="captions.txt"):
    (FOLDER / name).write_text("\n".join(lines) + "\n")
    return str(FOLDER / name)
