# SPDX-License-Identifier: Apache-2.0
"""The Neural Style window in a real GIMP: opened from the menu, a run watched, iteration 3 kept, layers there.

    python3 gimp_neural_test.py PLUGIN FAKE_ENGINE MODELS

The fake engine goes from the picture to its negative: iteration K of N has K/N of the way.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gimp_desk import InGimp, make_picture  # noqa: E402

PLUGIN, ENGINE, MODELS = (os.path.abspath(path) for path in sys.argv[1:4])
WIDTH, HEIGHT = 640, 480


class NeuralStyle(InGimp):
    plugin, engine, models = PLUGIN, ENGINE, MODELS

    def open_ready(self):
        """The window with the layer itself as its style picture."""
        desk = self.desk
        make_picture(desk.root / "stripes.ppm", WIDTH, HEIGHT)
        main = self.open_gimp(desk.root / "stripes.ppm")
        layer = self.look()["layers"][0]["name"]
        window = self.open_window(main, "Neural Style", "Neural Style: ")
        desk.press(desk.find(window, "menu item", layer))
        desk.wait("Paint", lambda: desk.sensitive(self.button(window, "Paint")))
        return window

    def paint(self, window):
        desk = self.desk
        desk.press(self.button(window, "Paint"))
        again = self.button(window, "Run again with changed settings")
        desk.wait("the end of the run", lambda: desk.shown(again))

    def show(self, window, iteration):
        desk = self.desk
        picture = desk.find(window, "any", "Picture")
        desk.set_value(desk.find(window, "slider", "Iteration"), iteration)
        desk.wait(f"iteration {iteration}", lambda: picture.get_description() == f"Iteration {iteration}")

    def difference(self, number, share):
        """Mean difference, 0..1, of layer `number` from what the fake engine makes of the lowest layer."""
        source, layer = self.pixels(len(self.look()["layers"]) - 1), self.pixels(number)
        colours = [i for i in range(0, len(source), 31) if i % 4 < 3]
        return sum(abs(layer[i] - ((1 - share) * source[i] + share * (1 - source[i]))) for i in colours) / len(colours)

    def test_a_run_is_watched_and_an_iteration_kept(self):
        desk = self.desk
        window = self.open_ready()
        desk.shot("ready")
        self.paint(window)
        self.show(window, 3)
        desk.press(desk.find(window, "check", "Keep as layer"))
        desk.find(window, "push button", "Do not keep iteration 3")
        desk.shot("kept")
        desk.press(self.button(window, "Insert"))
        desk.wait("the window to close", lambda: not desk.has_window("Neural Style: "))
        facts = desk.wait("two new layers", lambda: (lambda f: f if len(f["layers"]) == 3 else None)(self.look()))
        desk.shot("painted")
        for layer in facts["layers"]:
            self.assertEqual((layer["width"], layer["height"], layer["offsets"]), (WIDTH, HEIGHT, [0, 0]))
        self.assertLess(self.difference(0, 1.0), 0.01, "the result lies on top")
        self.assertLess(self.difference(1, 0.3), 0.06, "iteration 3 lies below, enlarged")
        self.assertGreater(self.difference(1, 0.6), 0.06)

    def test_cancel_leaves_nothing(self):
        desk = self.desk
        window = self.open_ready()
        before = self.look()
        self.paint(window)
        desk.press(self.button(window, "Cancel"))
        desk.wait("the window to close", lambda: not desk.has_window("Neural Style: "))
        self.assertEqual(self.look(), before, "layers and their pixels")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
