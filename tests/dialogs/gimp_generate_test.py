# SPDX-License-Identifier: Apache-2.0
"""Generate from Text in a real GIMP, from both menus: a prompt is typed, of five pictures two are kept, two layers.

    python3 gimp_generate_test.py PLUGIN FAKE_ENGINE MODELS

The fake engine paints plain pictures whose colour depends on the seed.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gimp_desk import InGimp, make_picture  # noqa: E402

PLUGIN, ENGINE, MODELS = (os.path.abspath(path) for path in sys.argv[1:4])
WINDOW = "Generate from Text"
PROMPT = "a scarlet zeppelin"
TREE = """
import gi, json, os
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl
def tell(layer):
    facts = dict(name=layer.get_name(), size=[layer.get_width(), layer.get_height()],
                 offsets=list(layer.get_offsets())[-2:], group=layer.is_group(), children=[], recipe="")
    for name in layer.get_parasite_list():
        facts["recipe"] += bytes(layer.get_parasite(name).get_data()).decode(errors="replace")
    if layer.is_group():
        facts["children"] = [tell(child) for child in layer.get_children()]
    else:
        box = Gegl.Rectangle.new(0, 0, 1, 1)
        facts["pixel"] = list(layer.get_buffer().get(box, 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.CLAMP))
    return facts
images = Gimp.get_images()
facts = dict(images=len(images))
if images:
    image = images[0]
    facts["size"] = [image.get_width(), image.get_height()]
    facts["layers"] = [tell(layer) for layer in image.get_layers()]
open(r"{folder}/looked.part", "w").write(json.dumps(facts))
os.rename(r"{folder}/looked.part", r"{folder}/looked.json")
"""


def colour(seed):
    """What the fake engine paints (tests/unit/fake_generate.cpp)."""
    return [seed * factor % 256 for factor in (7, 31, 101)] + [255]


class Generate(InGimp):
    plugin, engine, models = PLUGIN, ENGINE, MODELS

    def tree(self):
        return self.batch(TREE)

    def generate(self, window):
        """Five pictures of the prompt; their names."""
        desk = self.desk
        desk.type_into(desk.find(window, "text", "Prompt"), PROMPT)
        desk.press(self.button(window, "Generate"))
        flow = desk.find(window, "any", "Pictures made")
        again = self.button(window, "Again")
        desk.wait("five pictures", lambda: flow.get_child_count() == 5 and desk.sensitive(again))
        return [flow.get_child_at_index(i).get_name() for i in range(5)]

    def keep(self, window, number):
        desk = self.desk
        flow = desk.find(window, "any", "Pictures made")
        assert flow.get_selection_iface().select_child(number)
        child, check = flow.get_child_at_index(number), desk.find(window, "check", "Keep as layer")
        desk.wait("the picture", lambda: desk.find(window, "any", "Picture").get_description() == child.get_name())
        desk.press(check)
        desk.wait("the mark", lambda: child.get_description() == "To be kept")

    def insert(self, window):
        desk = self.desk
        insert = self.button(window, "Insert")
        desk.wait("Insert", lambda: desk.sensitive(insert))
        desk.press(insert)
        desk.wait("the window to close", lambda: not desk.has_window(WINDOW))

    def wait_for_layers(self, count):
        """Of all groups, top first."""
        def flat(layers):
            return [one for layer in layers for one in ([*flat(layer["children"])] if layer["group"] else [layer])]

        def look():
            facts = self.tree()
            layers = flat(facts.get("layers", []))
            return (facts, layers) if len(layers) == count else None
        return self.desk.wait(f"{count} layers", look)

    def check_pictures(self, names, layers):
        self.assertEqual(len(layers), 2)
        for name, layer in zip((names[1], names[3]), layers):
            seed = int(name.removeprefix("Seed "))
            self.assertEqual(layer["size"], [64, 64])
            self.assertEqual(layer["pixel"], colour(seed), name)
            self.assertIn(str(seed), layer["name"])
            self.assertIn(PROMPT, layer["recipe"])

    def test_from_the_create_menu_with_no_image_open(self):
        desk = self.desk
        main = self.open_gimp()
        self.assertEqual(self.tree(), {"images": 0})
        window = self.open_window(main, "From Text", WINDOW)
        self.assertEqual(desk.all(window, "check", "Scale to fit"), [], "there is nothing to fill")
        names = self.generate(window)
        for number in (1, 3):
            self.keep(window, number)
        desk.shot("kept")
        self.insert(window)
        facts, layers = self.wait_for_layers(2)
        desk.shot("new-image")
        self.assertEqual((facts["images"], facts["size"]), (1, [64, 64]))
        self.check_pictures(names, layers)

    def test_into_the_open_image(self):
        desk = self.desk
        make_picture(desk.root / "stripes.ppm", 320, 200)
        main = self.open_gimp(desk.root / "stripes.ppm")
        window = self.open_window(main, "Generate from Text", WINDOW)
        self.assertIn("stripes", window.get_name())
        desk.find(window, "check", "Scale to fit")
        names = self.generate(window)
        for number in (1, 3):
            self.keep(window, number)
        self.insert(window)
        facts, layers = self.wait_for_layers(3)
        desk.shot("layers")
        self.assertEqual(facts["size"], [320, 200])
        self.check_pictures(names, layers[:2])
        for layer in layers[:2]:
            self.assertEqual(layer["offsets"], [(320 - 64) // 2, (200 - 64) // 2])
        self.assertEqual(layers[2]["size"], [320, 200], "the picture lies below, as it was")

    def test_without_its_box_no_word_of_the_prompt_stays(self):
        desk = self.desk
        make_picture(desk.root / "stripes.ppm", 100, 80)
        main = self.open_gimp(desk.root / "stripes.ppm")
        window = self.open_window(main, "Generate from Text", WINDOW)
        self.generate(window)
        self.keep(window, 0)
        desk.press(desk.find(window, "check", "Keep the prompt with the layer"))
        self.insert(window)
        facts, _ = self.wait_for_layers(2)
        for word in PROMPT.split():
            if len(word) > 1:
                self.assertNotIn(word, str(facts))
        files = [file for file in (desk.root / "profile").rglob("*") if file.is_file()]
        self.assertTrue(files)
        for file in files:
            self.assertNotIn(b"zeppelin", file.read_bytes(), file)

    def test_cancel_leaves_nothing(self):
        desk = self.desk
        main = self.open_gimp()
        window = self.open_window(main, "From Text", WINDOW)
        self.generate(window)
        self.keep(window, 2)
        desk.press(self.button(window, "Cancel"))
        desk.wait("the window to close", lambda: not desk.has_window(WINDOW))
        self.assertEqual(self.tree(), {"images": 0})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
