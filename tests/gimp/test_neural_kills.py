# SPDX-License-Identifier: Apache-2.0
"""Neural Style when something dies in the middle: the image is untouched, the gallery keeps the last iteration, and
names are remembered by the next GIMP."""
import subprocess

from neural import *
from processes import gone, kill_when


def recorded(name, at_least):
    def ready():
        rows = gallery("SELECT count(*) FROM iterations i JOIN entries e ON e.id = i.entry WHERE e.name = ?", name)
        return bool(rows) and rows[0][0] >= at_least
    return ready


def killed_in_the_run(program, name):
    image, source = simple(96, 64)
    before, killed = tree(image), []
    thread = kill_when(program, recorded(name, 3), killed)
    answer = call(image, [source], NEURAL, iterations=100, name=name)
    thread.join()
    assert killed, "the run ended before it could be killed"
    assert answer.status != Status.SUCCESS
    assert tree(image) == before and len(Gimp.get_images()) == 1
    return answer


def check_failed(name):
    state, error, iterations = entry(name)
    assert state == "failed" and error, (state, error)
    assert 3 <= len(iterations) < 101 and [number for number, loss in iterations] == list(range(len(iterations)))
    last = gallery("SELECT length(picture) FROM shown s JOIN entries e ON e.id = s.entry WHERE e.name = ? "
                   "ORDER BY iteration DESC LIMIT 1", name)
    assert last and last[0][0] > 100, "the last iteration's picture is lost"


def test_engine_killed():
    answer = killed_in_the_run("pinxit-engine", "engine killed")
    assert answer.status == Status.EXECUTION_ERROR and "engine" in answer.message, answer.message
    check_failed("engine killed")
    image, source = simple(40, 32)
    neural(image, source)


def test_plug_in_killed():
    killed_in_the_run("pinxit", "plug-in killed")
    assert gone("pinxit")
    image, source = simple(40, 32)
    neural(image, source, name="afterwards")
    check_failed("plug-in killed")
    assert entry("afterwards")[0] == "completed"


def test_names_survive_a_new_gimp():
    code = f"""
import sys; sys.path.insert(0, {os.environ["PINXIT_TEST_SUPPORT"]!r})
from neural import *
image, source = simple(40, 32)
answer = call(image, [source], NEURAL, name="afterwards")
print("status", int(answer.status), answer.message, flush=True)
image.delete()
"""
    gimp = subprocess.run(["gimp-console-3.0", "-i", "-n", "-d", "-s", "--batch-interpreter", "python-fu-eval", "-b",
                           code, "--quit"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    told = gimp.stdout + gimp.stderr
    assert f"status {int(Status.CALLING_ERROR)}" in told and "afterwards" in told, told[-2000:]
