#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A painter before the Generate from Text window:

    painter.py --type PROMPT [--key KEY]… --wait RRGGBB… [--keep RRGGBB…]

Types the prompt, presses the keys and Generate, waits until pictures of all the colours are on the screen, clicks
those to keep (a picture alone is kept without), and inserts them. The fake engine's pictures are plain, so a colour tells a picture. Ends with status 0
when the window is gone.
"""
import argparse
import subprocess
import sys
import time

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # noqa: E402
import numpy as np  # noqa: E402

TITLE = "^Generate from Text"


def until(answer, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = answer()
        if found:
            return found
        time.sleep(0.1)
    xdotool("key", "Escape")  # or GIMP would wait for ever
    sys.exit(f"the painter waited in vain for {what}")


def xdotool(*words):
    return subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True, check=False).stdout.split()


def windows():
    return xdotool("search", "--onlyvisible", "--name", TITLE)


def screen():
    """Height × width of 0xRRGGBB."""
    root = Gdk.get_default_root_window()
    shot = Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
    rows = np.frombuffer(shot.get_pixels(), np.uint8)
    rows = np.pad(rows, (0, shot.get_rowstride() * shot.get_height() - len(rows)))
    rgb = rows.reshape(shot.get_height(), -1)[:, :shot.get_width() * shot.get_n_channels()]
    rgb = rgb.reshape(shot.get_height(), shot.get_width(), -1)[..., :3].astype(int)
    return rgb[..., 0] * 65536 + rgb[..., 1] * 256 + rgb[..., 2]


def places(colours):
    """Where each colour is: the middle of its lowest rows; nothing while one is missing."""
    shot, found = screen(), []
    for colour in colours:
        y, x = np.nonzero(shot == int(colour, 16))
        if len(x) < 400:
            return None
        lowest = y > y.max() - 12
        found.append((int(np.median(x[lowest])), int(y.max() - 6)))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--type", required=True)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--wait", nargs="+", required=True)
    parser.add_argument("--keep", nargs="+", default=[])
    arguments = parser.parse_args()
    window = until(windows, "the window")[-1]
    xdotool("windowfocus", "--sync", window, "type", "--delay", 20, arguments.type)
    for key in arguments.key:
        xdotool("key", key)
    xdotool("key", "alt+g")
    until(lambda: places(arguments.wait), "the pictures")
    for x, y in until(lambda: places(arguments.keep), "the pictures to keep") if arguments.keep else []:
        xdotool("mousemove", x, y, "click", 1)
    until(lambda: xdotool("key", "alt+i") or not windows(), "the window to go")


if __name__ == "__main__":
    main()
