# SPDX-License-Identifier: Apache-2.0
"""Tests on a desk (desk.py), and what they do with any of our windows.

    class Runs(HostCase):
        shots, command, title = "generate-", [HOST, "generate"], "Generate from Text"

        def furnish(self):
            add_model(self.desk.root / "models/birds", "Birds", kind="attngan", operation="generate")

        def test_…(self):
            window = self.open("--paint", "make")
            self.press(window, "Generate")
            …
            self.assertEqual(self.end()["end"], "painted")
"""
import json
import unittest

from desk import Desk


def add_model(place, title, kind, operation, weights=bytes(100), role="weights", **more):
    """A model of the catalogue in this folder, whose name is its id. Nobody reads its weights."""
    place.mkdir(parents=True)
    (place / f"{role}.safetensors").write_bytes(weights)
    (place / "model.json").write_text(json.dumps({
        "pinxit": 1, "id": place.name, "kind": kind, "operation": operation, "title": title,
        "files": [{"role": role, "path": f"{role}.safetensors"}], "licence": {"id": "Apache-2.0"},
        "source": "made for this test", **more}))


class DeskCase(unittest.TestCase):
    """`program` is what the test has started last."""
    shots = ""  # what the names of this class's screenshots begin with

    def new_desk(self):
        """`desk`, until the test has ended."""
        self.desk = Desk(self.shots + self._testMethodName.removeprefix("test_"))
        self.addCleanup(self.desk.__exit__, None, None, None)
        return self.desk.__enter__()

    def choose_path(self, title, file, shot=None):
        """In the file chooser that opens under this title."""
        desk = self.desk
        chooser = desk.window(title)
        desk.focus(title)
        desk.keys("slash")  # brings up the entry for a path
        entry = desk.wait("the entry for a path", lambda: [
            node for node in desk.all(chooser, "text") if desk.shown(node) and desk.text(node).startswith("/")])[0]
        desk.type_into(entry, str(file))
        if shot:
            desk.shot(shot)
        accept = desk.find(chooser, "push button", "Open")
        desk.wait("Open", lambda: desk.sensitive(accept))
        desk.press(accept)

    def end(self):
        """What the host said last, when its window was closed."""
        text, _ = self.program.communicate(timeout=60)
        return json.loads(text.splitlines()[-1])


class WindowCase(DeskCase):
    """Buttons by the window they are in."""

    def button(self, window, name):
        return self.desk.find(window, "push button", name)

    def shown_button(self, window, name):
        button = self.button(window, name)
        self.desk.wait(f"“{name}” to be offered", lambda: self.desk.shown(button) and self.desk.sensitive(button))
        return button

    def offered(self, window, name):
        return any(self.desk.shown(button) and self.desk.sensitive(button)
                   for button in self.desk.all(window, "push button", name))

    def press(self, window, name):
        self.desk.press(self.shown_button(window, name))


class HostCase(WindowCase):
    """Tests of one window in its stand-alone host, with the models this desk is furnished with."""
    command, title = [], ""

    def furnish(self):
        pass

    def open(self, *arguments, desk=None, **environment):
        """The window, on a new desk or on this one. A run that waits goes on when there is the file `gate`."""
        if desk is None:
            desk = self.new_desk()
            self.furnish()
        self.gate = desk.root / "go-on"
        self.program = desk.start([*self.command, *arguments], PINXIT_TEST_GATE=str(self.gate),
                                  **{"PINXIT_ENGINE": "/nonexistent/pinxit-engine",
                                     "PINXIT_MODEL_PATH": str(desk.root / "models"), **environment})
        return desk.window(self.title)
