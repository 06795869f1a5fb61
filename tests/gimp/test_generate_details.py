# SPDX-License-Identifier: Apache-2.0
"""Edit Style of a generated picture that has details beside it: they go with the picture they belong to, unless
somebody has worked on them. The engine is the fake one. (With the window: test_generate_desktop.py.)"""
from generate import *

ALL = {"all_sizes": True, "maps": True, "strip": True}
MADE = ["32 × 32", "a (32 × 32)", "scarlet (32 × 32)", "zeppelin (32 × 32)", "Strongest words: a, scarlet, zeppelin"]
ANEW = ["32 × 32", "marmalade (32 × 32)", "sea (32 × 32)", "Strongest words: marmalade, sea"]


def with_details(image=None, **arguments):
    """A picture and its details."""
    image = image or simple()[0]
    layer = generate(image, image.get_layers()[:1], **(ALL | arguments)).layers[0]
    return image, layer, layer.get_parent().get_children()[1]


def edit(image, layer, **wishes):
    """Edit Style after the recipe was changed to say something else."""
    told = recipe(layer)
    told["request"] |= {"prompt": "marmalade sea"} | wishes
    layer.attach_parasite(Gimp.Parasite.new("pinxit-recipe", 3, json.dumps(told).encode()))
    paint(layer, picture(layer.get_width(), layer.get_height()))
    answer = call(image, [layer], EDIT)
    assert answer.status == Status.SUCCESS, answer.message
    shows(layer, seed_colour(7), 1e-2)


def test_they_are_replaced():
    image, layer, details = with_details()
    assert names(details.get_children()) == MADE
    old = ids(details.get_children())
    details.set_visible(True)
    layer.set_offsets(11, -5)
    edit(image, layer)
    group, = [each for each in image.get_layers() if each.is_group()]
    assert ids(group.get_children()) == ids([layer, details]), "the group of the details is another one"
    assert details.get_visible() and details.get_name() == "Details of seed 7"
    assert names(details.get_children()) == ANEW and not set(old) & set(ids(details.get_children()))
    smaller, *maps, strip = details.get_children()
    shows(smaller, seed_colour(7))
    shows(maps[0], 3 * [1 / 2], 1 / 500)
    assert offsets(smaller) == (11 + 16, -5 + 16), "they are not where the picture is"
    assert ids(image.get_selected_layers()) != ids([smaller])


def test_again_and_again():
    image, layer, details = with_details()
    for _ in range(2):
        edit(image, layer)
        assert names(details.get_children()) == ANEW


def test_they_go_where_none_are_wanted():
    image, layer, details = with_details()
    edit(image, layer, **{"all-sizes": False, "maps": False, "strip": False})
    group = image.get_layers()[0]
    assert ids(group.get_children()) == [layer.get_id()]


def test_what_was_changed_stays():
    changes = [lambda each, image: paint(each, picture(each.get_width(), each.get_height())),
               lambda each, image: each.set_name("Mine"),
               lambda each, image: each.set_name("my favourite (32 × 32)"),
               lambda each, image: each.set_opacity(50),
               lambda each, image: each.set_mode(Gimp.LayerMode.MULTIPLY),
               lambda each, image: each.set_lock_content(True),
               lambda each, image: add_filter(each, "gegl:invert-gamma"),
               lambda each, image: each.add_mask(each.create_mask(Gimp.AddMaskType.WHITE)),
               lambda each, image: each.scale(20, 20, False)]
    for change in changes:
        for asked in (True, False):
            image, layer, details = with_details()
            mine = details.get_children()[2]
            change(mine, image)
            pixels_of_mine = raw(mine)
            edit(image, layer, **{name: asked for name in ("all-sizes", "maps", "strip")})
            found = details.get_children()
            assert raw(mine) == pixels_of_mine and ids(found[-1:]) == [mine.get_id()]
            assert names(found[:-1]) == (ANEW if asked else []), names(found)
            edit(image, layer, **{name: asked for name in ("all-sizes", "maps", "strip")})
            assert mine.get_id() in ids(details.get_children()) and raw(mine) == pixels_of_mine
            image.delete()


def test_a_strip_that_was_renamed_stays():
    image, layer, details = with_details()
    strip = details.get_children()[-1]
    strip.set_name("Strongest words – for Anna")
    edit(image, layer)
    assert ids(details.get_children()[-1:]) == [strip.get_id()] and names(details.get_children()[:-1]) == ANEW


def test_what_is_in_a_locked_group_stays():
    image, layer, details = with_details()
    before = ids(details.get_children())
    details.set_lock_content(True)
    for _ in range(2):
        edit(image, layer)
        assert ids(details.get_children()) == before, "pixels in there were locked"
    assert ids(layer.get_parent().get_children()) == ids([layer, details])


