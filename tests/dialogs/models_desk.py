# SPDX-License-Identifier: Apache-2.0
"""The Models window on a desk, with offers made here and a server of the test's own on 127.0.0.1.

    class Window(ModelsDesk):
        models_host = sys.argv[1]
        def test_…(self):
            self.make_offers()
            self.open()
            self.choose("Candy")
"""
import hashlib
import http.server
import json
import threading
import time

from desk_case import DeskCase

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


class ModelsDesk(DeskCase):
    shots = "models_"
    models_host = ""  # of the test's command line

    def setUp(self):
        self.new_desk()
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
            offer(server, "vgg19", "VGG19", small, kind="vgg19", operation="encoder")])

    def write_offers(self, offers):
        folder = self.desk.root / "school/offers"
        folder.mkdir(parents=True)
        (folder / "test.json").write_text(json.dumps({"pinxit": 1, "offers": offers}))

    def environment(self, engine):
        return {"PINXIT_MODEL_PATH": str(self.desk.root / "school"), "PINXIT_ENGINE": engine,
                "http_proxy": "", "no_proxy": "127.0.0.1"}

    def open(self, engine="/nonexistent/pinxit-engine"):
        self.program = self.desk.start([self.models_host], **self.environment(engine))
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
        self.import_path("Import file…", "Import a model", file)

    def import_path(self, button, title, file):
        self.desk.press(self.button(button))
        self.choose_path(title, file)

    def close(self, window=None):
        self.desk.press(self.button("Close", window))
