# SPDX-License-Identifier: Apache-2.0
"""The gallery's window in its stand-alone host, without GIMP and without an engine.

    python3 gallery_test.py GALLERY_HOST
"""
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk import Atspi, skip  # noqa: E402
from desk_case import DeskCase  # noqa: E402

try:
    from PIL import Image
except ImportError:
    skip("needs PIL for Python")

HOST = os.path.abspath(sys.argv[1])
ALL = ["Sketch", "Boats", "Harbour", "Élan vital", "Evening, Starry Night"]


class GalleryWindow(DeskCase):
    shots = "gallery_"

    def open(self, *arguments, fill=True, prepare=None):
        desk = self.new_desk()
        if fill:
            subprocess.run([HOST, "fill"], env=desk.environment, check=True)
        if prepare:
            prepare()
        return self.show(*arguments)

    def show(self, *arguments):
        self.program = self.desk.start([HOST, "show", *arguments])
        self.gallery = self.desk.window("Gallery")
        return self.gallery

    def rows(self):
        """None while a page without runs is turned up."""
        rows = [runs.get_child_at_index(i) for runs in self.desk.all(self.gallery, "any", "Runs")
                for i in range(runs.get_child_count())]
        return [row for row in rows if row]  # one may go while it is asked for

    def names(self):
        return [row.get_name() for row in self.rows() if self.desk.shown(row)]

    def description(self, name):
        return next((row.get_description() for row in self.rows() if row.get_name() == name), "")

    def choose(self, name):
        runs = self.desk.find(self.gallery, "any", "Runs")
        index = [row.get_name() for row in self.rows()].index(name)
        self.assertTrue(runs.get_selection_iface().select_child(index))
        self.desk.wait(f"“{name}” in the details", lambda: self.label_beginning(name + " "))

    def label_beginning(self, text):
        return [label for label in self.desk.all(self.gallery, "label")
                if label.get_name().startswith(text) and self.desk.shown(label)]

    def button(self, name):
        return self.desk.find(self.gallery, "push button", name)

    def slider(self):
        return next(node for node in self.desk.all(self.gallery, "any", "Iteration")
                    if node.get_role() == Atspi.Role.SLIDER)

    def picture(self):
        return self.desk.find(self.gallery, "any", "Picture").get_description()

    def settings_field(self, name):
        return self.desk.find(self.gallery, "text", name)

    def settings_page(self):
        tabs = next(node for node in self.desk.all(self.gallery)
                    if node.get_role() == Atspi.Role.PAGE_TAB_LIST)
        self.assertTrue(tabs.get_selection_iface().select_child(1))
        self.desk.wait("the settings", lambda: self.desk.shown(self.settings_field("Iterations")))

    def colour_in_the_middle(self, node):
        """Of a widget, as it is on the screen."""
        area = node.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        with Image.open(self.desk.shot("colours")) as shot:
            return shot.convert("RGB").getpixel((area.x + area.width // 2, area.y + area.height // 2))

    def said(self):
        """The next call of the host."""
        return json.loads(self.program.stdout.readline())

    def close(self):
        self.desk.press(self.button("Close"))
        self.assertEqual(self.end(), {"end": "closed"})
        self.assertEqual(self.program.returncode, 0)

    def test_lists_runs_with_state_and_size(self):
        self.open()
        self.assertEqual(self.names(), ALL, "newest first")
        for name, summary in (("Sketch", "New"), ("Boats", "Ready"), ("Harbour", "Failed, 2 of 10 iterations"),
                              ("Élan vital", "Stopped, 4 of 10 iterations"),
                              ("Evening, Starry Night", "Completed, 10 iterations")):
            self.assertEqual(self.description(name).splitlines()[0], summary)
        self.assertRegex(self.description("Harbour"), r"20\d\d, \d\d:\d\d, [\d.]+\skB")
        used = self.label_beginning("Used: ")[0].get_name()
        self.assertRegex(used, r"Used: [\d.]+\sMB of 2.1\sGB")
        self.close()

    def test_thumbnails_show_the_last_iteration(self):
        self.open()
        desk = self.desk
        wanted = {"Evening, Starry Night": 10, "Élan vital": 4, "Harbour": 2}

        def thumbnails():
            return {row.get_name(): desk.all(row, "any", "Thumbnail")[0] for row in self.rows()}
        desk.wait("the thumbnails", lambda: all(thumbnails()[name].get_description() == f"Iteration {last}"
                                                for name, last in wanted.items()))
        for name, last in wanted.items():
            colour = tuple(round(255 * share) for share in (last / 10, 0.5, 0.2))
            desk.wait(f"the colour of {name}", lambda: all(
                abs(a - b) <= 3 for a, b in zip(self.colour_in_the_middle(thumbnails()[name]), colour)))
        self.assertEqual(thumbnails()["Sketch"].get_description(), "No picture yet")

    def test_filters_by_part_of_the_name(self):
        self.open()
        desk = self.desk
        search = desk.find(self.gallery, "text", "Search runs")
        for text, names in (("ÉLAN", ["Élan vital"]), ("oa", ["Boats"]), ("nowhere", []), ("", ALL)):
            desk.type_into(search, text)
            desk.wait(f"runs for “{text}”", lambda: self.names() == names)
            if text == "nowhere":
                desk.wait("the sentence", lambda: self.label_beginning("No run fits the search."))
                desk.shot("nothing-found")
        self.close()

    def test_slider_shows_iterations_and_play_loops(self):
        self.open()
        desk = self.desk
        self.choose("Evening, Starry Night")
        self.assertEqual(self.picture(), "Iteration 10")
        self.assertTrue(self.label_beginning("10 of 10"))
        for place, title in ((3, "Iteration 3"), (0, "The start")):
            desk.set_value(self.slider(), place)
            desk.wait(title, lambda: self.picture() == title)
            colour = tuple(round(255 * share) for share in (place / 10, 0.5, 0.2))
            picture = desk.find(self.gallery, "any", "Picture")
            desk.wait("its colour", lambda: all(
                abs(a - b) <= 3 for a, b in zip(self.colour_in_the_middle(picture), colour)))
        desk.set_value(self.slider(), 9)
        desk.press(desk.find(self.gallery, "toggle", "Play"))
        seen = []

        def looked():
            if not seen or seen[-1] != desk.value(self.slider()):
                seen.append(desk.value(self.slider()))
            return len(seen) >= 4
        desk.wait("four frames", looked)
        self.assertEqual(seen, [9, 10, 0, 1])
        desk.set_value(self.slider(), 5)
        desk.wait("the end of playing", lambda: not desk.checked(desk.find(self.gallery, "toggle", "Play")))
        desk.shot("details")
        self.close()

    def test_opens_what_is_chosen_as_layers(self):
        self.open()
        desk = self.desk
        self.choose("Evening, Starry Night")
        what = desk.find(self.gallery, "combo", "What to open")
        desk.press(self.button("Open as layers"))
        self.assertEqual(self.said(), {"call": "open", "id": 1, "iterations": [], "result": True})
        desk.wait("the message", lambda: desk.message(self.gallery) == "1 layer was opened.")
        desk.set_value(self.slider(), 3)
        for item, iterations, result in (("The iteration shown", [3], False),
                                         ("The result and all iterations", list(range(11)), True)):
            desk.choose(what, item)
            desk.press(self.button("Open as layers"))
            self.assertEqual(self.said(), {"call": "open", "id": 1, "iterations": iterations, "result": result})
        self.choose("Harbour")
        desk.wait("no result to open", lambda: [item.get_name() for item in desk.all(what, "menu item")] ==
                  ["The iteration shown", "All iterations"])
        self.choose("Sketch")
        desk.wait("nothing to open", lambda: not desk.sensitive(self.button("Open as layers")))
        self.close()

    def test_a_host_that_refuses_is_told(self):
        self.open("--refuse")
        desk = self.desk
        self.choose("Harbour")
        for button in ("Open as layers", "Run again…"):
            desk.press(self.button(button))
            self.said()
            desk.wait("the message", lambda: desk.message(self.gallery) == "There is no room here.")
        desk.shot("refused")
        self.close()

    def test_without_gimp_nothing_is_opened(self):
        self.open("--no-gimp")
        self.choose("Harbour")
        self.assertFalse(self.desk.sensitive(self.button("Open as layers")))
        self.assertTrue(self.desk.sensitive(self.button("Run again…")))
        self.close()

    def test_runs_again_as_a_new_entry(self):
        self.open()
        desk = self.desk
        self.choose("Élan vital")
        desk.press(self.button("Run again…"))
        request = self.said()["request"]
        self.assertEqual(request["name"], "Élan vital 2")
        self.assertEqual(request["style-weight"], 100)
        desk.wait("the new run", lambda: self.names() == ["Élan vital 2", *ALL])
        desk.wait("it is chosen", lambda: self.label_beginning("Élan vital 2 "))
        self.close()

    def test_settings_rest_once_a_run_has_begun(self):
        self.open()
        desk = self.desk

        def editable(name):
            return self.settings_field(name).get_state_set().contains(Atspi.StateType.EDITABLE)
        self.choose("Harbour")
        self.settings_page()
        self.assertFalse(editable("Iterations") or editable("Style pictures"))
        self.assertEqual(desk.text(self.settings_field("Style weight")), "100")
        desk.shot("settings")
        self.choose("Boats")
        desk.wait("fields to change", lambda: editable("Iterations"))
        desk.focus("Gallery")
        field = self.settings_field("Iterations")
        field.get_component_iface().grab_focus()
        desk.type_into(field, "4")
        desk.keys("Return")
        desk.wait("the refusal", lambda: "between 5 and 100" in desk.message(self.gallery))
        self.assertEqual(desk.text(field), "10", "taken back")
        desk.type_into(field, "25")
        desk.keys("Return")
        self.choose("Sketch")
        desk.wait("the other's", lambda: desk.text(field) == "10")
        self.choose("Boats")
        desk.wait("what was set", lambda: desk.text(field) == "25")
        self.close()

    def test_rename_refuses_a_taken_name(self):
        self.open()
        desk = self.desk
        self.choose("Boats")
        desk.press(desk.find(self.gallery, "toggle", "Rename…"))
        name = desk.find(self.gallery, "text", "New name")
        desk.wait("the entry", lambda: desk.shown(name))
        confirm = desk.find(self.gallery, "push button", "Rename")
        desk.type_into(name, "harbour")
        desk.press(confirm)
        desk.wait("the refusal", lambda: self.label_beginning("There is already a run named “harbour”."))
        time.sleep(0.5)  # for the picture: the entry fades in
        desk.shot("renaming")
        desk.type_into(name, "Boats at dawn")
        desk.press(confirm)
        desk.wait("the new name", lambda: self.names()[1] == "Boats at dawn")
        self.close()

    def test_deletes_only_when_asked_and_told_to(self):
        self.open()
        desk = self.desk
        for answer, names in (("Cancel", ALL), ("Delete", [name for name in ALL if name != "Harbour"])):
            self.choose("Harbour")
            desk.press(self.button("Delete…"))
            question = desk.window("Delete run")
            self.assertTrue([label for label in desk.all(question, "label") if "“Harbour”" in label.get_name()])
            desk.shot("asked")
            desk.press(desk.find(question, "push button", answer))
            desk.wait("the question to go", lambda: not desk.has_window("Delete run"))
            desk.wait("the runs", lambda: self.names() == names)
        desk.wait("its neighbour", lambda: self.label_beginning("Élan vital "))
        self.close()
        self.show()
        self.assertNotIn("Harbour", self.names(), "gone for good")

    def test_sees_a_run_grow_and_die(self):
        def prepare():
            self.runner = subprocess.Popen([HOST, "run", "Growing"], env=self.desk.environment, text=True,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.desk.programs.append(self.runner)
            self.assertEqual(self.runner.stdout.readline(), "0\n")
        self.open(prepare=prepare)
        desk = self.desk
        self.assertEqual(self.names()[0], "Growing")
        self.assertEqual(self.description("Growing").splitlines()[0], "In progress, 0 of 10 iterations")
        self.choose("Growing")
        for button in ("Run again…", "Delete…"):
            self.assertFalse(desk.sensitive(self.button(button)), button)
        for i in (1, 2):
            self.runner.stdin.write("\n")
            self.runner.stdin.flush()
            self.assertEqual(self.runner.stdout.readline(), f"{i}\n")
        desk.wait("the second iteration", lambda: self.picture() == "Iteration 2")
        self.runner.kill()
        desk.wait("its end", lambda: self.description("Growing").startswith("Failed, 2 of 10 iterations"))
        desk.wait("the sentence", lambda: self.label_beginning("The run ended unexpectedly."))
        desk.wait("it can be deleted", lambda: desk.sensitive(self.button("Delete…")))
        desk.shot("died")
        self.runner.stdin.close()
        self.runner.stdout.close()
        self.close()

    def test_keyboard_alone(self):
        self.open()
        desk = self.desk
        desk.focus("Gallery")
        desk.keys("Down", "Down")
        desk.wait("the third run", lambda: self.label_beginning("Harbour "))
        desk.keys("alt+o")
        self.assertEqual(self.said()["iterations"], [2])
        desk.keys("Delete")
        desk.window("Delete run")
        desk.focus("Delete run")
        desk.keys("Escape")
        desk.wait("the question to go", lambda: not desk.has_window("Delete run"))
        desk.focus("Gallery")
        desk.keys("ctrl+f", "b", "o", "a")
        desk.wait("the search", lambda: self.names() == ["Boats"])
        desk.keys("Escape")
        desk.wait("the search's end", lambda: self.names() == ALL)
        desk.keys("Escape")
        self.assertEqual(self.end(), {"end": "closed"})

    def test_everything_has_a_name_and_a_key_of_its_own(self):
        self.open()
        self.desk.check_names_and_keys(self.gallery, more_keys_than=4)

    def test_an_empty_gallery_says_so(self):
        self.open(fill=False)
        self.desk.wait("the sentence", lambda: self.label_beginning("There are no runs yet."))
        self.desk.shot("empty")
        self.close()

    def test_a_damaged_gallery_is_told(self):
        def prepare():
            with open(self.desk.root / "data/gallery/gallery.sqlite", "r+b") as file:
                file.write(b"no database" * 100)
        self.open(prepare=prepare)
        self.desk.wait("the message", lambda: "damaged" in self.desk.message(self.gallery))
        self.desk.shot("damaged")
        self.assertTrue((self.desk.root / "data/gallery/gallery.damaged-1/gallery.sqlite").exists())
        self.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
