# SPDX-License-Identifier: Apache-2.0
"""The Models window in its stand-alone host, and the ways there from Fast Style and Neural Style, without GIMP.

    python3 models_test.py MODELS_HOST DIALOG_HOST ENGINE SHARED_MODELS

Offers are made here and lead to a server of this test on 127.0.0.1. What imports and paints takes a style net of
SHARED_MODELS and the real engine.
"""
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk import Desk, skip  # noqa: E402

try:
    from PIL import Image, ImageStat
except ImportError:
    skip("needs PIL for Python")

MODELS_HOST, DIALOG_HOST, ENGINE = (os.path.abspath(path) for path in sys.argv[1:4])
CHECKPOINT = pathlib.Path(sys.argv[4]) / "transformernet/mosaic.safetensors"
LONG = "A net with a name that goes on and on, long after everybody has stopped to listen to it"


class Server:
    """Files by name. `rates` are bytes a second; what has none comes at once, what is not there is a 404."""

    def __init__(self):
        self.files, self.rates, self.ranges = {}, {}, []
        test = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.lstrip("/")
                if name not in test.files:
                    return self.send_error(404)
                content, begin = test.files[name], 0
                if "Range" in self.headers:
                    test.ranges.append((name, self.headers["Range"]))
                    begin = int(self.headers["Range"].removeprefix("bytes=").split("-")[0])
                self.send_response(206 if begin else 200)
                if begin:
                    self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
                self.send_header("Content-Length", str(len(content) - begin))
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("ETag", f'"{name}"')
                self.end_headers()
                try:
                    while begin < len(content):
                        rate = test.rates.get(name)
                        end = len(content) if not rate else begin + rate // 20
                        self.wfile.write(content[begin:end])
                        begin = end
                        if rate:
                            time.sleep(0.05)
                except OSError:  # the other side hung up
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


def offer(server, name, title, content, known_sum=True, **more):
    """`content`: what is promised; what the server has under that name may be something else."""
    file = {"path": f"{name}.safetensors", "role": "weights", "bytes": len(content),
            "addresses": [server.address + name]}
    if known_sum:
        file["sha256"] = hashlib.sha256(content).hexdigest()
    return {"id": name, "kind": "transformernet", "operation": "fast-style", "title": title,
            "description": f"All that is known of {title}.", "purpose": f"Paints as {title} would",
            "licence": {"id": "BSD-3-Clause", "url": "https://example.org/licence"},
            "source": "https://example.org/where/it/comes/from", "memory_bytes": 1_200_000_000, "files": [file], **more}


