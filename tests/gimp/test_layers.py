# SPDX-License-Identifier: Apache-2.0
"""Where the new layer goes and what it looks like."""
from support import *


def test_new_layer_directly_above_an_untouched_source():
    image = new_image(120, 90)
    bottom = add_layer(image, picture(120, 90, seed=2), "Bottom")
    source = add_layer(image, picture(70, 50, alpha=True), "Photo", offsets=(-9, 17))
    top = add_layer(image, picture(30, 30, seed=3), "Top")
    before = raw(source)
    layer = style(image, source)
    assert [each.get_name() for each in image.get_layers()] == ["Top", TITLE, "Photo", "Bottom"]
    assert image.get_layers()[1].get_id() == layer.get_id()
    assert offsets(layer) == (-9, 17) and (layer.get_width(), layer.get_height()) == (70, 50)
    assert layer.type() == Gimp.ImageType.RGBA_IMAGE and layer.get_opacity() == 100
    assert layer.get_mode() == image.get_default_new_layer_mode() and layer.get_visible() and layer.get_mask() is None
    assert raw(source) == before
    assert [each.get_id() for each in image.get_selected_layers()] == [layer.get_id()]
    close(pixels(layer)[..., 3], pixels(source)[..., 3], 0)
    assert np.abs(pixels(layer) - pixels(source))[..., :3].mean() > 0.02, "nothing was painted"
    assert top.get_name() == "Top" and bottom.get_name() == "Bottom"


def test_layer_names_are_made_unique():
    image, source = simple()
    first, second = style(image, source), style(image, source)
    assert first.get_name() == TITLE and second.get_name().startswith(TITLE) and second.get_name() != TITLE
    same_painting(pixels(first), pixels(second))


def test_layer_without_alpha():
    image = new_image()
    source = add_layer(image, picture(96, 64), alpha=False)
    layer = style(image, source)
    assert layer.type() == Gimp.ImageType.RGBA_IMAGE and (pixels(layer)[..., 3] == 1).all()
    same_painting(pixels(layer), styled_pixels(pixels(source)))


def test_strength_zero_is_the_source_with_its_hidden_colours():
    image = new_image(96, 64)
    source = add_layer(image, picture(96, 64, alpha=True))
    assert (pixels(source)[..., 3] == 0).any() and (pixels(source)[:, 0, :3] > 0.1).all()
    assert raw(style(image, source, strength=0.0)) == raw(source)


def test_strength_is_a_blend():
    image, source = simple()
    full, half = pixels(style(image, source)), pixels(style(image, source, strength=50.0))
    same_painting(half, (full + pixels(source)) / 2)


def test_keep_colors_keeps_grey_grey():
    image = new_image()
    grey = picture(96, 64)
    grey[..., :3] = grey[..., :1]
    layer = style(image, add_layer(image, grey), keep_colors=True)
    found = pixels(layer)
    close(found[..., 0], found[..., 2], 2 / 255)


def test_layer_inside_groups():
    image = new_image()
    outer = Gimp.GroupLayer.new(image, "outer")
    image.insert_layer(outer, None, 0)
    inner = Gimp.GroupLayer.new(image, "inner")
    image.insert_layer(inner, outer, 0)
    add_layer(image, picture(20, 20), "below", parent=inner)
    source = add_layer(image, picture(40, 30), "Photo", offsets=(11, 5), parent=inner)
    layer = style(image, source)
    assert layer.get_parent().get_id() == inner.get_id() and offsets(layer) == (11, 5)
    assert [child.get_name() for child in inner.get_children()] == [TITLE, "Photo", "below"]
    assert len(image.get_layers()) == 1


def test_group_is_painted_as_it_looks():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    add_layer(image, picture(50, 40), "a", offsets=(5, 6), parent=group)
    half = add_layer(image, picture(30, 30, seed=4), "b", offsets=(20, 20), parent=group)
    half.set_opacity(50)
    add_filter(half, "gegl:invert-gamma")
    seen = pixels(group)
    layer = style(image, group)
    assert [each.get_name() for each in image.get_layers()] == [TITLE, "group"]
    assert not layer.is_group() and offsets(layer) == (5, 6)
    same_painting(pixels(layer), styled_pixels(seen))


def test_filters_are_painted_as_they_look():
    image = new_image()
    source = add_layer(image, picture(60, 40, alpha=True), offsets=(3, 4))
    add_filter(source, "gegl:invert-gamma")
    add_filter(source, "gegl:gaussian-blur", std_dev_x=2.0, std_dev_y=2.0)
    merged = source.copy()
    merged.merge_filters()
    image.insert_layer(merged, None, 0)
    before, filters = raw(source), len(source.get_filters())
    layer, expected = style(image, source), style(image, merged)
    assert filters == 2 and len(source.get_filters()) == 2 and raw(source) == before
    assert offsets(layer) == (3, 4) and (layer.get_width(), layer.get_height()) == (60, 40)
    visible = pixels(layer)[..., 3] > 0.02
    same_painting(pixels(layer)[visible], pixels(expected)[visible])
    assert len(Gimp.get_images()) == 1, "a scratch image was left over"


def test_filtered_layer_keeps_its_mask_and_opacity_out_of_its_colours():
    image = new_image()
    source = add_layer(image, picture(96, 64))
    add_filter(source, "gegl:invert-gamma")
    reference = pixels(style(image, source))
    source.set_opacity(20)
    source.set_mode(Gimp.LayerMode.MULTIPLY)
    source.set_visible(False)
    source.add_mask(source.create_mask(Gimp.AddMaskType.BLACK))
    layer = style(image, source)
    same_painting(pixels(layer), reference)
    assert (mask_values(layer.get_mask()) == 0).all()