def test_what_was_kept_goes_with_the_picture():
    """However often that is replaced, its details are in one group, and their keeper is told once."""
    image, layer, details = with_details()
    mine = details.get_children()[2]
    mine.set_opacity(50)
    for _ in range(3):
        edit(image, layer)
        mark = json.loads(bytes(mine.get_parasite("pinxit-detail").get_data()))
        assert mark == {"detail": 1, "picture": recipe(layer)["facts"]["picture"]["id"], "kept": True}
        assert names(details.get_children()) == ANEW + [mine.get_name()]
        assert ids(layer.get_parent().get_children()) == ids([layer, details])


def test_layers_of_the_painter_stay():
    image, layer, details = with_details()
    mine = add_layer(image, picture(20, 20), "Mine", parent=details, position=1)
    edit(image, layer, **{"all-sizes": False, "maps": False, "strip": False})
    assert ids(details.get_children()) == [mine.get_id()] and details.get_name() == "Details of seed 7"


def test_moved_ones_are_not_looked_for():
    image, layer, details = with_details()
    image.reorder_item(details, None, 0)
    before = ids(details.get_children())
    edit(image, layer)
    assert ids(details.get_children()) == before and ids(image.get_layers()[1].get_children()) == [layer.get_id()]


def test_removed_ones_do_not_come_back():
    image, layer, details = with_details()
    image.remove_layer(details)
    edit(image, layer)
    assert ids(image.get_layers()[0].get_children()) == [layer.get_id()]


def test_those_of_another_picture_stay():
    image, layer, details = with_details(count=2)
    group = layer.get_parent()
    image.remove_layer(details)
    second, others = group.get_children()[1:]
    image.reorder_item(second, group, 0)
    assert ids(group.get_children()) == ids([second, layer, others])
    before = ids(others.get_children())
    edit(image, layer)
    assert ids(others.get_children()) == before and names([others]) == ["Details of seed 1007"]


def test_those_of_another_picture_with_the_same_seed_stay():
    image, layer, details = with_details()
    before = ids(details.get_children())
    other = generate(image, image.get_layers()[:1]).layer
    image.reorder_item(other, layer.get_parent(), 1)
    assert ids(layer.get_parent().get_children()) == ids([layer, other, details])
    for again in range(2):
        edit(image, other, **ALL)
        assert ids(details.get_children()) == before and names(details.get_children()) == MADE, again


def test_those_of_a_picture_without_id_are_the_painters():
    image, layer, details = with_details()
    before = ids(details.get_children())
    told = recipe(layer)
    del told["facts"]["picture"]["id"]
    layer.attach_parasite(Gimp.Parasite.new("pinxit-recipe", 3, json.dumps(told).encode()))
    edit(image, layer)
    assert ids(details.get_children()) == before and recipe(layer)["facts"]["picture"]["id"]


def test_channels_that_are_off_do_not_count():
    for base, channels in ((Gimp.ImageBaseType.RGB, ("RED", "GREEN", "BLUE", "ALPHA")),
                           (Gimp.ImageBaseType.GRAY, ("GRAY",))):
        for names_off in [(each,) for each in channels] + [channels]:
            image = new_image(80, 80, base)
            layer = generate(image).layer
            painted = raw(layer)
            off = [getattr(Gimp.ChannelType, name) for name in names_off]
            for channel in off:
                image.set_component_active(channel, False)
            paint(layer, picture(64, 64, alpha=True))
            assert call(image, [layer], EDIT).status == Status.SUCCESS
            assert raw(layer) == painted, names_off
            assert [each for each in channels if not image.get_component_active(getattr(Gimp.ChannelType, each))] == \
                [each for each in channels if each in names_off], "other channels are off than before"
            image.delete()


def test_locked_alpha_stays():
    image = new_image(80, 80)
    layer = generate(image).layer
    mine = picture(64, 64, alpha=True)
    paint(layer, mine)
    layer.set_lock_alpha(True)
    assert call(image, [layer], EDIT).status == Status.SUCCESS
    found = pixels(layer)
    close(found[..., 3], mine[..., 3], 1 / 255)
    seen = found[..., 3] > 0
    close(found[seen][:, :3], np.broadcast_to(seed_colour(7), (seen.sum(), 3)), 1e-2)


def test_after_saving_and_loading():
    for precision in (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.HALF_LINEAR, Gimp.Precision.U16_PERCEPTUAL):
        image = new_image(80, 80, precision=precision)
        image, layer, details = with_details(image)
        file = save_xcf(image, "details.xcf")
        image.delete()
        image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(file)))
        layer, details = image.get_layers()[0].get_children()
        edit(image, layer)
        assert names(details.get_children()) == ANEW, precision
        image.delete()


def test_marks_hold_no_word():
    image, layer, details = with_details(prompt="scarlet zeppelin marmalade", keep_prompt=False)
    mark = json.loads(bytes(details.get_children()[1].get_parasite("pinxit-detail").get_data()))
    assert mark.keys() == {"detail", "picture", "role", "word", "checksum"}
    assert mark["picture"] == recipe(layer)["facts"]["picture"]["id"]
    check_no_word(image, "marks.xcf")
