# SPDX-License-Identifier: Apache-2.0
"""The Models window in its stand-alone host: what it lists, installs, verifies and removes.

    python3 models_test.py MODELS_HOST
"""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from models_desk import LONG, ModelsDesk  # noqa: E402


class Window(ModelsDesk):
    models_host = os.path.abspath(sys.argv[1])

    def test_what_there_is_is_listed(self):
        self.make_offers()
        styles = self.desk.root / "data/models/own"
        styles.mkdir(parents=True)
        (styles / "weights.safetensors").write_bytes(b"x" * 1000)
        (styles / "model.json").write_text(json.dumps({
            "pinxit": 1, "id": "own", "kind": "slimnet", "operation": "fast-style", "title": "My own",
            "files": [{"role": "weights", "path": "weights.safetensors", "bytes": 1000}],
            "licence": {"id": "CC0-1.0"}}))
        self.open()
        desk = self.desk
        desk.wait("the list", lambda: [row.get_name() for row in self.rows()] == [
            "My own", "Candy", "Slow net", "Gone net", "Wrong net", LONG, "VGG19"])
        self.wait_for_state("My own", "Installed")
        self.wait_for_state("Candy", "Not installed\n200.0 kB · BSD-3-Clause · 1.2 GB memory")
        self.assertNotIn("unverified", self.state("Candy"))
        self.assertIn("unverified", self.state("Slow net"))
        self.choose("Candy")
        for text in ("Paints as Candy would", "All that is known of Candy.", "BSD-3-Clause", "By its SHA-256 sum",
                     "Fast Style", "1.2 GB while it works", "https://example.org/where"):
            desk.wait(text, lambda: self.label(text))
        desk.wait("the disk use", lambda: self.label("Models take "))
        licence = self.label("BSD-3-Clause")[0]
        self.assertEqual(licence.get_hypertext_iface().get_link(0).get_uri(0), "https://example.org/licence")
        desk.check_names_and_keys(self.window, more_keys_than=3)
        desk.shot("list")
        self.choose("Slow net")
        desk.wait("the warning", lambda: self.label("Unverified"))
        desk.shot("unverified")
        self.choose(LONG)
        desk.shot("long")
        self.close()
        self.assertEqual(self.end(), {"end": "closed"})

    def test_search(self):
        self.make_offers()
        self.open()
        desk = self.desk
        desk.wait("the list", lambda: len(self.titles()) == 6)
        search = desk.find(self.window, "text", "Search models")
        for text, titles in (("net slow", ["Slow net"]), ("NEURAL", ["VGG19"]), ("bsd cand", ["Candy"]), ("xyz", [])):
            desk.type_into(search, text)
            desk.wait(f"what fits “{text}”", lambda: self.titles() == titles)
        desk.wait("the sentence", lambda: self.label("No model fits the search."))
        desk.focus("Models")
        desk.keys("ctrl+f", "Escape")
        desk.wait("everything again", lambda: len(self.titles()) == 6)
        desk.keys("Escape")
        self.assertEqual(self.end(), {"end": "closed"})

    def test_nothing_at_all_says_so(self):
        self.open()
        self.desk.wait("the sentence", lambda: self.label("There are no models yet"))
        self.desk.shot("empty")
        self.close()
        self.end()

    def test_several_are_installed_side_by_side(self):
        self.make_offers()
        self.open()
        desk = self.desk
        self.choose("Slow net")
        desk.press(self.button("Install (3.0 MB)"))
        desk.wait("progress in list and details", lambda: len(self.progress("Slow net")) == 2)
        desk.wait("a rate", lambda: self.label("Downloading: ") and "/s" in self.label("Downloading: ")[0].get_name())
        self.choose("Candy")
        desk.press(self.button("Install (200.0 kB)"))
        self.wait_for_state("Candy", "Installed")
        self.assertTrue(self.progress("Slow net"), "the slow one goes on")
        desk.shot("side-by-side")
        self.wait_for_state("Slow net", "Installed")
        desk.wait("the end of all progress", lambda: not self.progress("Slow net"))
        self.assertEqual((desk.root / "data/models/slow/slow.safetensors").read_bytes(), self.large)
        self.close()
        self.end()

    def test_cancelled_downloads_go_on_later(self):
        self.make_offers()
        self.open()
        desk = self.desk
        self.choose("Slow net")
        desk.press(self.button("Install (3.0 MB)"))
        desk.wait("some of it", lambda: any(desk.value(bar) > 0.1 for bar in self.progress("Slow net")))
        desk.press(self.button("Cancel Slow net"))
        self.wait_for_message("Installing “Slow net” was cancelled.")
        self.wait_for_state("Slow net", "Begun: ")
        self.assertFalse((desk.root / "data/models/slow").exists(), "nothing half is in place")
        desk.shot("cancelled")
        self.server.rates = {}
        desk.press(self.button("Go on installing"))
        self.wait_for_state("Slow net", "Installed")
        self.assertEqual(len(self.server.ranges), 1)
        self.assertGreater(int(self.server.ranges[0][1].split("=")[1].split("-")[0]), 0)
        self.assertEqual((desk.root / "data/models/slow/slow.safetensors").read_bytes(), self.large)

    def test_closing_asks_about_what_is_not_finished(self):
        self.make_offers()
        self.open()
        desk = self.desk
        self.choose("Slow net")
        desk.press(self.button("Install (3.0 MB)"))
        desk.wait("some of it", lambda: any(desk.value(bar) > 0.1 for bar in self.progress("Slow net")))
        self.close()
        desk.press(self.button("Keep going", desk.window("Stop")))
        desk.wait("the question to go", lambda: not desk.has_window("Stop"))
        self.assertTrue(self.progress("Slow net"))
        desk.focus("Models")
        desk.keys("Escape")
        question = desk.window("Stop")
        self.assertEqual(len([window for window in desk.windows() if window.get_name() == question.get_name()]), 1)
        desk.shot("question")
        desk.press(self.button("Stop and close", question))
        self.assertEqual(self.end(), {"end": "closed"})
        self.open()
        self.wait_for_state("Slow net", "Begun: ")

    def test_failures_are_told(self):
        self.make_offers()
        self.open()
        desk = self.desk
        for title in ("Gone net", "Wrong net"):
            with self.subTest(title):
                self.choose(title)
                desk.press(self.button("Install (200.0 kB)"))
                desk.wait("the message", lambda: title in desk.message(self.window))
                desk.shot("failed-" + title.split()[0].lower())
                self.wait_for_state(title, "Not installed")
                self.assertTrue(desk.sensitive(self.button("Install (200.0 kB)")))
        self.assertFalse((desk.root / "data/models/wrong").exists())
        bad = desk.root / "no checkpoint.pth"
        bad.write_bytes(b"this is no checkpoint" * 100)
        self.import_file(bad)
        desk.wait("the message", lambda: "no checkpoint.pth" in desk.message(self.window))
        desk.shot("failed-import")

    def test_verified_and_removed(self):
        self.make_offers()
        self.open()
        desk, file = self.desk, self.desk.root / "data/models/candy/candy.safetensors"
        self.choose("Candy")
        desk.press(self.button("Install (200.0 kB)"))
        self.wait_for_state("Candy", "Installed")
        desk.press(self.button("Verify"))
        self.wait_for_message("“Candy” is whole.")
        content = bytearray(file.read_bytes())
        content[1000] ^= 1
        file.write_bytes(content)
        desk.press(self.button("Verify"))
        desk.wait("the message", lambda: "damaged" in desk.message(self.window))
        self.wait_for_state("Candy", "Damaged")
        desk.shot("damaged")
        desk.press(self.button("Install again"))
        self.wait_for_state("Candy", "Installed")
        self.assertEqual(file.read_bytes(), self.server.files["candy"])
        desk.press(self.button("Remove…"))
        desk.press(self.button("Cancel", desk.window("Remove model")))
        desk.wait("the question to go", lambda: not desk.has_window("Remove model"))
        self.assertTrue(file.exists())
        desk.press(self.button("Remove…"))
        question = desk.window("Remove model")
        desk.shot("question")
        desk.press(self.button("Remove", question))
        self.wait_for_state("Candy", "Not installed")
        self.assertFalse(file.parent.exists())

    def test_what_was_put_aside_is_deleted_when_told(self):
        desk, kept = self.desk, self.desk.root / "data/models/.kept"
        (kept / "candy-1").mkdir(parents=True)
        (kept / "candy-1/notes.txt").write_bytes(b"x" * 5000)
        self.open()
        desk.wait("the size", lambda: any("Put aside: 5.0 kB" in self.plain(label.get_name())
                                          for label in self.label("Models take 0")))
        button = self.button("Delete what was put aside…")
        desk.press(button)
        desk.press(self.button("Cancel", desk.window("Put aside")))
        desk.wait("the question to go", lambda: not desk.has_window("Put aside"))
        self.assertTrue(kept.exists())
        desk.press(button)
        question = desk.window("Put aside")
        desk.shot("question")
        desk.press(self.button("Delete", question))
        desk.wait("the folder to go", lambda: not kept.exists())
        desk.wait("the button to go", lambda: not desk.shown(button))
        self.close()
        self.end()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
