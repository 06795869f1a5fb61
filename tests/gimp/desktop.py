# SPDX-License-Identifier: Apache-2.0
"""What tests with GIMP's windows share: keys, and undo and redo. One undo brings the picture back byte for byte."""
import contextlib
import subprocess
import time

from support import *


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def press(keys):
    """Keys go to the image window, not to messages; there is no window manager, so it is given the focus first."""
    windows = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "GNU Image Manipulation|GIMP$"],
                             capture_output=True, text=True).stdout.split()
    assert windows, "no image window"
    subprocess.run(["xdotool", "windowfocus", "--sync", windows[-1], "key", keys], check=True)


def layers_of(image):
    return len(image.get_layers())


def undo_and_redo(image, drawables, painted, run=style, sign=layers_of):
    """`run` leaves `painted` layers. `sign` of the image is another one as soon as something was undone; one question
    to GIMP, so that it cannot be asked in the middle."""
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


@contextlib.contextmanager
def painter(prompt, wait, keep=(), keys=()):
    """Somebody who works in the Generate window meanwhile (painter.py)."""
    program = pathlib.Path(os.environ["PINXIT_TEST_SUPPORT"]) / "painter.py"
    words = ["--type", prompt, *(f"--key={key}" for key in keys), "--wait", *wait, *(["--keep", *keep] if keep else [])]
    helper = subprocess.Popen(["/usr/bin/python3", program, *words])
    try:
        yield
        assert helper.wait(timeout=30) == 0, "the painter did not get along with the window"
    finally:
        helper.kill()
        helper.wait()
