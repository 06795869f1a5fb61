# SPDX-License-Identifier: Apache-2.0
"""Edit Style and the gallery in a real GIMP: a painting replaced in its place, a run opened as layers and run again.

    python3 gimp_edit_test.py PLUGIN FAKE_ENGINE MODELS

The fake engine goes from the picture to its negative: iteration K of N has K/N of the way.
"""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gimp_desk import InGimp, make_picture  # noqa: E402

ASK = """
import json, os
open(r"{folder}/asked.part", "w").write(json.dumps(answer))
os.rename(r"{folder}/asked.part", r"{folder}/asked.json")
"""
PLUGIN, ENGINE, MODELS = (os.path.abspath(path) for path in sys.argv[1:4])


class EditAndGallery(InGimp):
    plugin, engine, models = PLUGIN, ENGINE, MODELS

    def setUp(self):
        super().setUp()
        make_picture(self.desk.root / "stripes.ppm", 320, 240)
        self.main = self.open_gimp(self.desk.root / "stripes.ppm")

    def answer(self, code):
        """What the lines leave in `answer`."""
        file = self.desk.root / "asked.json"
        file.unlink(missing_ok=True)
        self.run_code(code + ASK.replace("{folder}", str(self.desk.root)))
        self.desk.wait("GIMP's answer", file.exists)
        return json.loads(file.read_text())

    def run_to_the_end(self, window, insert):
        desk = self.desk
        desk.wait("Paint", lambda: desk.sensitive(self.button(window, "Paint")))
        desk.press(self.button(window, "Paint"))
        button = self.button(window, insert)
        desk.wait("the end of the run", lambda: desk.shown(button) and desk.sensitive(button))
        desk.press(button)
        desk.wait("the window to close", lambda: not desk.has_window("Neural Style: "))

    def layers(self, count):
        return self.desk.wait(f"{count} layers", lambda: (lambda f: f if len(f["layers"]) == count else None)(
            self.look()))["layers"]

    def paint(self):
        desk = self.desk
        layer = self.look()["layers"][0]["name"]
        window = self.open_window(self.main, "Neural Style", "Neural Style: ")
        desk.press(desk.find(window, "menu item", layer))
        desk.type_into(desk.find(window, "text", "Name in the gallery"), "Negative stripes")
        self.run_to_the_end(window, "Insert")
        return self.layers(2)

    def darken_the_painting(self):
        """What the painter may have done to it since; Edit Style paints it anew."""
        self.run_code("import gi; gi.require_version('Gegl', '0.4'); from gi.repository import Gegl\n"
                   "image = Gimp.get_images()[0]; layer = image.get_layers()[0]\n"
                   "Gimp.context_set_foreground(Gegl.Color.new('black'))\n"
                   "layer.fill(Gimp.FillType.FOREGROUND); layer.set_opacity(40)\n"
                   "image.set_selected_layers([layer]); Gimp.displays_flush()")

    def test_a_painting_is_replaced_in_its_place(self):
        desk = self.desk
        before = self.paint()
        painted = self.pixels(0)
        self.darken_the_painting()
        desk.wait("black", lambda: self.look() and max(self.pixels(0)[0:3]) == 0)
        window = self.open_window(self.main, "Edit Style", "Neural Style: ")
        self.assertEqual(desk.text(desk.find(window, "text", "Name in the gallery")), "")
        desk.shot("editing")
        self.run_to_the_end(window, "Replace the painting")
        self.assertEqual(self.layers(2), before)
        self.assertLess(max(abs(a - b) for a, b in zip(self.pixels(0), painted)), 2 / 255)
        desk.shot("edited")

    def test_a_run_is_opened_and_run_again(self):
        desk = self.desk
        self.paint()
        gallery = self.open_window(self.main, "Gallery", "Gallery")
        runs = desk.find(gallery, "any", "Runs")
        desk.wait("the run", lambda: runs.get_child_count() == 1)
        self.assertEqual(runs.get_child_at_index(0).get_name(), "Negative stripes")
        self.assertTrue(runs.get_selection_iface().select_child(0))
        again = self.button(gallery, "Run again…")
        desk.wait("the run's buttons", lambda: desk.shown(again) and desk.sensitive(again))
        desk.shot("gallery")
        desk.focus("Gallery")
        desk.keys("alt+a")  # what is pressed through AT-SPI answers nobody until the window that opens is closed
        window = desk.window("Neural Style: ")
        self.assertEqual(desk.text(desk.find(window, "text", "Name in the gallery")), "Negative stripes 2")
        self.run_to_the_end(window, "Insert")
        self.layers(3)
        desk.wait("the new run", lambda: desk.find(gallery, "any", "Runs").get_child_count() == 2)

        what = desk.find(gallery, "combo", "What to open")
        desk.choose(what, "The result and all iterations")
        desk.press(self.button(gallery, "Open as layers"))
        # The layers are put into it one by one.
        opened = desk.wait("a new image of the result and eleven iterations", lambda: self.answer(
            "images = Gimp.get_images()\nlayers = sorted(\n"
            "    [[layer.get_name() for layer in image.get_layers()] for image in images], key=len)[-1]\n"
            "answer = len(images) == 2 and len(layers) == 12 and layers"))
        desk.shot("opened")
        self.assertTrue(all(f"(iteration {10 - place})" in name for place, name in enumerate(opened[1:])), opened)
        desk.press(self.button(gallery, "Close"))
        desk.wait("the gallery to close", lambda: not desk.has_window("Gallery"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
