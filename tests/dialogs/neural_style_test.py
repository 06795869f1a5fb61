# SPDX-License-Identifier: Apache-2.0
"""The Neural Style window in its stand-alone host, driven as a screen reader would.

    python3 neural_style_test.py DIALOG_HOST FAKE_ENGINE

Most runs are painted by the host itself (neural_style_host.cpp), one by the real client and the fake engine.
"""
import json
import os
import sqlite3
import struct
import sys
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk import Atspi  # noqa: E402
from desk_case import HostCase, add_model  # noqa: E402

HOST, ENGINE = (os.path.abspath(path) for path in sys.argv[1:3])
WINDOW = "Neural Style: Background"


def write_painting(file, width=90, height=60):
    """A PNG that is a painting to nobody but this test: bands of colour."""
    rows = b"".join(b"\0" + b"".join(bytes((255 - y * 4, 90 + 60 * (x // 20 % 2), y * 4)) for x in range(width))
                    for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def add_encoder(desk, name, title, size):
    add_model(desk.root / "models" / name, title, kind="vgg19", operation="encoder", weights=bytes(size))


class NeuralStyle(HostCase):
    shots, command, title = "neural-", [HOST, "neural-style"], WINDOW

    def furnish(self):
        add_encoder(self.desk, "pinxit-small", "Pinxit small encoder", 100)

    def picture(self, window):
        """What the picture shows, in words."""
        return self.desk.find(window, "any", "Picture").get_description()

    def slider(self, window):
        return self.desk.find(window, "slider", "Iteration")

    def wait_for_picture(self, window, text):
        picture = self.desk.find(window, "any", "Picture")
        self.desk.wait(f"the picture of “{text}”", lambda: picture.get_description() == text)

    def wait_for_the_gate(self, window):
        """Until the run has done four iterations and waits."""
        picture = self.desk.find(window, "any", "Picture")
        self.desk.wait("iteration 4", lambda: picture.get_description() in ("Iteration 4", "After iteration 4"))

    def wait_for_end(self, window):
        self.shown_button(window, "Run again with changed settings")

    def toggle(self, window, name):
        return self.desk.find(window, "toggle", name)

    def keep(self, window):
        return self.desk.find(window, "check", "Keep as layer")

    def name_field(self, window, name):
        self.desk.type_into(self.desk.find(window, "text", "Name in the gallery"), name)

    def ask_gallery(self, question):
        file = self.desk.root / "data/gallery/gallery.sqlite"
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return [tuple(row) for row in database.execute(question)]
        finally:
            database.close()

    def entries(self):
        """Names and states of the gallery, oldest first."""
        return self.ask_gallery("SELECT name, state FROM entries ORDER BY id")

    def test_styles_are_added_weighted_masked_and_removed(self):
        window = self.open("--paint", "grow")
        desk = self.desk
        paint = self.button(window, "Paint")
        self.assertFalse(desk.sensitive(paint), "there is no style yet")
        desk.shot("empty")
        file = desk.root / "bands of colour.png"
        write_painting(file)
        self.press(window, "Add file…")
        self.choose_path("Choose a style picture", file)
        desk.wait("the file's row", lambda: desk.all(window, "any", "bands of colour"))
        desk.press(desk.find(window, "menu item", "Waves"))
        desk.press(desk.find(window, "menu item", "Sunset"))
        desk.set_value(desk.find(window, "spin", "Share of bands of colour"), 3)
        desk.choose(desk.find(window, "combo", "Mask of Waves"), "Sky")
        self.press(window, "Remove Sunset")
        desk.wait("two rows", lambda: not desk.all(window, "spin", "Share of Sunset"))
        desk.wait("Paint", lambda: desk.sensitive(paint))
        desk.shot("styles")
        desk.press(paint)
        self.wait_for_end(window)
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual(end["end"], "painted")
        self.assertEqual(end["request"]["styles"], [{"style": str(file), "weight": 3},
                                                    {"style": "layer:7", "weight": 1}])
        self.assertEqual(end["request"]["style-masks"], ["", "layer:9"])
        self.assertEqual(end["facts"]["pictures"], 3, "two styles and a mask went with the request")

    def test_settings_go_out(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "10")
        desk = self.desk
        desk.choose(desk.find(window, "combo", "Method"), "Classic")
        desk.set_value(desk.find(window, "spin", "Iterations"), 15)
        desk.set_value(desk.find(window, "spin", "Content weight"), -0.5)  # a power of ten
        desk.set_value(desk.find(window, "spin", "Style weight"), 3)
        desk.set_value(desk.find(window, "spin", "Variation weight"), -4)
        desk.set_value(desk.find(window, "spin", "Height"), 250)
        desk.choose(desk.find(window, "combo", "Start from"), "Noise")
        desk.press(desk.find(window, "any", "More settings"))
        desk.set_value(desk.find(window, "spin", "Style scale"), 1.5)
        desk.choose(desk.find(window, "combo", "Colors"), "Those of the layer")
        desk.set_value(desk.find(window, "spin", "Seed"), 77)
        desk.set_value(desk.find(window, "spin", "Full size every"), 5)
        desk.choose(desk.find(window, "combo", "Device"), "CPU")
        self.assertEqual(desk.text(desk.find(window, "spin", "Style weight")), "1000")
        self.name_field(window, "Evening")
        desk.shot("settings")
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Insert")
        request = self.end()["request"]
        self.assertEqual({key: request[key] for key in (
            "preset", "iterations", "content-weight", "style-weight", "variation-weight", "size", "start",
            "style-scale", "keep-colors", "seed", "keep-every", "device", "name")}, {
            "preset": "classic", "iterations": 15, "content-weight": 0.316228, "style-weight": 1000,
            "variation-weight": 0.0001, "size": 250, "start": "noise", "style-scale": 1.5,
            "keep-colors": "luminance", "seed": 77, "keep-every": 5, "device": "cpu", "name": "Evening"})

    def test_the_encoder_in_use_is_told(self):
        window = self.open("--paint", "grow", "--styles", "layer:7")
        desk = self.desk

        def told(sentence):
            return any(desk.shown(label) for label in desk.all(window, "label", sentence))
        self.assertTrue(told("Small built-in encoder. Install VGG19 for finer strokes."))
        self.press(window, "Cancel")
        self.end()
        add_encoder(desk, "vgg19", "VGG19 of Oxford", 1000)
        window = self.open("--paint", "grow", "--styles", "layer:7", desk=desk)
        self.assertTrue(told("Encoder: VGG19 of Oxford"))
        desk.choose(desk.find(window, "combo", "Encoder"), "Pinxit small encoder")
        desk.wait("the other sentence", lambda: told("Small built-in encoder."))

    def test_own_size_is_zero(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "10")
        desk = self.desk
        desk.press(desk.find(window, "check", "Layer's own size"))
        desk.wait("the height to rest", lambda: not desk.sensitive(desk.find(window, "spin", "Height")))
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Insert")
        self.assertEqual(self.end()["request"]["size"], 0)

    def test_the_picture_grows_is_scrubbed_replayed_and_kept(self):
        window = self.open("--paint", "wait", "--styles", "layer:7")
        desk = self.desk
        self.assertEqual(self.picture(window), "The layer")
        self.assertFalse(desk.sensitive(self.slider(window)))
        self.press(window, "Paint")
        self.wait_for_the_gate(window)
        for role, name in (("spin", "Iterations"), ("spin", "Style weight"), ("combo", "Method"),
                           ("push button", "Add file…"), ("combo", "Presets")):
            self.assertFalse(desk.sensitive(desk.find(window, role, name)), f"{name} while it runs")
        bar = desk.find(window, "progress", "Painting")
        desk.wait("progress", lambda: desk.shown(bar) and desk.value(bar) > 0)
        desk.shot("growing")
        self.gate.touch()
        self.wait_for_end(window)
        self.wait_for_picture(window, "Iteration 10")
        self.assertFalse(desk.sensitive(desk.find(window, "spin", "Iterations")), "settings of a run stay")

        desk.set_value(self.slider(window), 3)
        self.wait_for_picture(window, "Iteration 3")
        self.assertFalse(desk.checked(self.toggle(window, "Newest")))
        desk.press(self.keep(window))
        desk.wait("the mark", lambda: desk.all(window, "push button", "Do not keep iteration 3"))
        desk.set_value(self.slider(window), 7)
        self.wait_for_picture(window, "Iteration 7")
        self.assertFalse(desk.checked(self.keep(window)))
        desk.press(self.keep(window))
        desk.wait("the mark", lambda: desk.all(window, "push button", "Do not keep iteration 7"))
        desk.shot("kept")
        self.press(window, "Do not keep iteration 7")
        desk.wait("the toggle", lambda: not desk.checked(self.keep(window)))

        desk.set_value(self.slider(window), 9)
        desk.press(self.toggle(window, "Play"))
        for text in ("Iteration 10", "The start", "Iteration 1"):
            self.wait_for_picture(window, text)
        desk.press(self.toggle(window, "Play"))
        desk.press(self.toggle(window, "Newest"))
        self.wait_for_picture(window, "Iteration 10")
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual((end["end"], end["painting"]), ("painted", True))
        self.assertEqual(end["kept"], [{"iteration": 3, "width": 512, "full": False}])
        self.assertEqual(self.entries(), [("Background – Waves", "completed")])
        states = self.ask_gallery("SELECT iteration, total, shown_bytes FROM iterations ORDER BY iteration")
        self.assertEqual([iteration for iteration, _, _ in states], list(range(11)))
        self.assertLess(states[10][1], states[0][1])
        self.assertTrue(all(size > 0 for _, _, size in states))

    def test_editing_says_that_it_replaces(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "10", "--replaces", "yes")
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Replace the painting")
        self.assertEqual(self.end()["end"], "painted")

    def test_looking_back_is_not_disturbed(self):
        window = self.open("--paint", "wait", "--styles", "layer:7", "--pace", "20")
        self.press(window, "Paint")
        self.wait_for_the_gate(window)
        self.desk.set_value(self.slider(window), 1)
        self.wait_for_picture(window, "Iteration 1")
        self.gate.touch()
        self.wait_for_end(window)
        self.assertEqual(self.picture(window), "Iteration 1")

    def test_full_size_iterations_are_kept_full(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "20")
        desk = self.desk
        desk.set_value(desk.find(window, "spin", "Full size every"), 4)
        self.press(window, "Paint")
        self.wait_for_end(window)
        for iteration in (4, 5):
            desk.set_value(self.slider(window), iteration)
            self.wait_for_picture(window, f"Iteration {iteration}")
            desk.press(self.keep(window))
            desk.wait("the mark", lambda: desk.all(window, "push button", f"Do not keep iteration {iteration}"))
        self.press(window, "Insert")
        self.assertEqual(self.end()["kept"], [{"iteration": 4, "width": 1600, "full": True},
                                              {"iteration": 5, "width": 512, "full": False}])

    def test_losses_are_told_and_change_their_scale(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "20")
        desk = self.desk
        chart = desk.find(window, "any", "Losses")
        self.assertIn("No losses yet", chart.get_description())
        self.press(window, "Paint")
        self.wait_for_end(window)
        desk.wait("the last losses", lambda: chart.get_description().startswith(
            "Iteration 10: total 4.37e+02, content 3.80e+01, style 3.98e+02, variation 1.30e+00"))
        self.assertIn("Logarithmic", chart.get_description())
        desk.shot("logarithmic")
        desk.press(desk.find(window, "check", "Logarithmic"))
        desk.wait("the linear scale", lambda: "Linear" in chart.get_description())
        self.assertTrue(chart.get_component_iface().grab_focus())
        desk.focus(WINDOW)
        desk.keys("Home", "Right", "Right")
        desk.wait("the values pointed at", lambda: chart.get_description().startswith("Iteration 2: "))
        desk.shot("linear")
        place = chart.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        desk.point(place.x + place.width // 2 + 15, place.y + place.height // 2)  # the axis is on the left
        desk.wait("the values under the pointer", lambda: chart.get_description().startswith("Iteration 5: "))

    def test_stop_keeps_the_last_iteration(self):
        window = self.open("--paint", "wait", "--styles", "layer:7", "--pace", "20")
        desk = self.desk
        self.press(window, "Paint")
        self.wait_for_the_gate(window)
        self.assertFalse(self.offered(window, "Insert"))
        self.press(window, "Stop")
        self.wait_for_end(window)
        self.wait_for_picture(window, "Iteration 4")
        desk.shot("stopped")
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual((end["end"], end["painting"]), ("painted", True))
        self.assertEqual(self.entries(), [("Background – Waves", "stopped")])

    def test_cancel_leaves_nothing(self):
        window = self.open("--paint", "wait", "--styles", "layer:7", "--pace", "20")
        desk = self.desk
        self.press(window, "Paint")
        self.wait_for_the_gate(window)
        desk.press(self.keep(window))
        self.press(window, "Cancel")
        self.shown_button(window, "Paint")
        self.assertIn("cancelled", desk.message(window))
        self.assertEqual(self.picture(window), "The layer")
        self.assertFalse(self.offered(window, "Insert"))
        desk.shot("cancelled")
        self.press(window, "Cancel")
        end = self.end()
        self.assertEqual((end["end"], end["painting"], end["kept"]), ("closed", False, []))
        self.assertEqual(self.entries(), [("Background – Waves", "failed")])

    def test_escape_ends_a_run_that_hangs(self):
        window = self.open("--paint", "hang", "--styles", "layer:7", "--pace", "20")
        desk = self.desk
        self.press(window, "Paint")
        self.wait_for_the_gate(window)
        desk.focus(WINDOW)
        desk.keys("Escape")
        self.shown_button(window, "Paint")
        self.press(window, "Cancel")
        self.assertEqual(self.end()["end"], "closed")
        self.assertEqual(self.program.returncode, 0)

    def test_a_name_is_taken_once(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "10")
        desk = self.desk
        self.name_field(window, "Evening")
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Run again with changed settings")
        self.shown_button(window, "Paint")
        self.name_field(window, "Evening")
        self.press(window, "Paint")
        desk.wait("the refusal", lambda: "Evening" in desk.message(window))
        sentence = desk.message(window)
        desk.wait("the refusal at the field", lambda: any(desk.shown(label)
                                                          for label in desk.all(window, "label", sentence)))
        self.assertTrue(self.offered(window, "Paint"), "nothing has begun")
        desk.shot("taken")
        self.assertEqual(self.entries(), [("Evening", "completed")])
        self.name_field(window, "Morning")
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Insert")
        self.end()
        self.assertEqual(self.entries(), [("Evening", "completed"), ("Morning", "completed")])

    def test_a_name_is_proposed_while_it_is_free(self):
        def field(window):
            return self.desk.text(self.desk.find(window, "text", "Name in the gallery"))
        options = ("--paint", "grow", "--styles", "layer:7", "--pace", "10", "--run-name", "Evening 2")
        window = self.open(*options)
        self.assertEqual(field(window), "Evening 2")
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Insert")
        self.end()
        window = self.open(*options, desk=self.desk)
        self.assertEqual(field(window), "")
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Insert")
        self.end()
        self.assertEqual(self.entries(), [("Evening 2", "completed"), ("Background – Waves", "completed")])

    def test_run_again_is_another_entry(self):
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "10")
        desk = self.desk
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.press(window, "Run again with changed settings")
        desk.wait("the settings", lambda: desk.sensitive(desk.find(window, "spin", "Iterations")))
        desk.set_value(desk.find(window, "spin", "Iterations"), 5)
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.wait_for_picture(window, "Iteration 5")
        self.press(window, "Insert")
        self.assertEqual(self.end()["request"]["iterations"], 5)
        self.assertEqual([state for _, state in self.entries()], ["completed", "completed"])
        self.assertEqual(len({name for name, _ in self.entries()}), 2)

    def test_a_crash_keeps_what_was_shown(self):
        window = self.open("--paint", "crash", "--styles", "layer:7", "--pace", "20")
        desk = self.desk
        self.press(window, "Paint")
        desk.wait("the message", lambda: "went away" in desk.message(window))
        self.assertFalse(self.offered(window, "Insert"), "there is no result")
        desk.shot("crashed")
        self.press(window, "Keep the last iteration as shown")
        end = self.end()
        self.assertEqual((end["end"], end["painting"]), ("painted", False))
        self.assertEqual(end["kept"], [{"iteration": 4, "width": 512, "full": False}])
        self.assertEqual(self.entries(), [("Background – Waves", "failed")])

    def test_a_crash_before_anything_is_only_told(self):
        window = self.open("--paint", "lost", "--styles", "layer:7")
        self.press(window, "Paint")
        self.desk.wait("the message", lambda: "went away" in self.desk.message(window))
        self.shown_button(window, "Paint")
        self.assertFalse(self.offered(window, "Keep the last iteration as shown"))

    def test_a_gallery_that_cannot_be_written_stops_nothing(self):
        desk = self.new_desk()
        (desk.root / "data/gallery").write_text("a file where the folder should be")
        window = self.open("--paint", "grow", "--styles", "layer:7", "--pace", "10", desk=desk)
        self.press(window, "Paint")
        self.wait_for_end(window)
        self.assertIn("gallery", self.desk.message(window))
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual((end["end"], end["painting"], end["gallery"]), ("painted", True, 0))

    def test_a_picture_that_cannot_be_read_is_told(self):
        window = self.open("--paint", "grow", "--styles", "/nonexistent/picture.png")
        desk = self.desk
        self.press(window, "Paint")
        desk.wait("the message", lambda: "/nonexistent/picture.png" in desk.message(window))
        desk.shot("unreadable")
        self.assertTrue(self.offered(window, "Paint"))

    def test_presets_have_a_folder_of_their_own(self):
        window = self.open("--paint", "grow", "--styles", "layer:7")
        desk, file = self.desk, self.desk.root / "config/presets/neural-style/Bold.json"
        weight = desk.find(window, "spin", "Style weight")
        desk.set_value(weight, 3)
        desk.press(self.toggle(window, "Save preset"))
        name = desk.find(window, "text", "Name of the preset")
        desk.wait("the entry", lambda: desk.shown(name))
        desk.type_into(name, "Bold")
        self.press(window, "Save")
        desk.wait("the preset's file", file.exists)
        self.assertEqual(json.loads(file.read_text())["style-weight"], 1000)
        desk.set_value(weight, 1)
        desk.choose(desk.find(window, "combo", "Presets"), "Bold")
        desk.wait("the preset's weight", lambda: desk.text(weight) == "1000")

    def test_everything_has_a_name_and_a_key_of_its_own(self):
        window = self.open("--paint", "grow", "--styles", "layer:7;layer:8")
        self.desk.check_names_and_keys(window, more_keys_than=12)

    def test_tiny_and_long_pictures_have_a_window(self):
        for size in ("1x1", "3000x2"):
            with self.subTest(size):
                window = self.open("--size", size, "--paint", "grow", "--styles", "layer:7", "--pace", "2")
                self.press(window, "Paint")
                self.wait_for_end(window)
                self.desk.shot(size)
                self.press(window, "Insert")
                self.assertEqual(self.end()["end"], "painted")

    def test_through_the_engine(self):
        window = self.open("--styles", "layer:7", "--paint", "engine", PINXIT_ENGINE=ENGINE)
        desk = self.desk
        self.press(window, "Paint")
        self.wait_for_end(window)
        desk.wait("the last iteration", lambda: self.picture(window).startswith("Iteration "))
        desk.shot("engine")
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual((end["end"], end["painting"]), ("painted", True))
        self.assertEqual(self.entries(), [("Background – Waves", "completed")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