def test_filtered_group():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    add_layer(image, picture(50, 40), "a", offsets=(5, 6), parent=group)
    plain = pixels(group)
    add_filter(group, "gegl:invert-gamma")
    layer = style(image, group, strength=0.0)
    plain[..., :3] = 1 - plain[..., :3]
    close(pixels(layer), plain, 1.5 / 255)


def test_text_layer():
    font = Gimp.context_get_font()
    assert font, "GIMP found no font"
    image = new_image()
    text = Gimp.TextLayer.new(image, "Pinxit", font, 24, Gimp.Unit.pixel())
    image.insert_layer(text, None, 0)
    text.set_offsets(7, 8)
    layer = style(image, text)
    assert text.is_text_layer() and text.get_text() == "Pinxit" and not layer.is_text_layer()
    assert offsets(layer) == (7, 8) and (layer.get_width(), layer.get_height()) == (text.get_width(), text.get_height())
    close(pixels(layer)[..., 3], pixels(text)[..., 3], 0)
    assert (pixels(layer)[..., 3] > 0.5).any()


def test_feathered_selection_becomes_the_mask():
    image = new_image(120, 90)
    source = add_layer(image, picture(100, 70), offsets=(10, 12))
    whole = pixels(style(image, source))
    with selection(image, 30, 25, 40, 30, feather=9) as chosen:
        layer = style(image, source)
        mask = layer.get_mask()
        wanted = mask_values(chosen)[12:82, 10:110]
        assert 0.2 < wanted[15, 40] and len(np.unique(wanted)) > 20, "the selection is not feathered"
        close(mask_values(mask), wanted, 0)
        assert recipe(layer)["selection"] is True
    same_painting(pixels(layer), whole)
    assert layer.get_apply_mask() and not layer.get_edit_mask()


def test_outside_the_selection_the_picture_is_untouched():
    image, source = simple(120, 90)
    before = pixels(source)
    with selection(image, 30, 25, 40, 30):
        style(image, source)
    seen = pixels(Gimp.Layer.new_from_visible(image, image, "seen"))
    outside = np.ones((90, 120), bool)
    outside[25:55, 30:70] = False
    assert (seen[outside] == before[outside]).all()
    assert (np.abs(seen - before)[~outside] > 2 / 255).any(axis=-1).mean() > 0.3


def test_selection_beside_the_layer_is_refused():
    image = new_image(120, 90)
    source = add_layer(image, picture(30, 30))
    with selection(image, 60, 60, 20, 20):
        refused(image, [source], "selection", "Source", "Select")


def test_mask_of_the_source_is_carried_over():
    image, source = simple(96, 64)
    mask = source.create_mask(Gimp.AddMaskType.WHITE)
    source.add_mask(mask)
    shares = np.tile(np.linspace(0, 1, 96, dtype=np.float32), (64, 1))
    buffer = mask.get_buffer()
    buffer.set(rectangle(mask), "Y float", shares.tobytes())
    buffer.flush()
    layer = style(image, source)
    close(mask_values(layer.get_mask()), mask_values(mask), 0)
    with selection(image, 10, 10, 50, 30):
        both = mask_values(style(image, source).get_mask())
    wanted = mask_values(mask)
    wanted[:10], wanted[40:], wanted[:, :10], wanted[:, 60:] = 0, 0, 0, 0
    close(both, wanted, 0.5 / 255)
    source.set_apply_mask(False)
    assert style(image, source).get_mask() is None


def test_locked_layers_and_groups():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    source = add_layer(image, picture(40, 30), parent=group)
    for item in (source, group):
        item.set_lock_content(True)
        item.set_lock_position(True)
    source.set_lock_alpha(True)
    before = raw(source)
    layer = style(image, source)
    assert layer.get_parent().get_id() == group.get_id() and raw(source) == before
    assert not layer.get_lock_content()
    same_painting(pixels(layer), styled_pixels(pixels(source)))


def test_three_layers_at_once():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    sources = [add_layer(image, picture(96, 64, seed=1), "A"), add_layer(image, picture(40, 33, seed=2), "B"),
               add_layer(image, picture(21, 30, seed=3), "C", offsets=(8, 9), parent=group)]
    layers = style(image, sources + sources[:1])
    assert len(layers) == 3, "the same layer was painted twice"
    for source, layer in zip(sources, layers):
        siblings = source.get_parent().get_children() if source.get_parent() else image.get_layers()
        places = [sibling.get_id() for sibling in siblings]
        assert places.index(layer.get_id()) == places.index(source.get_id()) - 1
        assert recipe(layer)["source"]["name"] == source.get_name() and offsets(layer) == offsets(source)
        same_painting(pixels(layer), styled_pixels(pixels(source)))
    assert {each.get_id() for each in image.get_selected_layers()} == {each.get_id() for each in layers}


def test_group_and_its_child_at_once():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    child = add_layer(image, picture(40, 33), "child", parent=group)
    above, inside = style(image, [group, child])
    assert above.get_parent() is None and inside.get_parent().get_id() == group.get_id()
    same_painting(pixels(above), pixels(inside))


def test_one_by_one_pixel():
    image = new_image(1, 1)
    layer = style(image, add_layer(image, picture(1, 1)))
    assert (layer.get_width(), layer.get_height()) == (1, 1) and np.isfinite(pixels(layer)).all()


def test_max_size_returns_the_size_of_the_layer():
    image, source = simple(150, 100)
    layer = style(image, source, max_size=64)
    assert (layer.get_width(), layer.get_height()) == (150, 100)
    assert recipe(layer)["facts"]["scaled"]["width"] == 64
