# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the plug-in or the engine at random moments of a run: 10 of them, 100 with PINXIT_LONG=1.

GIMP lives, the image is unchanged or has one complete new layer, no process and no file is left over, and the next run
works.
"""
import random
import time

from processes import files, gone, kill_after, processes
from support import *

KILLS = 100 if LONG else 10
SIZE = (700, 500)


def test_kills():
    image = new_image(*SIZE)
    source = add_layer(image, picture(*SIZE))
    style(image, source)
    start = time.monotonic()
    layer = style(image, source)
    usual = time.monotonic() - start
    complete = pixels(layer)
    for made in image.get_layers()[:-1]:
        image.remove_layer(made)
    before, known = tree(image), files()
    dice, hits, survivors = random.Random(os.getpid()), 0, 0
    print(f"a run takes {usual:.2f} s")
    for number in range(KILLS):
        program = dice.choice(["pinxit", "pinxit-engine"])
        delay, killed = dice.uniform(0, 1.1 * usual), []
        thread = kill_after(program, delay, killed)
        answer = call(image, [source])
        thread.join()
        hits += bool(killed)
        moment = f"kill {number} of {program} after {delay:.2f} s"
        new = image.get_layers()[:-1]
        if new:
            survivors += 1
            assert len(new) == 1 and new[0].get_name() == TITLE, (moment, [each.get_name() for each in new])
            assert recipe(new[0])["recipe"] == 1
            same_painting(pixels(new[0]), complete)
            image.remove_layer(new[0])
        else:
            assert answer.status != Status.SUCCESS, moment
        assert tree(image) == before, f"{moment}: the image is not what it was"
        assert len(Gimp.get_images()) == 1, f"{moment}: a scratch image is left"
        assert gone("pinxit"), f"{moment}: the plug-in still runs"
        assert files() <= known, f"{moment}: left over: {files() - known}"
    print(f"{hits} of {KILLS} kills hit a running process, {survivors} runs were complete all the same")
    assert hits >= KILLS // 2
    same_painting(pixels(style(image, source)), complete)


def test_the_engine_drops_the_job_of_a_killed_plug_in():
    """The next run begins at once instead of waiting for a picture nobody wants."""
    image = new_image(1400, 1000)
    source = add_layer(image, picture(1400, 1000))
    start = time.monotonic()
    style(image, source)
    usual = time.monotonic() - start
    killed = []
    thread = kill_after("pinxit", usual * 0.4, killed)
    answer = call(image, [source])
    thread.join()
    assert killed and answer.status != Status.SUCCESS
    small, part = simple(64, 64)
    start = time.monotonic()
    style(small, part)
    waited = time.monotonic() - start
    print(f"a large run takes {usual:.2f} s; after its kill a small one took {waited:.2f} s")
    assert list(processes("pinxit-engine")), "the engine did not survive"