class Models(unittest.TestCase):
    def setUp(self):
        self.desk = desk = Desk("models_" + self._testMethodName.removeprefix("test_"))
        self.addCleanup(desk.__exit__, None, None, None)
        desk.__enter__()
        self.server = Server()
        self.addCleanup(self.server.end)

    # Setting up

    def content(self, size, seed):
        return hashlib.shake_128(seed.encode()).digest(size)

    def weights(self, size, seed):
        """A safetensors file of so many bytes: what has no sum has at least to be that."""
        data = self.content(size - 128, seed)
        header = {"w": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}
        return (120).to_bytes(8, "little") + json.dumps(header).encode().ljust(120) + data

    def make_offers(self):
        server = self.server
        small, large = self.content(200_000, "small"), self.weights(3_000_000, "large")
        server.files = {"candy": small, "slow": large, "wrong": self.content(200_000, "other"), "vgg19": small}
        server.rates = {"slow": 600_000}
        self.large = large
        self.write_offers([
            offer(server, "candy", "Candy", small), offer(server, "slow", "Slow net", large, known_sum=False),
            offer(server, "gone", "Gone net", small), offer(server, "wrong", "Wrong net", small),
            offer(server, "long", LONG, small, purpose=LONG + ". " + LONG, description="\n\n".join([LONG] * 12)),
            offer(server, "vgg19", "VGG19", small, kind="vgg19", operation="neural-style")])

    def write_offers(self, offers):
        folder = self.desk.root / "school/offers"
        folder.mkdir(parents=True)
        (folder / "test.json").write_text(json.dumps({"pinxit": 1, "offers": offers}))

    def environment(self, engine):
        return {"PINXIT_MODEL_PATH": str(self.desk.root / "school"), "PINXIT_ENGINE": engine,
                "http_proxy": "", "no_proxy": "127.0.0.1"}

    def open(self, engine="/nonexistent/pinxit-engine"):
        self.program = self.desk.start([MODELS_HOST], **self.environment(engine))
        return self.models()

    def models(self):
        self.window = self.desk.window("Models")
        return self.window

    # What is seen

    @staticmethod
    def plain(text):
        """Sizes have a space between number and unit that does not break lines."""
        return text.replace("\u00a0", " ")

    def rows(self):
        rows = [models.get_child_at_index(i) for models in self.desk.all(self.window, "any", "Models")
                for i in range(models.get_child_count())]
        return [row for row in rows if row and row.get_role_name() == "list item"]

    def titles(self):
        return [row.get_name() for row in self.rows() if self.desk.shown(row)]

    def state(self, title):
        """What the row tells a screen reader: state, then facts."""
        return next((self.plain(row.get_description()) for row in self.rows() if row.get_name() == title), "")

    def choose(self, title):
        desk = self.desk
        desk.wait(f"“{title}”", lambda: self.state(title))
        models = desk.wait("the list", lambda: [node for node in desk.all(self.window, "any", "Models")
                                                if node.get_selection_iface()])[0]
        index = [row.get_name() for row in self.rows()].index(title)
        self.assertTrue(models.get_selection_iface().select_child(index))
        desk.wait(f"“{title}” in the details", lambda: desk.all(self.window, "any", "Picture") and desk.find(
            self.window, "any", "Picture").get_description() == title)

    def label(self, beginning):
        return [label for label in self.desk.all(self.window, "label")
                if self.plain(label.get_name()).startswith(beginning) and self.desk.shown(label)]

    def button(self, beginning, window=None):
        """Shown, with a name that begins so."""
        return self.desk.wait(f"button “{beginning}”", lambda: [
            node for node in self.desk.all(window or self.window, "push button")
            if self.plain(node.get_name()).startswith(beginning) and self.desk.shown(node)])[0]

    def wait_for_state(self, title, beginning):
        self.desk.wait(f"“{title}” to be “{beginning}”", lambda: self.state(title).startswith(beginning))

    def wait_for_message(self, beginning):
        self.desk.wait(f"the message “{beginning}”",
                       lambda: self.desk.message(self.window).startswith(beginning))

    def progress(self, title):
        return [bar for bar in self.desk.all(self.window, "progress", f"Progress of {title}") if self.desk.shown(bar)]

    def import_file(self, file):
        desk = self.desk
        desk.press(self.button("Import file…"))
        chooser = desk.window("Import a model")
        desk.focus("Import a model")
        desk.keys("slash")  # brings up the entry for a path
        entry = desk.wait("the entry for a path", lambda: [
            node for node in desk.all(chooser, "text") if desk.shown(node) and desk.text(node).startswith("/")])[0]
        desk.type_into(entry, str(file))
        accept = desk.find(chooser, "push button", "Open")
        desk.wait("Open", lambda: desk.sensitive(accept))
        desk.press(accept)

    def close(self, window=None):
        self.desk.press(self.button("Close", window))

    def end(self):
        text, _ = self.program.communicate(timeout=60)
        return json.loads(text.splitlines()[-1])

    # Tests

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
        self.close()
        question = desk.window("Stop")
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

    def test_an_imported_checkpoint_paints_in_fast_style(self):
        if not CHECKPOINT.exists():
            self.skipTest(f"skipped: needs {CHECKPOINT}")
        desk = self.desk
        file = desk.root / "Blue mosaic.safetensors"
        shutil.copy(CHECKPOINT, file)
        self.program = desk.start([DIALOG_HOST, "fast-style", "--size", "320x240"], **self.environment(ENGINE))
        style_window = desk.window("Fast Style")
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
        ok = desk.find(style_window, "push button", "OK")
        desk.wait("OK", lambda: desk.sensitive(ok))
        time.sleep(1)  # for the picture: a preview may come
        desk.shot("in-fast-style")
        desk.press(ok)
        end = self.end()
        self.assertEqual((end["end"], [style["style"] for style in end["request"]["styles"]]),
                         ("painted", ["blue-mosaic"]))

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
