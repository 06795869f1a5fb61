# SPDX-License-Identifier: Apache-2.0
"""Edit Style: a painted layer gets other pixels and keeps everything else."""
from neural import *


def edit(image, layer):
    """Whether the source had changed; the call has to succeed."""
    answer = call(image, [layer], EDIT)
    assert answer.status == Status.SUCCESS, (answer.status, answer.message)
    return answer.values[0]


def everything_but_pixels(layer):
    mask = layer.get_mask()
    return {"name": layer.get_name(), "offsets": offsets(layer), "opacity": layer.get_opacity(),
            "mode": int(layer.get_mode()), "visible": layer.get_visible(), "mask": raw(mask),
            "size": (layer.get_width(), layer.get_height()), "filters": [each.get_name() for each in
                                                                         layer.get_filters()],
            "id": layer.get_id(), "tattoo": layer.get_tattoo()}


def painted_and_arranged(make):
    """A painted layer with everything a painter may have done to it since."""
    image = new_image(96, 64)
    source = add_layer(image, picture(80, 56), "Photo", offsets=(5, 3))
    with selection(image, 10, 10, 50, 30, feather=5):
        layer = make(image, source)
    add_filter(layer, "gegl:invert-gamma")
    layer.set_name("My painting")
    layer.set_opacity(60)
    layer.set_mode(Gimp.LayerMode.MULTIPLY)
    layer.set_offsets(7, 8)
    return image, source, layer


def check_edit(make):
    image, source, layer = painted_and_arranged(make)
    kept, painted, told = everything_but_pixels(layer), pixels(layer), recipe(layer)
    layers = [each.get_id() for each in image.get_layers()]

    assert edit(image, layer) is False
    same_painting(pixels(layer), painted)
    assert everything_but_pixels(layer) == kept and recipe(layer)["request"] == told["request"]

    paint(source, picture(80, 56, seed=9)[::-1])
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 12, 12)
    chosen = raw(image.get_selection())
    assert edit(image, layer) is True, "nobody noticed that the source has changed"
    assert everything_but_pixels(layer) == kept
    assert raw(image.get_selection()) == chosen and not image.get_channels(), "the selection did not stay as it was"
    assert [each.get_id() for each in image.get_layers()] == layers
    assert np.abs(pixels(layer) - painted)[40:, 40:, :3].mean() > 0.02, "the selection limited what was painted"
    again = recipe(layer)
    assert again["source"]["checksum"] != told["source"]["checksum"] and again["selection"] is True
    assert again["request"] == told["request"] and again["procedure"] == told["procedure"]
    assert edit(image, layer) is False, "the recipe still speaks of the old source"
    return image, source, layer


def test_fast_style():
    image, source, layer = check_edit(lambda image, source: style(image, source, strength=80.0))
    Gimp.Selection.none(image)
    same_painting(pixels(layer), pixels(style(image, source, strength=80.0)))


def test_neural_style():
    image, source, layer = check_edit(lambda image, source: neural(image, source, seed=4).layer)
    Gimp.Selection.none(image)
    same_painting(pixels(layer), pixels(neural(image, source, seed=4).layer))


def test_with_a_name_the_gallery_is_left_alone():
    image, source = simple(40, 32)
    layer = neural(image, source, name="Painted once").layer
    known = gallery("SELECT name FROM entries")
    edit(image, layer)
    assert gallery("SELECT name FROM entries") == known


def test_a_layer_of_another_size_keeps_it():
    image, source = simple(60, 40)
    layer = style(image, source)
    layer.scale(30, 20, False)
    edit(image, layer)
    assert (layer.get_width(), layer.get_height()) == (30, 20)
    small = pixels(style(image, source))[::2, ::2]
    assert np.abs(pixels(layer) - small)[..., :3].mean() < 0.08


def test_a_state_becomes_the_painting():
    image, source = simple(48, 40)
    answer = neural(image, source, keep_every=2)
    state = answer.iterations[0]
    edit(image, state)
    same_painting(pixels(state), pixels(answer.layer))
    assert "iteration" not in recipe(state) and "(iteration 2)" in state.get_name()


def test_saved_and_loaded_with_the_picture():
    image, source = simple(48, 40)
    painted = pixels(style(image, source))
    file = Gio.File.new_for_path(str(FOLDER / "edited.xcf"))
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file)
    image.delete()
    loaded = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    layer = loaded.get_layers()[0]
    paint(layer, np.zeros((40, 48, 4), np.float32))
    assert edit(loaded, layer) is False
    same_painting(pixels(layer), painted)


def test_what_cannot_be_edited():
    image, source = simple(48, 40)
    refused(image, [source], "not painted by Pinxit", procedure=EDIT)
    layer = style(image, source)
    refused(image, [layer, source], "one layer", procedure=EDIT)
    layer.set_lock_content(True)
    refused(image, [layer], "locked", procedure=EDIT)
    layer.set_lock_content(False)
    image.remove_layer(source)
    refused(image, [layer], "Source", "not in this image", procedure=EDIT)
    layer.attach_parasite(Gimp.Parasite.new("pinxit-recipe", 3, b'{"recipe": 99, "request": {}}'))
    refused(image, [layer], "newer", procedure=EDIT)
