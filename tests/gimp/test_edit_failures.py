# SPDX-License-Identifier: Apache-2.0
# needs: display
"""Edit Style that fails: the image is as it was, to the last byte, and what one undo takes back is what the painter did
last. All three kinds of layers; the engine is the fake one.

Where memory ends is tried from hardly any to enough, so that it ends at many moments of the replacement: each time all
of it is there, or nothing. (Undo is why this runs in GIMP with its windows, on a private X server.)
"""
import resource
import signal
import threading
import time

import icc
from desktop import press, until
from generate import *
from neural import *
from processes import processes

MAKERS = {
    "Fast Style": lambda image, source: style(image, source, style="steps-20"),
    "Neural Style": lambda image, source: neural(image, source, encoder="steps-4", keep_every=2).layer,
    "Generate": lambda image, source: generate(image, [source], model="steps-20", maps=True, count=2).layers[1],
}
LARGE = (3000, 2000)  # 96 MB in the plug-in


def painted_and_arranged(make, size=None):
    """A painted layer in a group, with everything a painter may have done to it since."""
    image = new_image(96, 64)
    group = Gimp.GroupLayer.new(image, "Group")
    image.insert_layer(group, None, 0)
    source = add_layer(image, picture(80, 56), "Photo", offsets=(5, 3), parent=group)
    layer = make(image, source)
    if not layer.get_mask():
        layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    if size:
        layer.scale(*size, False)
    add_filter(layer, "gegl:invert-gamma")
    layer.set_name("My painting")
    layer.set_opacity(60)
    layer.set_offsets(7, 8)
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 10, 10, 50, 40)
    return image, group, layer


def state(image):
    """All there is of an image, and which layer is which."""
    def item(layer):
        attached = {name: bytes(layer.get_parasite(name).get_data()) for name in layer.get_parasite_list()}
        children = [item(each) for each in layer.get_children()] if layer.is_group() else None
        return layer.get_id(), layer.get_tattoo(), attached, children
    return tree(image), [item(layer) for layer in image.get_layers()], ids(image.get_selected_layers())


def edit_spoilt(image, layer, spoil=None):
    """The answer of Edit Style while `spoil` is a thread that does something to it. The image is as before, or has one
    step more to be undone."""
    layer.set_opacity(30)
    image.clean_all()
    before = state(image)
    if spoil:
        spoil.start()
    answer = call(image, [layer], EDIT)
    if spoil:
        spoil.join()
    good = answer.status == Status.SUCCESS
    assert good or state(image) == before, "the image is not what it was"
    assert good == image.is_dirty(), "something was changed, even if it was changed back"
    assert ids(image.get_selected_layers()) == before[2], "other layers are selected"
    assert len(Gimp.get_images()) == 1
    Gimp.displays_flush()
    press("ctrl+z")
    if good:
        until(lambda: raw(layer) == before_pixels(before, layer))
        assert state(image)[:2] == before[:2], "one undo did not bring everything back"
        layer.set_opacity(60)
    else:
        until(lambda: layer.get_opacity() == 60)
    return answer


def before_pixels(before, layer):
    """Of the layer, in what `state` has told."""
    def items(layers):
        for each in layers:
            yield each
            yield from items(each["children"] or [])
    return next(each["pixels"] for each in items(before[0]["layers"]) if each["name"] == layer.get_name())


def each_kind(test, size=None):
    for kind, make in MAKERS.items():
        print("  ", kind, flush=True)
        image, group, layer = painted_and_arranged(make, size)
        display = Gimp.Display.new(image)
        Gimp.displays_flush()
        try:
            test(image, group, layer)
        finally:
            display.delete()  # and the image with it


def when_painting(spoil, done):
    """A thread that calls `spoil` with the plug-in's pid once that has found its engine; tells it in `done`."""
    def caught(plug_in):
        try:
            if not any("socket" in os.readlink(each) for each in pathlib.Path(f"/proc/{plug_in}/fd").iterdir()):
                return False
            time.sleep(0.1)
            spoil(plug_in)
            done.append(plug_in)
            return True
        except OSError:
            return False

    def work():
        end = time.monotonic() + 20
        while time.monotonic() < end and not any(caught(each) for each in processes("pinxit")):
            time.sleep(0.005)
    return threading.Thread(target=work)


def leave_memory(megabytes):
    def spoil(plug_in):
        used = 4096 * int(pathlib.Path(f"/proc/{plug_in}/statm").read_text().split()[0])
        resource.prlimit(plug_in, resource.RLIMIT_AS, (used + (megabytes << 20), -1))
    return spoil


def test_memory_ends():
    if "ASAN_OPTIONS" in os.environ:
        return print("   (a sanitizer does not go on without memory)")

    def test(image, group, layer):
        failures, told = 0, set()
        for megabytes in (1, 8, 40, 97, 100, 103, 106, 112, 120, 300):
            done = []
            answer = edit_spoilt(image, layer, when_painting(leave_memory(megabytes), done))
            assert done, "the plug-in was not caught"
            failures += answer.status != Status.SUCCESS
            told.add(answer.message)
            print("    ", megabytes, "MB:", answer.message or "complete", flush=True)
        assert 3 <= failures < 10 and any("memory" in each for each in told), (failures, told)
    each_kind(test, LARGE)


def kill_engine(plug_in):
    for engine in processes("fake-engine"):
        os.kill(engine, signal.SIGKILL)


def test_the_engine_is_killed():
    def test(image, group, layer):
        text = bytes(layer.get_parasite("pinxit-recipe").get_data()).replace(b"steps-", b"steps-10")
        layer.attach_parasite(Gimp.Parasite.new("pinxit-recipe", 3, text))
        done = []
        answer = edit_spoilt(image, layer, when_painting(kill_engine, done))
        assert done and answer.status == Status.EXECUTION_ERROR and "engine" in answer.message, answer.message
    each_kind(test)


def test_locked_pixels():
    """GIMP locks those of all that is in a locked group."""
    def test(image, group, layer):
        for locked, name in ((layer, "My painting"), (group, "Group")):
            locked.set_lock_content(True)
            answer = edit_spoilt(image, layer)
            assert answer.status == Status.CALLING_ERROR, (answer.status, answer.message)
            assert name in answer.message and "locked" in answer.message, answer.message
            locked.set_lock_content(False)
    each_kind(test)


def test_colours_that_cannot_be_written():
    def test(image, group, layer):
        assert image.set_color_profile(Gimp.ColorProfile.new_from_icc_profile(icc.one_way_profile()))
        answer = edit_spoilt(image, layer)
        assert answer.status == Status.EXECUTION_ERROR and "profile" in answer.message, answer.message
    each_kind(test)


def test_and_works_when_nothing_happens():
    """Or the tests above would tell of something else."""
    def test(image, group, layer):
        paint(layer, picture(layer.get_width(), layer.get_height(), seed=5))
        assert edit_spoilt(image, layer).status == Status.SUCCESS
    each_kind(test)
