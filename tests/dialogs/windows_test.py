# SPDX-License-Identifier: Apache-2.0
"""The windows in their stand-alone host: the fast ring, without GIMP and without an engine.

    python3 windows_test.py DIALOG_HOST

Styles are entries of a catalogue made here whose weights are never read. Previews need an engine, and there is none:
that is told in the window, which is tested too.
"""
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk_case import WindowCase, add_model  # noqa: E402

HOST = os.path.abspath(sys.argv[1])
WINDOW = "Fast Style: Background"


def make_styles(folder):
    for name, title, about in (("great-wave", "The Great Wave", "After Hokusai"),
                               ("composition-vii", "Composition VII", "After Kandinsky"),
                               ("candy", "Candy", "June tree, after Natasha Wescoat")):
        add_model(folder / name, title, kind="slimnet", operation="fast-style", description=about)


class Windows(WindowCase):
    def open(self, *arguments, styles=True, engine="/nonexistent/pinxit-engine"):
        desk = self.new_desk()
        if styles:
            make_styles(desk.root / "styles")
        self.program = desk.start([HOST, *arguments], PINXIT_ENGINE=engine,
                                  PINXIT_MODEL_PATH=str(desk.root / "styles"))
        return desk.window(WINDOW if arguments[0] == "fast-style" else "Neural Settings")

    def styles_of(self, end):
        return [style["style"] for style in end["request"]["styles"]]

    def test_chosen_values_go_out(self):
        window = self.open("fast-style", "--paint", "slow")
        desk = self.desk
        self.assertEqual(sorted(desk.tiles(window)), ["Candy", "Composition VII", "The Great Wave"])
        self.assertFalse(desk.sensitive(self.button(window, "OK")), "nothing is chosen yet")
        desk.choose_style(window, "Composition VII")
        desk.set_value(desk.find(window, "spin", "Strength"), 60)
        desk.press(desk.find(window, "check", "Keep colors"))
        desk.set_value(desk.find(window, "spin", "Maximum size"), 1024)
        desk.choose(desk.find(window, "combo", "Device"), "CPU")
        desk.wait("OK", lambda: desk.sensitive(self.button(window, "OK")))
        desk.shot("chosen")
        desk.press(self.button(window, "OK"))
        end = self.end()
        self.assertEqual(end["end"], "painted")
        self.assertEqual(self.styles_of(end), ["composition-vii"])
        self.assertEqual([end["request"][key] for key in ("strength", "keep-colors", "max-size", "device")],
                         [60, True, 1024, "cpu"])

    def test_search_filters_titles_descriptions_and_ids(self):
        window = self.open("fast-style")
        desk = self.desk
        search = desk.find(window, "text", "Search styles")
        for text, titles in (("wave", ["The Great Wave"]), ("after", ["Candy", "Composition VII", "The Great Wave"]),
                             ("HOK", ["The Great Wave"]), ("vii comp", ["Composition VII"]), ("xyz", []),
                             ("", ["Candy", "Composition VII", "The Great Wave"])):
            desk.type_into(search, text)
            desk.wait(f"tiles for “{text}”", lambda: sorted(desk.tiles(window)) == titles)
            if text == "xyz":
                self.assertTrue(desk.shown(desk.find(window, "label", "No style fits the search.")))
                desk.shot("nothing-found")

    def test_keyboard_alone(self):
        window = self.open("fast-style", "--paint", "slow")
        desk = self.desk
        desk.focus(WINDOW)
        desk.keys("Right", "Right")
        desk.wait("OK", lambda: desk.sensitive(self.button(window, "OK")))
        desk.keys("alt+k", "alt+o")
        end = self.end()
        self.assertEqual(end["end"], "painted")
        self.assertTrue(end["request"]["keep-colors"])

    def test_everything_has_a_name_and_a_key_of_its_own(self):
        for window in ("fast-style", "settings"):
            with self.subTest(window):
                shown = self.open(window)
                self.desk.check_names_and_keys(shown, more_keys_than=5)

    def test_presets_are_saved_chosen_and_deleted(self):
        window = self.open("fast-style", "--styles", "candy")
        desk, file = self.desk, self.desk.root / "config/presets/fast-style/Soft candy.json"
        strength = desk.find(window, "spin", "Strength")
        desk.set_value(strength, 40)
        desk.press(desk.find(window, "toggle", "Save preset"))
        name = desk.find(window, "text", "Name of the preset")
        desk.wait("the entry", lambda: desk.shown(name))
        desk.type_into(name, "Soft candy")
        time.sleep(0.5)  # for the picture: the entry fades in
        desk.shot("saving")
        desk.press(self.button(window, "Save"))
        desk.wait("the preset's file", file.exists)
        self.assertEqual(json.loads(file.read_text())["strength"], 40)

        desk.set_value(strength, 90)
        desk.choose_style(window, "The Great Wave")
        desk.choose(desk.find(window, "combo", "Presets"), "Soft candy")
        desk.wait("the preset's strength", lambda: desk.value(strength) == 40)
        desk.shot("chosen")
        desk.press(self.button(window, "Delete preset"))
        desk.wait("the file to go", lambda: not file.exists())
        desk.press(self.button(window, "Cancel"))
        end = self.end()
        self.assertEqual((end["end"], self.styles_of(end), end["request"]["strength"]), ("closed", ["candy"], 40))

    def test_reset_keeps_the_style(self):
        window = self.open("fast-style", "--styles", "candy")
        desk = self.desk
        desk.set_value(desk.find(window, "spin", "Strength"), 10)
        desk.press(desk.find(window, "check", "Keep colors"))
        desk.press(self.button(window, "Reset"))
        desk.wait("the default", lambda: desk.value(desk.find(window, "spin", "Strength")) == 100)
        desk.press(self.button(window, "Cancel"))
        end = self.end()
        self.assertEqual((self.styles_of(end), end["request"]["keep-colors"]), (["candy"], False))

    def test_files_and_mixes_have_tiles(self):
        window = self.open("fast-style", "--styles", "candy:0.7;great-wave:0.3")
        self.assertEqual(self.desk.tiles(window)[0], "candy 70 % + great-wave 30 %")
        self.desk.shot("mix")
        self.desk.press(self.button(window, "Cancel"))
        self.assertEqual(self.styles_of(self.end()), ["candy", "great-wave"])

    def test_weights_file_is_opened(self):
        window = self.open("fast-style", "--paint", "slow")
        desk = self.desk
        file = desk.root / "my own.safetensors"
        file.write_bytes(b"nobody reads this either")
        desk.press(self.button(window, "Open weights file…"))
        self.choose_path("Open a weights file", file, shot="chooser")
        desk.wait("a tile for the file", lambda: "my own" in desk.tiles(window))
        desk.wait("OK", lambda: desk.sensitive(self.button(window, "OK")))
        desk.press(self.button(window, "OK"))
        self.assertEqual(self.styles_of(self.end()), [str(file)])

    def test_no_styles_says_where_they_go(self):
        window = self.open("fast-style", styles=False)
        desk = self.desk
        folder = str(desk.root / "data/models")
        desk.wait("the folder's name", lambda: any(folder in label.get_name() and desk.shown(label)
                                                   for label in desk.all(window, "label")))
        self.assertFalse(desk.sensitive(self.button(window, "OK")))
        desk.shot("empty")

    def test_missing_engine_is_told(self):
        window = self.open("fast-style", "--styles", "candy")
        desk = self.desk
        desk.wait("the message", lambda: "engine" in desk.message(window))
        desk.shot("told")
        desk.press(self.button(window, "OK"))
        desk.wait("the message after OK", lambda: "engine" in desk.message(window) and
                  desk.sensitive(self.button(window, "OK")))

    def test_cancel_while_painting_keeps_the_window(self):
        window = self.open("fast-style", "--paint", "slow", "--styles", "candy")
        desk = self.desk
        desk.press(self.button(window, "OK"))
        bar = desk.find(window, "progress", "Painting")
        desk.wait("progress", lambda: desk.shown(bar) and desk.value(bar) > 0)
        self.assertFalse(desk.sensitive(desk.find(window, "spin", "Strength")))
        desk.shot("painting")
        desk.press(self.button(window, "Cancel"))
        desk.wait("the controls", lambda: desk.sensitive(desk.find(window, "spin", "Strength")))
        self.assertIn("cancelled", desk.message(window))
        desk.shot("cancelled")
        desk.press(self.button(window, "OK"))  # and again, to the end
        self.assertEqual(self.end()["end"], "painted")

    def test_cancel_works_though_paint_hangs(self):
        window = self.open("fast-style", "--paint", "hang", "--styles", "candy")
        desk = self.desk
        desk.press(self.button(window, "OK"))
        bar = desk.find(window, "progress", "Painting")
        desk.wait("progress", lambda: desk.shown(bar))
        desk.focus(WINDOW)
        desk.keys("Escape")
        desk.wait("the controls", lambda: desk.sensitive(desk.find(window, "spin", "Strength")))
        desk.press(self.button(window, "Cancel"))
        self.assertEqual(self.end()["end"], "closed")
        self.assertEqual(self.program.returncode, 0)

    def test_failure_keeps_the_window(self):
        window = self.open("fast-style", "--paint", "fail", "--styles", "candy")
        desk = self.desk
        desk.press(self.button(window, "OK"))
        desk.wait("the message", lambda: desk.message(window) == "The picture does not fit into memory.")
        desk.shot("failed-painting")
        desk.focus(WINDOW)
        desk.keys("Escape")
        self.assertEqual(self.end()["end"], "closed")

    def test_tiny_and_long_pictures_have_a_window(self):
        for size in ("1x1", "3000x2"):
            with self.subTest(size):
                window = self.open("fast-style", "--size", size, "--styles", "candy")
                self.desk.press(self.desk.find(window, "radio", "Whole picture (approximate)"))
                self.desk.shot("whole")
                self.desk.press(self.button(window, "Cancel"))
                self.assertEqual(self.end()["end"], "closed")

    def test_settings_are_written(self):
        window = self.open("settings")
        desk = self.desk
        desk.set_value(desk.find(window, "spin", "Threads"), 3)
        desk.set_value(desk.find(window, "spin", "Memory limit"), 2048)
        desk.set_value(desk.find(window, "spin", "Idle minutes"), 2.5)
        desk.type_into(desk.find(window, "text", "Model folder"), "/somewhere/models")
        desk.choose(desk.find(window, "combo", "Device"), "CPU")
        desk.wait("the engine's line", lambda: any(label.get_name().startswith("Not running")
                                                   for label in desk.all(window, "label")))
        desk.shot("settings")
        desk.press(self.button(window, "OK"))
        self.end()
        text = (desk.root / "config/settings.ini").read_text()
        for line in ("device=cpu", "threads=3", "memory-limit-mib=2048", "idle-minutes=2.5", "/somewhere/models"):
            self.assertIn(line, text)

    def test_settings_cancel_writes_nothing(self):
        window = self.open("settings")
        self.desk.set_value(self.desk.find(window, "spin", "Threads"), 3)
        self.desk.press(self.button(window, "Cancel"))
        self.end()
        self.assertFalse((self.desk.root / "config/settings.ini").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
