# SPDX-License-Identifier: Apache-2.0
# needs: display
"""What a painter does with keys and scripts cannot: undo and redo. One undo brings the picture back byte for byte.

So this runs in GIMP with its windows, on a private X server.
"""
from desktop import undo_and_redo
from neural import *


def test_one_layer_with_a_selection():
    image, source = simple()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 10, 10, 50, 40)
    Gimp.Selection.feather(image, 7)
    undo_and_redo(image, [source], 2)
    assert recipe(image.get_layers()[0])["selection"] is True


def test_three_layers():
    image, source = simple()
    others = [add_layer(image, picture(40, 30, seed=n), f"L{n}") for n in (2, 3)]
    undo_and_redo(image, [source, *others], 6)


def test_neural_style_with_iterations():
    image, source = simple(64, 48)
    undo_and_redo(image, [source], 4, lambda *what: neural(*what, keep_every=2))


def test_edit_style_with_a_selection():
    image, source = simple(64, 48)
    layer = style(image, source)
    paint(layer, picture(64, 48, seed=5))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    undo_and_redo(image, [layer], 2, lambda image, drawables: call(image, drawables, EDIT), lambda image: raw(layer))
