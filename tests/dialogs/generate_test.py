# SPDX-License-Identifier: Apache-2.0
"""Generate from Text: pictures are made, looked at, picked, made again; runs that are stopped or lost.

    python3 generate_test.py DIALOG_HOST FAKE_ENGINE
"""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from generate_desk import ENGINE, WINDOW, GenerateWindow  # noqa: E402


class Runs(GenerateWindow):
    def test_five_pictures_are_made_and_two_kept(self):
        window = self.open("--paint", "make", "--image", "Meadow", "--fits", "selection")
        desk = self.desk
        desk.shot("empty")
        self.assertFalse(self.offered(window, "Insert"))
        self.type_prompt(window, "a red tulip\nin the “rain”")
        self.press(window, "Generate")
        self.wait_for(window, 5)
        self.assertEqual(self.names(window), [f"Seed {seed}" for seed in range(100, 105)])
        self.assertEqual(self.kept(window), [])
        self.assertFalse(self.offered(window, "Insert"), "nothing is picked")
        desk.shot("made")
        for number in (1, 3, 4, 4):  # a second click lets it go
            self.click(self.thumbnails(window)[number])
            desk.wait("the click", lambda: desk.find(window, "any", "Picture").get_description()
                      == f"Seed {100 + number}")
        desk.wait("two picked", lambda: self.kept(window) == ["Seed 101", "Seed 103"])
        desk.shot("picked")
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual(end["end"], "painted")
        self.assertEqual([one["seed"] for one in end["pictures"]], [101, 103])
        for one in end["pictures"]:
            request = one["request"]
            self.assertEqual((one["width"], one["parts"]), (128, []))
            self.assertEqual((request["prompt"], request["keep-prompt"], request["fit"]),
                             ("a red tulip\nin the “rain”", True, False))
            self.assertEqual(one["facts"]["device"], "cpu")
        self.assertEqual(end["request"]["prompt"], "a red tulip\nin the “rain”")
        self.assertEqual(end["request"]["seed"], 100)
        self.assertEqual(self.history(), ["a red tulip\nin the “rain”"])
        self.assertEqual((desk.root / "data/prompts.json").stat().st_mode & 0o777, 0o600)

    def test_keys_look_and_pick(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip")
        desk = self.desk
        desk.focus(WINDOW)
        desk.wait("the prompt", lambda: desk.text(self.prompt(window)) == "a red tulip")
        desk.keys("ctrl+Return")
        self.wait_for(window, 5)
        desk.keys("Right", "space", "Right", "Right", "Return", "Right")
        desk.wait("the keys", lambda: self.kept(window) == ["Seed 101", "Seed 103"])
        picture = desk.find(window, "any", "Picture")
        desk.wait("what is looked at", lambda: picture.get_description() == "Seed 104")
        self.press(window, "Insert")
        self.assertEqual([one["seed"] for one in self.end()["pictures"]], [101, 103])

    def test_thumbnails_appear_as_they_are_made(self):
        window = self.open("--paint", "wait", "--prompt", "a red tulip")
        desk = self.desk
        self.press(window, "Generate")
        desk.wait("two pictures", lambda: len(self.thumbnails(window)) == 2)
        bar = desk.find(window, "progress", "Painting")
        desk.wait("progress", lambda: desk.shown(bar) and desk.value(bar) > 0)
        self.assertTrue(self.offered(window, "Stop"))
        self.assertFalse(desk.sensitive(self.prompt(window)))
        self.keep(window, 1)
        desk.shot("arriving")
        self.assertFalse(self.offered(window, "Insert"), "not while it paints")
        self.gate.touch()
        self.wait_for(window, 5)
        self.assertEqual(self.kept(window), ["Seed 101"])
        self.assertEqual(desk.find(window, "any", "Picture").get_description(), "Seed 101", "nobody is disturbed")

    def test_a_single_picture_is_kept_unless_told_otherwise(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1")
        self.press(window, "Generate")
        self.wait_for(window, 1)
        self.assertEqual(self.kept(window), ["Seed 100"])
        self.keep(window, 0, on=False)
        self.assertFalse(self.offered(window, "Insert"))

    def test_again_goes_on_with_other_seeds_and_leaves_what_was_picked(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip")
        desk = self.desk
        self.assertFalse(self.offered(window, "Again"))
        self.press(window, "Generate")
        self.wait_for(window, 5)
        self.keep(window, 2)
        self.press(window, "Again")
        self.wait_for(window, 6)
        self.assertEqual(self.names(window), ["Seed 102"] + [f"Seed {seed}" for seed in range(105, 110)])
        self.assertEqual(desk.value(desk.find(window, "spin", "Seed")), 105)
        self.keep(window, 5)
        desk.shot("again")
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual([one["seed"] for one in end["pictures"]], [102, 109])
        self.assertEqual(end["request"]["seed"], 105)

    def test_vary_from_this(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip")
        desk = self.desk
        self.press(window, "Generate")
        self.wait_for(window, 5)
        self.look_at(window, 3)
        self.press(window, "Vary from this")
        desk.wait("the way", lambda: self.names(window) == [f"Seed 103, {share} %" for share in (0, 25, 50, 75, 100)])
        self.wait_for(window, 5)
        desk.shot("varied")
        self.keep(window, 1)
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual([(one["seed"], one["share"], one["request"]["vary"]) for one in end["pictures"]],
                         [(103, 0.25, "noise")])
        self.assertEqual((end["request"]["vary"], end["request"]["seed"]), ("noise", 103))

    def test_only_a_picture_of_one_seed_is_varied_from(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "3")
        desk = self.desk
        desk.choose(desk.find(window, "combo", "Vary"), "From this seed to another")
        self.press(window, "Generate")
        self.wait_for(window, 3)
        for number, offered in ((1, False), (2, False), (0, True)):
            self.look_at(window, number)
            self.assertEqual(self.offered(window, "Vary from this"), offered, number)

    def test_again_along_noise_leads_to_another_seed(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "2")
        desk = self.desk
        desk.choose(desk.find(window, "combo", "Vary"), "From this seed to another")
        self.press(window, "Generate")
        self.wait_for(window, 2)
        self.press(window, "Again")
        desk.wait("the next seeds", lambda: [desk.value(desk.find(window, "spin", name))
                                             for name in ("Seed", "Other seed")] == [101, 102])

    def test_a_model_that_is_not_read_yet_judges_the_prompt(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--model", "digits", "--count", "1",
                           "--reading", "digits")
        desk = self.desk
        self.wait_to_hear(window, "This model paints without a prompt.")
        desk.choose(desk.find(window, "combo", "Model"), "Automatic")
        self.press(window, "Generate")
        self.wait_for(window, 1)
        self.press(window, "Insert")
        self.assertEqual(self.end()["pictures"][0]["request"]["prompt"], "a red tulip")

    def test_stop_keeps_what_is_there(self):
        window = self.open("--paint", "wait", "--prompt", "a red xtulip")
        desk = self.desk
        self.wait_to_hear(window, "xtulip.")
        self.press(window, "Generate")
        desk.wait("two pictures", lambda: len(self.thumbnails(window)) == 2)
        self.press(window, "Stop")
        self.wait_to_hear(window, "Stopped after 2 of 5 pictures.")
        desk.shot("stopped")
        self.keep(window, 0)
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual([one["seed"] for one in end["pictures"]], [100])
        self.assertEqual(end["pictures"][0]["facts"]["model"]["title"], "Made here", "known from the reading")

    def test_cancel_stops_and_then_leaves_nothing(self):
        window = self.open("--paint", "wait", "--prompt", "a red tulip")
        desk = self.desk
        self.press(window, "Generate")
        desk.wait("two pictures", lambda: len(self.thumbnails(window)) == 2)
        self.press(window, "Cancel")
        self.shown_button(window, "Generate")
        self.keep(window, 0)
        self.press(window, "Cancel")
        end = self.end()
        self.assertEqual((end["end"], end["pictures"]), ("closed", []))

    def test_escape_ends_a_run_that_hangs(self):
        window = self.open("--paint", "hang", "--prompt", "a red tulip")
        desk = self.desk
        self.press(window, "Generate")
        desk.wait("two pictures", lambda: len(self.thumbnails(window)) == 2)
        desk.focus(WINDOW)
        desk.keys("Escape")
        self.shown_button(window, "Generate")
        self.press(window, "Cancel")
        self.assertEqual(self.end()["end"], "closed")
        self.assertEqual(self.program.returncode, 0)

    def test_a_crash_keeps_what_was_made(self):
        window = self.open("--paint", "crash", "--prompt", "a red tulip")
        desk = self.desk
        self.press(window, "Generate")
        desk.wait("the message", lambda: "went away" in desk.message(window))
        desk.shot("crashed")
        self.keep(window, 1)
        self.press(window, "Insert")
        self.assertEqual([one["seed"] for one in self.end()["pictures"]], [101])

    def test_a_crash_before_anything_is_only_told(self):
        window = self.open("--paint", "lost", "--prompt", "a red tulip")
        self.press(window, "Generate")
        self.desk.wait("the message", lambda: "went away" in self.desk.message(window))
        self.assertTrue(self.offered(window, "Generate"))
        self.assertFalse(self.offered(window, "Insert"))
        self.assertFalse(self.offered(window, "Again"))

    def test_many_large_pictures_have_room(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "16", "--image",
                           "A meadow in the evening with an image name that is rather long")
        desk = self.desk
        desk.set_value(desk.find(window, "spin", "Size"), 512)
        self.press(window, "Generate")
        self.wait_for(window, 16)
        self.look_at(window, 15)
        desk.shot("sixteen")
        self.keep(window, 15)
        self.press(window, "Insert")
        self.assertEqual([(one["seed"], one["width"]) for one in self.end()["pictures"]], [(115, 512)])

    def test_through_the_engine(self):
        window = self.open("--paint", "engine", PINXIT_ENGINE=ENGINE)
        desk = self.desk
        self.type_prompt(window, "a red xtulip")
        self.wait_to_hear(window, "The model does not know: xtulip.")
        self.press(window, "Generate")
        self.wait_for(window, 5)
        desk.shot("engine")
        self.keep(window, 0)
        self.keep(window, 4)
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual([one["width"] for one in end["pictures"]], [64, 64])
        for one in end["pictures"]:
            self.assertEqual(one["facts"]["unknown_words"], ["xtulip"])

    def test_a_killed_engine_is_told_and_another_try_works(self):
        window = self.open("--paint", "engine", "--prompt", "a tulip", "--model", "steps-100", PINXIT_ENGINE=ENGINE)
        desk = self.desk
        self.press(window, "Generate")
        desk.wait("a picture", lambda: self.thumbnails(window))
        for pid in desk.engines():
            os.kill(pid, signal.SIGKILL)
        desk.wait("the message", lambda: desk.message(window))
        self.shown_button(window, "Generate")
        desk.shot("killed")
        self.keep(window, 0)
        desk.choose(desk.find(window, "combo", "Model"), "Automatic")
        self.press(window, "Generate")
        self.wait_for(window, 6)
        self.assertEqual(desk.message(window), "")

    def test_without_an_engine_the_window_says_so(self):
        window = self.open("--paint", "engine", "--prompt", "a tulip")
        self.press(window, "Generate")
        self.desk.wait("the message", lambda: self.desk.message(window))
        self.assertTrue(self.offered(window, "Generate"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
