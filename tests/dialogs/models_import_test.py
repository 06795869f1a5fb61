# SPDX-License-Identifier: Apache-2.0
"""Models that come from files, and the ways to the Models window from Fast Style and Neural Style, without GIMP.

    python3 models_import_test.py MODELS_HOST DIALOG_HOST ENGINE SHARED_MODELS

What imports and paints takes a style net of SHARED_MODELS and the real engine.
"""
import array
import os
import pathlib
import shutil
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk import Atspi, skip  # noqa: E402
from models_desk import ModelsDesk  # noqa: E402

try:
    from PIL import Image, ImageChops, ImageStat
except ImportError:
    skip("needs PIL for Python")

DIALOG_HOST, ENGINE = (os.path.abspath(path) for path in sys.argv[2:4])
CHECKPOINT = pathlib.Path(sys.argv[4]) / "transformernet/mosaic.safetensors"
HERE = pathlib.Path(__file__).resolve().parent
OUR_STYLES = HERE.parents[1] / "models/fast-style"


class Imports(ModelsDesk):
    models_host = os.path.abspath(sys.argv[1])

    def our_styles(self, folder):
        """A folder with the weights of our own styles, which nothing but their tensors tells."""
        folder.mkdir()
        for name in ("composition-vii", "great-wave"):
            shutil.copy(OUR_STYLES / name / f"{name}.safetensors", folder / f"my {name}.safetensors")
        return folder

    def drop(self, *paths):
        """From a file manager in the lower right corner onto the window."""
        desk = self.desk
        files = desk.start([sys.executable, HERE / "drag_source.py", 1160, 740, *paths])
        desk.wait("the files", lambda: desk.all(desk.window("Files"), "label", f"{len(paths)} files"))
        desk.drag((1200, 760), (500, 300))
        return files

    def test_a_folder_is_imported(self):
        self.open()
        self.import_path("Import folder…", "Import a folder of models", self.our_styles(self.desk.root / "stick"))
        self.wait_for_message("“stick” was imported.")
        for title in ("My composition vii", "My great wave"):
            self.wait_for_state(title, "Installed")
        self.desk.shot("imported")
        self.close()
        self.end()

    def test_files_and_folders_are_dropped(self):
        desk = self.desk
        self.open()
        desk.wait("the empty list", lambda: self.label("There are no models yet"))
        folder = self.our_styles(desk.root / "stick")
        single = folder / "my great-wave.safetensors"
        files = self.drop(single)
        self.wait_for_state("My great wave", "Installed")
        self.assertEqual(self.titles(), ["My great wave"])
        desk.shot("file")
        files.terminate()
        files.wait()
        single.unlink()
        self.drop(folder)
        self.wait_for_state("My composition vii", "Installed")
        desk.shot("folder")
        self.close()
        self.end()

    def test_an_imported_checkpoint_paints_in_fast_style(self):
        if not CHECKPOINT.exists():
            self.skipTest(f"skipped: needs {CHECKPOINT}")
        desk = self.desk
        file = desk.root / "Blue mosaic.safetensors"
        shutil.copy(CHECKPOINT, file)
        result = desk.root / "result.raw"
        self.program = desk.start([DIALOG_HOST, "fast-style", "--size", "320x240"], **self.environment(ENGINE),
                                  PINXIT_TEST_RESULT=str(result))
        style_window = desk.window("Fast Style")
        self.assertEqual(desk.tiles(style_window), [], "there is none yet")
        get = self.button("Install or import styles…", style_window)
        desk.shot("no-styles")
        desk.press(get)
        self.models()
        self.import_file(file)
        self.wait_for_state("Blue mosaic", "Installed")
        self.wait_for_message("“Blue mosaic.safetensors” was imported.")
        desk.wait("it in the details", lambda: self.label("Your own model"))
        desk.shot("imported")
        thumbnails = list((desk.root / "data/models").glob("*/*.jpg"))
        self.assertEqual(len(thumbnails), 1)
        with Image.open(thumbnails[0]) as picture:
            self.assertEqual(picture.size, (256, 256))
            self.assertGreater(min(ImageStat.Stat(picture).stddev), 20, "it shows something")
        self.close()
        desk.wait("its tile", lambda: desk.tiles(style_window) == ["Blue mosaic"])
        tile = desk.find(style_window, "any", "Styles").get_child_at_index(0)
        desk.wait("its thumbnail", lambda: self.shows(tile, thumbnails[0]))
        ok = desk.find(style_window, "push button", "OK")
        desk.wait("OK", lambda: desk.sensitive(ok))
        time.sleep(1)  # for the picture: a preview may come
        desk.shot("in-fast-style")
        desk.press(ok)
        end = self.end()
        self.assertEqual((end["end"], [style["style"] for style in end["request"]["styles"]]),
                         ("painted", ["blue-mosaic"]))
        self.assertGreater(self.changed(result, 320, 240), 0.05, "the picture does not look painted")

    def shows(self, tile, picture):
        """Whether the picture, 96 pixels wide, is somewhere on the tile as it is on the screen."""
        place = tile.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
        with Image.open(picture) as file, Image.open(self.desk.shot("in-gallery")) as screen:
            wanted, seen = file.convert("RGB").resize((96, 96)), screen.convert("RGB")
        left = place.x + (place.width - 96) // 2
        differences = [ImageStat.Stat(ImageChops.difference(seen.crop((x, y, x + 96, y + 96)), wanted)).mean
                       for x in range(left - 3, left + 4) for y in range(place.y, place.y + place.height - 95)]
        return bool(differences) and min(map(max, differences)) < 12

    @staticmethod
    def changed(file, width, height):
        """Mean difference of the blue channel from dialog_host's picture."""
        values = array.array("f", file.read_bytes())
        blue = values[2::4]
        return sum(abs(value - (0.8 - 0.6 * (i % width / width) * (i // width / height)))
                   for i, value in enumerate(blue)) / len(blue)

    def test_a_missing_style_leads_here(self):
        self.make_offers()
        desk = self.desk
        self.program = desk.start([DIALOG_HOST, "fast-style", "--styles", "candi"], **self.environment(ENGINE))
        style_window = desk.window("Fast Style")
        desk.wait("the message", lambda: "candi" in desk.message(style_window))
        desk.shot("message")
        desk.press(self.button("Models…", style_window))
        self.models()
        self.choose("Candy")
        desk.press(self.button("Install (200.0 kB)"))
        self.wait_for_state("Candy", "Installed")
        self.close()
        desk.wait("its tile, and no other", lambda: desk.tiles(style_window) == ["Candy"])

    def test_neural_style_offers_an_encoder(self):
        self.make_offers()
        desk = self.desk
        self.program = desk.start([DIALOG_HOST, "neural-style"], **self.environment("/nonexistent/pinxit-engine"))
        style_window = desk.window("Neural Style")
        button = self.button("Install VGG19…", style_window)
        desk.shot("offered")
        desk.press(button)
        self.models()
        desk.wait("VGG19 to be chosen",
                  lambda: desk.find(self.window, "any", "Picture").get_description() == "VGG19")
        desk.press(self.button("Install (200.0 kB)"))
        self.wait_for_state("VGG19", "Installed")
        self.close()
        desk.wait("the encoder", lambda: desk.all(style_window, "label", "Encoder: VGG19"))
        self.assertFalse(desk.shown(button), "there is one now")
        desk.shot("installed")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
