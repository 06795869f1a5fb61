# SPDX-License-Identifier: Apache-2.0
"""The recipe kept in the layer."""
import hashlib

from support import *


def test_what_it_tells():
    image, source = simple(90, 70)
    layer = style(image, source, strength=80.0, keep_colors=True, device="cpu")
    told = recipe(layer)
    assert told["recipe"] == 1 and told["procedure"] == PROCEDURE and told["selection"] is False
    assert told["gimp"] == Gimp.version() and told["pinxit"]
    request = told["request"]
    assert request["operation"] == "fast-style" and request["styles"] == [{"style": STYLE, "weight": 1}]
    assert request["strength"] == 80 and request["keep-colors"] is True and request["device"] == "cpu"
    made = told["facts"]["styles"][0]
    assert made["id"] == STYLE and made["title"] == TITLE
    assert made["sha256"] == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    origin = told["source"]
    assert origin["tattoo"] == source.get_tattoo() and origin["name"] == "Source"
    assert (origin["width"], origin["height"]) == (90, 70)
    assert origin["checksum"].startswith("pinxit64:") and len(origin["checksum"]) == 9 + 16


def test_checksum_tells_a_changed_pixel():
    image, source = simple()
    first, again = (recipe(style(image, source))["source"]["checksum"] for _ in range(2))
    assert first == again
    for x, y in ((0, 0), (95, 63), (40, 31)):
        before = source.get_pixel(x, y)
        source.set_pixel(x, y, Gegl.Color.new("red"))
        assert recipe(style(image, source))["source"]["checksum"] != first, (x, y)
        source.set_pixel(x, y, before)
    assert recipe(style(image, source))["source"]["checksum"] == first


def test_saved_and_loaded_with_the_picture():
    image, source = simple()
    with selection(image, 10, 10, 50, 30, feather=5):
        layer = style(image, source)
    kept, mask, painted = recipe(layer), raw(layer.get_mask()), raw(layer)
    file = Gio.File.new_for_path(str(FOLDER / "saved.xcf"))
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file)
    image.delete()
    loaded = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    again = loaded.get_layers()[0]
    assert again.get_name() == TITLE and recipe(again) == kept
    assert raw(again) == painted and raw(again.get_mask()) == mask
    source = loaded.get_layer_by_tattoo(kept["source"]["tattoo"])
    assert source and source.get_name() == "Source"


def test_copied_with_the_layer():
    image, source = simple()
    layer = style(image, source)
    copy = layer.copy()
    image.insert_layer(copy, None, 0)
    assert recipe(copy) == recipe(layer)


def test_names_of_any_kind():
    image, source = simple()
    source.set_name('Ünïcode "quoted" \\ 画')
    assert recipe(style(image, source))["source"]["name"] == source.get_name()
