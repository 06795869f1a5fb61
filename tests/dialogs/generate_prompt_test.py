# SPDX-License-Identifier: Apache-2.0
"""Generate from Text: what is typed and chosen before a run, and what is kept of it.

    python3 generate_prompt_test.py DIALOG_HOST FAKE_ENGINE
"""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from generate_desk import ENGINE, HOST, MODELS, GenerateWindow  # noqa: E402


class Prompts(GenerateWindow):
    def test_unknown_words_are_shown_while_typing(self):
        window = self.open("--paint", "make")
        desk = self.desk
        self.type_prompt(window, "a xylophone near xanthic tulips")
        self.wait_to_hear(window, "The model does not know: xylophone, xanthic.")
        desk.shot("unknown")
        self.type_prompt(window, "a piano near yellow tulips")
        desk.wait("all words to be known", lambda: not self.says(window, "does not know"))

    def test_an_empty_prompt_is_refused_in_place(self):
        window = self.open("--paint", "make")
        desk = self.desk
        self.type_prompt(window, "  \n ")
        self.press(window, "Generate")
        self.wait_to_hear(window, "Type what the pictures are to show.")
        desk.shot("refused")
        self.assertEqual(self.thumbnails(window), [])
        self.assertTrue(self.offered(window, "Generate"), "nothing has begun")
        self.assertEqual(self.history(), [])
        self.type_prompt(window, "a tulip")
        desk.wait("the refusal to go", lambda: not self.says(window, "Type what the pictures are to show."))

    def test_along_text_needs_another_prompt(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip")
        desk = self.desk
        other = desk.find(window, "text", "Other prompt")
        self.assertFalse(desk.shown(other))
        desk.choose(desk.find(window, "combo", "Vary"), "From this prompt to another")
        desk.wait("the entry", lambda: desk.shown(other))
        self.press(window, "Generate")
        desk.wait("the refusal", lambda: "other prompt" in desk.message(window))
        desk.shot("missing")
        self.assertEqual(self.thumbnails(window), [])
        desk.type_into(other, "a blue tulip")
        self.press(window, "Generate")
        self.wait_for(window, 5)
        self.assertEqual(desk.message(window), "")
        self.keep(window, 4)
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual((end["pictures"][0]["request"]["vary"], end["pictures"][0]["share"]), ("text", 1))
        self.assertEqual(end["request"]["vary-prompt"], "a blue tulip")
        text = (desk.root / "data/prompts.json").read_text()
        self.assertIn("a blue tulip", text)

    def test_history_is_recalled_and_cleared(self):
        window = self.open("--paint", "make", "--count", "1")
        desk = self.desk
        history = desk.find(window, "toggle", "History")
        self.assertFalse(desk.sensitive(history))
        for text in ("a red tulip", "a poppy\nat night"):
            self.type_prompt(window, text)
            self.press(window, "Generate")
            desk.wait("the prompt in the history", lambda: text in self.history())
            self.shown_button(window, "Generate")
        self.press(window, "Cancel")
        self.end()
        window = self.open("--paint", "make", desk=desk)
        self.assertEqual(desk.text(self.prompt(window)), "", "prompts do not come back by themselves")
        desk.press(desk.find(window, "toggle", "History"))
        desk.wait("the menu", lambda: desk.shown(desk.find(window, "menu item", "a poppy at night")))
        desk.shot("menu")
        desk.press(desk.find(window, "menu item", "a poppy at night"))
        desk.wait("the prompt", lambda: desk.text(self.prompt(window)) == "a poppy\nat night")
        desk.press(desk.find(window, "menu item", "Clear the history…"))
        question = desk.window("Clear history")
        desk.shot("question")
        desk.press(self.button(question, "Clear"))
        desk.wait("no history", lambda: not (desk.root / "data/prompts.json").exists())
        self.assertFalse(desk.sensitive(desk.find(window, "toggle", "History")))

    def test_a_model_without_prompts_takes_none(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "2")
        desk = self.desk
        desk.choose(desk.find(window, "combo", "Model"), "Digits")
        self.wait_to_hear(window, "This model paints without a prompt.")
        self.assertFalse(desk.sensitive(self.prompt(window)))
        desk.shot("digits")
        self.press(window, "Generate")
        self.wait_for(window, 2)
        self.assertEqual(self.history(), [])
        self.keep(window, 0)
        self.press(window, "Insert")
        end = self.end()
        self.assertEqual((end["pictures"][0]["request"]["prompt"], end["request"]["model"]), ("", "digits"))

    def test_what_comes_with_a_picture_is_offered_where_the_model_has_it(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "2")
        desk = self.desk
        maps, sizes = self.check(window, "A map for each word"), self.check(window, "All sizes")
        desk.wait("the offer", lambda: desk.shown(maps) and desk.shown(sizes))
        desk.choose(desk.find(window, "combo", "Model"), MODELS["plain-flowers"])
        desk.wait("no maps", lambda: not desk.shown(maps) and desk.shown(sizes))
        desk.choose(desk.find(window, "combo", "Model"), MODELS["birds"])
        desk.wait("the offer", lambda: desk.shown(maps))
        for name in ("All sizes", "A map for each word", "The five best words"):
            desk.press(self.check(window, name))
        self.press(window, "Generate")
        self.wait_for(window, 2)
        self.keep(window, 1)
        shown, picture = desk.find(window, "combo", "What is shown"), desk.find(window, "any", "Picture")
        for part in ("Map of “red”, 64 × 64", "Smaller: 64 × 64", "Best words: a red tulip"):
            desk.choose(shown, part)
            desk.wait(part, lambda: picture.get_description() == part)
        desk.shot("parts")
        self.press(window, "Insert")
        self.assertEqual(self.end()["pictures"][0]["parts"],
                         ["smaller", "attention a", "attention red", "attention tulip", "strip a red tulip"])

    def test_a_missing_model_offers_the_models_window(self):
        window = self.open("--paint", "make", "--model", "none")
        desk = self.desk
        desk.wait("the message", lambda: "No such model" in desk.message(window))
        desk.shot("missing-model")
        self.press(window, "Models…")
        models = desk.window("Models")
        desk.press(self.shown_button(models, "Close"))
        desk.wait("the window to be closed", lambda: not desk.has_window("Models"))
        desk.choose(desk.find(window, "combo", "Model"), "Automatic")
        desk.wait("the message to go", lambda: desk.message(window) == "")

    def test_scale_to_fit_is_offered_where_there_is_something_to_fill(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1", "--image", "Meadow", "--fits",
                           "image")
        desk = self.desk
        fit = self.check(window, "Scale to fit")
        desk.press(fit)
        self.press(window, "Generate")
        self.wait_for(window, 1)
        self.press(window, "Insert")
        self.assertTrue(self.end()["pictures"][0]["request"]["fit"])
        window = self.open("--paint", "make", desk=desk)
        self.assertEqual(desk.all(window, "check", "Scale to fit"), [])

    def test_the_settings_say_whether_prompts_are_kept(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1")
        desk = self.desk
        self.assertTrue(desk.checked(self.check(window, "Keep the prompt with the layer")))
        self.press(window, "Cancel")
        self.end()
        self.program = desk.start([HOST, "settings"])
        settings = desk.window("Neural Settings")
        desk.press(self.check(settings, "Keep prompts with layers"))
        desk.shot("settings")
        self.press(settings, "OK")
        self.end()
        self.assertIn("keep-prompts=false", (desk.root / "config/settings.ini").read_text())
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1", desk=desk)
        keep = self.check(window, "Keep the prompt with the layer")
        self.assertFalse(desk.checked(keep))
        self.press(window, "Generate")
        self.wait_for(window, 1)
        self.press(window, "Insert")
        self.assertFalse(self.end()["pictures"][0]["request"]["keep-prompt"])

    def test_keeping_the_prompt_is_said_of_the_layers_not_of_the_run(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1")
        self.press(window, "Generate")
        self.wait_for(window, 1)
        self.desk.press(self.check(window, "Keep the prompt with the layer"))
        self.press(window, "Insert")
        end = self.end()
        self.assertFalse(end["pictures"][0]["request"]["keep-prompt"])
        self.assertFalse(end["request"]["keep-prompt"])
        self.assertEqual(self.may_stay(), [False], "Repeat has to know")

    def may_stay(self):
        return [one.get("keep", True) for one in
                json.loads((self.desk.root / "data/prompts.json").read_text())["prompts"]]

    def test_a_cancelled_window_lets_no_prompt_stay_that_was_not_to(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1")
        desk = self.desk
        keep = self.check(window, "Keep the prompt with the layer")
        for times, prompt in enumerate(("a red tulip", "a poppy"), start=1):
            self.type_prompt(window, prompt)
            self.press(window, "Generate")
            desk.wait("the prompt in the history", lambda: len(self.history()) == times)
            self.shown_button(window, "Generate")
            desk.press(keep)
        self.assertEqual(self.may_stay(), [False, True])
        self.press(window, "Cancel")
        self.end()
        self.assertEqual(self.may_stay(), [False, True], "ticked again only after the last run")
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "1", desk=desk)
        self.press(window, "Generate")
        self.wait_for(window, 1)
        desk.press(self.check(window, "Keep the prompt with the layer"))
        self.press(window, "Cancel")
        self.end()
        self.assertEqual(self.may_stay(), [False, False])

    def test_presets_hold_no_word_of_the_prompt(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip")
        desk, file = self.desk, self.desk.root / "config/presets/generate/Three.json"
        count = desk.find(window, "spin", "Pictures")
        desk.set_value(count, 3)
        desk.press(desk.find(window, "toggle", "Save preset"))
        name = desk.find(window, "text", "Name of the preset")
        desk.wait("the entry", lambda: desk.shown(name))
        desk.type_into(name, "Three")
        self.press(window, "Save")
        desk.wait("the preset's file", file.exists)
        self.assertEqual(json.loads(file.read_text())["count"], 3)
        self.assertNotIn("tulip", file.read_text())
        desk.set_value(count, 7)
        desk.choose(desk.find(window, "combo", "Presets"), "Three")
        desk.wait("the preset's count", lambda: desk.value(count) == 3)
        self.assertEqual(desk.text(self.prompt(window)), "a red tulip", "what is typed stays")

    def test_reset_leaves_the_prompt(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--count", "9")
        desk = self.desk
        desk.press(desk.find(window, "push button", "Seed by chance"))
        self.press(window, "Reset")
        desk.wait("the defaults", lambda: (desk.value(desk.find(window, "spin", "Pictures")),
                                           desk.value(desk.find(window, "spin", "Seed"))) == (5, 100))
        self.assertEqual(desk.text(self.prompt(window)), "a red tulip")

    def test_everything_has_a_name_and_a_key_of_its_own(self):
        window = self.open("--paint", "make", "--prompt", "a red tulip", "--image", "Meadow", "--fits", "image")
        self.press(window, "Generate")
        self.wait_for(window, 5)
        self.desk.check_names_and_keys(window, more_keys_than=12)

    def test_a_prompt_of_unknown_words_is_refused_by_name(self):
        window = self.open("--paint", "engine", "--prompt", "xtulip", PINXIT_ENGINE=ENGINE)
        self.press(window, "Generate")
        self.desk.wait("the refusal", lambda: "xtulip" in self.desk.message(window))
        self.assertTrue(self.offered(window, "Generate"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
