# SPDX-License-Identifier: Apache-2.0
"""The Fast Style window in a real GIMP: opened from the menu, style picked, OK pressed, layer there.

    python3 gimp_test.py PLUGIN ENGINE MODELS
"""
import json
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gimp_desk import InGimp, make_large_picture, make_picture  # noqa: E402

PLUGIN, ENGINE, MODELS = (os.path.abspath(path) for path in sys.argv[1:4])


class FastStyle(InGimp):
    plugin, engine, models = PLUGIN, ENGINE, MODELS

    def open_with_first_style(self, main):
        window = self.open_window(main, "Fast Style", "Fast Style: ")
        title = self.desk.wait("tiles", lambda: self.desk.tiles(window))[0]
        self.desk.choose_style(window, title)
        return window, title

    def wait_until_computed(self, window):
        self.desk.wait("the sign to go", lambda: not any(
            self.desk.shown(label) and "computing" in label.get_name() for label in self.desk.all(window, "label")))

    def accept(self, window):
        """Presses OK and gives back what the image is like when the window has gone."""
        self.desk.press(self.button(window, "OK"))
        self.desk.wait("the window to close", lambda: not self.desk.has_window("Fast Style: "))
        return self.desk.wait("the new layer", lambda: (lambda f: f if len(f["layers"]) == 2 else None)(self.look()))

    def compare_preview(self, width):
        """Largest difference of the newest 1:1 preview from that part of the result (in levels of 255), the number of
        samples that differ from the source by more than 8 levels, and the preview's number of pixels."""
        crop, seen = self.newest_preview("crop")
        result, source = self.pixels(0), self.pixels(1)
        x0, y0, w, h = crop["region"]
        worst = changed = 0
        for y in range(h):
            row = ((y0 + y) * width + x0) * 4
            for i in range(4 * w):
                if i % 4 == 3:
                    continue
                wanted = min(max(seen[y * 4 * w + i], 0.0), 1.0)
                worst = max(worst, abs(wanted - result[row + i]) * 255)
                changed += abs(source[row + i] - result[row + i]) * 255 > 8
        print(f"\npreview against result: {worst:.3f} levels at most, {w}×{h} pixels")
        return worst, changed, w * h

    def test_preview_is_the_result(self):
        desk = self.desk
        width, height = 900, 700
        make_picture(desk.root / "stripes.ppm", width, height)
        window, title = self.open_with_first_style(self.open_gimp(desk.root / "stripes.ppm"))
        self.newest_preview("crop")
        desk.press(desk.find(window, "radio", "Whole picture (approximate)"))
        fitted, _ = self.newest_preview("fitted")
        self.assertLess(fitted["width"], width)
        self.wait_until_computed(window)
        desk.shot("whole")
        desk.press(desk.find(window, "radio", "Detail (1:1)"))
        self.wait_until_computed(window)
        desk.shot("detail")
        facts = self.accept(window)
        desk.shot("painted")
        new, old = facts["layers"]
        self.assertIn(title, new["name"])
        self.assertEqual((new["width"], new["height"], new["offsets"]), (width, height, old["offsets"]))
        worst, changed, area = self.compare_preview(width)
        self.assertGreater(area, 100000)
        self.assertLessEqual(worst, 1.0, "the 1:1 preview is not that part of the result")
        self.assertGreater(changed, area / 4, "the picture does not look painted")

    def test_preview_is_the_result_with_every_setting(self):
        desk = self.desk
        make_picture(desk.root / "stripes.ppm", 900, 700)
        window, _ = self.open_with_first_style(self.open_gimp(desk.root / "stripes.ppm"))
        desk.set_value(desk.find(window, "spin", "Strength"), 70)
        desk.press(desk.find(window, "check", "Keep colors"))
        desk.set_value(desk.find(window, "spin", "Maximum size"), 500)
        desk.wait("the preview of all that", lambda: [
            self.newest_preview("crop")[0]["request"][key] for key in ("strength", "keep-colors", "max-size")]
            == [70, True, 500])
        self.wait_until_computed(window)
        desk.shot("detail")
        self.accept(window)
        worst, changed, area = self.compare_preview(900)
        self.assertLessEqual(worst, 1.0, "the 1:1 preview is not that part of the result")
        self.assertGreater(changed, area / 8, "the picture does not look painted")

    def test_newest_wish_wins(self):
        desk = self.desk
        make_large_picture(desk.root / "photo.ppm", 1200, 900)
        window, _ = self.open_with_first_style(self.open_gimp(desk.root / "photo.ppm"))
        self.newest_preview("crop")
        strength = desk.find(window, "spin", "Strength")

        def dumps():
            return [json.loads(file.read_text()) for file in sorted((desk.root / "dump").glob("*.json"))]

        before = len(dumps())
        for value in range(90, 9, -4):
            desk.set_value(strength, value)
        desk.wait("the newest preview", lambda: dumps()[-1]["request"]["strength"] == 10)
        self.assertLess(len(dumps()) - before, 10, "stale wishes were painted to their end")
        self.wait_until_computed(window)
        self.assertEqual(dumps()[-1]["request"]["strength"], 10)
        self.assertEqual(self.engine_says()["jobs"], {"running": 0, "waiting": 0})
        desk.focus("Fast Style")
        desk.keys("Escape")
        desk.wait("the window to close", lambda: not desk.has_window("Fast Style: "))
        self.assertEqual(len(self.look()["layers"]), 1)

    def test_engine_killed_while_painting_is_told(self):
        desk = self.desk
        make_large_picture(desk.root / "large.ppm", 4000, 4000)
        main = self.open_gimp(desk.root / "large.ppm")
        window = self.open_window(main, "Fast Style", "Fast Style: ")
        desk.press(desk.find(window, "check", "Preview"))
        desk.choose_style(window, desk.wait("tiles", lambda: desk.tiles(window))[0])
        desk.wait("OK", lambda: desk.sensitive(self.button(window, "OK")))
        desk.press(self.button(window, "OK"))
        self.wait_for_job()
        for pid in desk.engines():
            os.kill(pid, signal.SIGKILL)
        desk.wait("the message", lambda: desk.message(window))
        desk.shot("told")
        self.assertTrue(desk.sensitive(self.button(window, "OK")))
        self.assertEqual(len(self.look()["layers"]), 1)
        desk.set_value(desk.find(window, "spin", "Maximum size"), 256)
        self.accept(window)  # and again, with a fresh engine

    def test_cancel_leaves_nothing(self):
        desk = self.desk
        make_large_picture(desk.root / "large.ppm", 4500, 4000)
        main = self.open_gimp(desk.root / "large.ppm")
        window = self.open_window(main, "Fast Style", "Fast Style: ")
        desk.press(desk.find(window, "check", "Preview"))
        desk.choose_style(window, desk.wait("tiles", lambda: desk.tiles(window))[0])
        before = self.look()
        desk.wait("OK", lambda: desk.sensitive(self.button(window, "OK")))
        desk.press(self.button(window, "OK"))
        self.wait_for_job()
        desk.shot("painting")
        began = time.monotonic()
        desk.press(self.button(window, "Cancel"))
        desk.wait("the window to react", lambda: "cancelled" in desk.message(window))
        reacted = time.monotonic() - began
        desk.wait("the engine to be free", lambda: self.engine_says()["jobs"]["running"] == 0)
        free = time.monotonic() - began
        print(f"\ncancel: window after {reacted:.2f} s, engine free after {free:.2f} s")
        desk.shot("cancelled")
        desk.focus("Fast Style")
        desk.keys("Escape")
        desk.wait("the window to close", lambda: not desk.has_window("Fast Style: "))
        self.assertEqual(self.look(), before, "layers and their pixels")

    def test_models_from_the_menu(self):
        desk = self.desk
        make_picture(desk.root / "small.ppm", 64, 48)
        main = self.open_gimp(desk.root / "small.ppm")
        neural = desk.wait("Filters ▸ Neural", lambda: [
            menu for menu in desk.all(main, "menu", "Neural") if menu.get_parent().get_name() == "Filters"])[0]
        desk.wait("Models… in it", lambda: [item.get_name() for item in desk.all(neural, "menu item")
                                            if item.get_name().startswith("Models")])
        window = self.open_window(neural, "Models", "Models")
        desk.wait("our own styles", lambda: {"The Great Wave", "Composition VII"} <= {
            row.get_name() for row in desk.all(window) if row.get_role_name() == "list item"})
        desk.shot("models")
        desk.press(self.button(window, "Close"))
        desk.wait("the window to close", lambda: not desk.has_window("Models"))
        self.assertEqual(len(self.look()["layers"]), 1)

    def test_settings_from_the_menu(self):
        desk = self.desk
        make_picture(desk.root / "small.ppm", 64, 48)
        main = self.open_gimp(desk.root / "small.ppm")
        engine = desk.start([ENGINE, "--socket", desk.root / "runtime/engine.socket"], PINXIT_MODEL_PATH=MODELS)
        desk.wait("the engine", lambda: (desk.root / "runtime/engine.socket").exists() and self.engine_says())
        window = self.open_window(main, "Settings", "Neural Settings")

        def engine_line(start):
            return any(label.get_name().startswith(start) for label in desk.all(window, "label"))
        desk.wait("the engine's line", lambda: engine_line("Running, version"))
        desk.set_value(desk.find(window, "spin", "Threads"), 1)
        desk.shot("settings")
        desk.press(self.button(window, "Stop engine"))
        desk.wait("the engine to be gone", lambda: engine_line("Not running"))
        self.assertEqual(engine.wait(30), 0)
        desk.press(self.button(window, "OK"))
        file = desk.root / "config/settings.ini"
        desk.wait("the settings", lambda: file.exists() and "threads=1" in file.read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
