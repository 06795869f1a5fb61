# SPDX-License-Identifier: Apache-2.0
# needs: display
"""What a painter does with keys and scripts cannot: undo and redo. One undo brings the picture back byte for byte.

So this runs in GIMP with its windows, on a private X server.
"""
import subprocess
import time

from neural import *


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def press(keys):
    """Keys go to the image window; there is no window manager, so it is given the focus first."""
    windows = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "GNU Image Manipulation|GIMP"],
                             capture_output=True, text=True).stdout.split()
    assert windows, "no image window"
    subprocess.run(["xdotool", "windowfocus", "--sync", windows[-1], "key", keys], check=True)


def layers_of(image):
    return len(image.get_layers())


def undo_and_redo(image, drawables, painted, run=style, sign=layers_of):
    """`sign` of the image is another one as soon as something was undone; one question to GIMP, so that it cannot be
    asked in the middle."""
    before, first = tree(image), sign(image)
    Gimp.Display.new(image)
    Gimp.displays_flush()
    image.clean_all()
    run(image, drawables)
    after, last = tree(image), sign(image)
    assert last != first
    assert after != before and len(image.get_layers()) == painted
    Gimp.displays_flush()
    press("ctrl+z")
    until(lambda: sign(image) != last)
    assert tree(image) == before, "one undo did not bring the picture back"
    assert not image.is_dirty(), "something else was changed besides"
    press("ctrl+y")
    until(lambda: sign(image) != first)
    assert tree(image) == after, "redo did not bring the painting back"


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
