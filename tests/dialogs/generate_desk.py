# SPDX-License-Identifier: Apache-2.0
"""The Generate from Text window in its stand-alone host, driven as a screen reader would, and with mouse and keys.

    class Runs(GenerateWindow):
        def test_…(self):
            window = self.open("--paint", "make", "--prompt", "a red tulip")

The command line of the test is DIALOG_HOST FAKE_ENGINE. Most pictures are made by the host itself
(generate_host.cpp), some by the real client and the fake engine.
"""
import json
import os
import subprocess
import sys

from desk import Atspi
from desk_case import HostCase, add_model

HOST, ENGINE = (os.path.abspath(path) for path in sys.argv[1:3])
WINDOW = "Generate from Text"
MODELS = {"birds": "Birds, with a very long title that does not fit into any window",
          "digits": "Digits", "plain-flowers": "Plain flowers"}


class GenerateWindow(HostCase):
    shots, command, title = "generate-", [HOST, "generate"], WINDOW

    def furnish(self):
        for name, title in MODELS.items():
            add_model(self.desk.root / "models" / name, title, kind="attngan", operation="generate", role="generator",
                      description=f"{title}, made for this test.")

    def prompt(self, window):
        return self.desk.find(window, "text", "Prompt")

    def type_prompt(self, window, text):
        self.desk.type_into(self.prompt(window), text)

    def says(self, window, text):
        """Whether some line of the window says this."""
        return any(text in label.get_name() and self.desk.shown(label) for label in self.desk.all(window, "label"))

    def wait_to_hear(self, window, text):
        self.desk.wait(f"“{text}”", lambda: self.says(window, text))

    def thumbnails(self, window):
        flow = self.desk.find(window, "any", "Pictures made")
        return [flow.get_child_at_index(i) for i in range(flow.get_child_count())]

    def names(self, window):
        return [child.get_name() for child in self.thumbnails(window)]

    def kept(self, window):
        return [child.get_name() for child in self.thumbnails(window) if child.get_description() == "To be kept"]

    def wait_for(self, window, count):
        """Until so many pictures are there and the run is over."""
        self.desk.wait(f"{count} pictures", lambda: len(self.thumbnails(window)) == count)
        self.shown_button(window, "Generate")

    def look_at(self, window, number):
        flow = self.desk.find(window, "any", "Pictures made")
        assert flow.get_selection_iface().select_child(number)
        name = flow.get_child_at_index(number).get_name()
        picture = self.desk.find(window, "any", "Picture")
        self.desk.wait(f"the view of {name}", lambda: picture.get_description() == name)

    def keep(self, window, number, on=True):
        self.look_at(window, number)
        check = self.desk.find(window, "check", "Keep as layer")
        if self.desk.checked(check) != on:
            self.desk.press(check)
        name = self.thumbnails(window)[number].get_name()
        self.desk.wait(f"{name} to be picked", lambda: (name in self.kept(window)) == on)

    def click(self, node):
        place = node.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        self.desk.point(place.x + place.width // 2, place.y + place.height // 2)
        subprocess.run(["xdotool", "click", "1"], env=self.desk.environment, check=True)

    def check(self, window, name):
        return self.desk.find(window, "check", name)

    def history(self):
        file = self.desk.root / "data/prompts.json"
        return [one["prompt"] for one in json.loads(file.read_text())["prompts"]] if file.exists() else []
