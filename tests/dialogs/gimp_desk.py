# SPDX-License-Identifier: Apache-2.0
"""A real GIMP on a desk of its own, with the plug-in and nothing else of the user's.

    class FastStyle(InGimp):
        plugin, engine, models = sys.argv[1:4]
        def test_…(self):
            window = self.open_window(self.open_gimp(picture), "Fast Style", "Fast Style: ")

GIMP's windows are driven through AT-SPI; what is in the image afterwards is asked by Python batches that GIMP runs when
told so over the session bus.
"""
import array
import json
import pathlib
import re
import shutil
import socket
import subprocess

from desk import skip
from desk_case import WindowCase

for tool in ("gimp-3.0", "gdbus", "pkg-config"):
    if not shutil.which(tool):
        skip(f"needs {tool}")
GIMPRC = """(config-version "3.0.4")
(show-welcome-dialog no)
(check-updates no)
(color-profile-policy keep)
(metadata-rotation-policy rotate)
(plug-in-path "{plug_ins}")
"""
LOOK = """
import gi, hashlib, json
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl
image = Gimp.get_images()[0]
layers = []
for number, layer in enumerate(image.get_layers()):
    buffer = layer.get_buffer()
    box = Gegl.Rectangle.new(0, 0, layer.get_width(), layer.get_height())
    pixels = buffer.get(box, 1.0, "R'G'B'A float", Gegl.AbyssPolicy.CLAMP)
    open(r"{folder}/layer-%d.raw" % number, "wb").write(pixels)
    own = buffer.get(box, 1.0, None, Gegl.AbyssPolicy.CLAMP)  # unconverted: conversions differ in the last bits
    layers.append(dict(name=layer.get_name(), width=layer.get_width(), height=layer.get_height(),
                       offsets=list(layer.get_offsets())[-2:], recipes=layer.get_parasite_list(),
                       pixels=hashlib.sha256(own).hexdigest()))
facts = dict(layers=layers, dirty=image.is_dirty())
open(r"{folder}/looked.part", "w").write(json.dumps(facts))
import os
os.rename(r"{folder}/looked.part", r"{folder}/looked.json")
"""


def make_picture(file, width, height):
    """A PPM of soft stripes and checks, without a colour profile."""
    rows = bytearray()
    for y in range(height):
        for x in range(width):
            rows += bytes(((x * 255) // width, (y * 255) // height, 200 if (x // 16 + y // 16) % 2 else 60))
    pathlib.Path(file).write_bytes(b"P6 %d %d 255\n" % (width, height) + bytes(rows))


def make_large_picture(file, width, height):
    row = bytes(channel for x in range(width) for channel in ((x * 255) // width, 120, 255 - (x * 255) // width))
    pathlib.Path(file).write_bytes(b"P6 %d %d 255\n" % (width, height) + row * height)


class InGimp(WindowCase):
    shots = "gimp-"
    plugin = engine = models = ""  # of the test's command line

    def setUp(self):
        self.new_desk()

    def open_gimp(self, picture=None):
        """Its main window, with this picture or with none."""
        desk = self.desk
        plug_ins = desk.root / "plug-ins"
        (plug_ins / "pinxit").mkdir(parents=True)
        (plug_ins / "pinxit/pinxit").symlink_to(self.plugin)
        library = subprocess.run(["pkg-config", "--variable=gimplibdir", "gimp-3.0"], check=True, text=True,
                                 capture_output=True).stdout.strip()
        for name in ("python-eval", "file-pnm", "file-png"):
            source = pathlib.Path(library) / "plug-ins" / name
            if source.exists():
                (plug_ins / name).symlink_to(source)
        profile = desk.root / "profile"
        profile.mkdir()
        (profile / "gimprc").write_text(GIMPRC.format(plug_ins=plug_ins))
        self.gimp = desk.start(["gimp-3.0", "-s", *([picture] if picture else [])], GIMP3_DIRECTORY=str(profile),
                               PINXIT_ENGINE=self.engine, PINXIT_MODEL_PATH=self.models,
                               XDG_RUNTIME_DIR=str(desk.root / "runtime"))
        if not picture:
            return desk.window("GNU Image Manipulation Program")
        return desk.window("[")  # "[stripes] (imported)-1.0 (…) – GIMP"

    def open_window(self, main, item, title):
        desk = self.desk
        entry = desk.wait(f"menu item {item}", lambda: [
            node for node in desk.all(main, "menu item") if node.get_name().startswith(item)])[0]
        desk.wait("a menu item that may be pressed", lambda: desk.sensitive(entry))
        desk.press(entry)
        return desk.window(title)

    def look(self):
        """Layers of the image, top first; pixels are floats in layer-N.raw."""
        return self.batch(LOOK)

    def run_code(self, code):
        """GIMP runs these lines of Python; when, is its own affair."""
        subprocess.run(["gdbus", "call", "--session", "--dest", "org.gimp.GIMP.UI", "--object-path",
                        "/org/gimp/GIMP/UI", "--method", "org.gimp.GIMP.UI.BatchRun", "python-fu-eval", code],
                       check=True, stdout=subprocess.DEVNULL, env=self.desk.environment)

    def batch(self, script):
        """What a Python script that GIMP runs writes into {folder}/looked.json."""
        answer = self.desk.root / "looked.json"
        answer.unlink(missing_ok=True)
        self.run_code(script.replace("{folder}", str(self.desk.root)))
        self.desk.wait("GIMP's answer", answer.exists)
        return json.loads(answer.read_text())

    def pixels(self, number):
        values = array.array("f")
        values.frombytes((self.desk.root / f"layer-{number}.raw").read_bytes())
        return values

    def newest_preview(self, kind):
        """The last finished preview of this kind: its facts and its floats."""
        def look():
            files = sorted((self.desk.root / "dump").glob("*.json"))
            found = [f for f in files if json.loads(f.read_text())["kind"] == kind]
            return found and found[-1]
        file = self.desk.wait(f"a preview ({kind})", look)
        values = array.array("f")
        values.frombytes(file.with_suffix(".raw").read_bytes())
        return json.loads(file.read_text()), values

    def engine_says(self):
        """The engine's status, asked on its socket."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(30)
            line.connect(str(self.desk.root / "runtime/engine.socket"))
            line.sendall(b"GET /v1/status HTTP/1.0\r\nHost: pinxit\r\n\r\n")
            answer = b""
            while chunk := line.recv(65536):
                answer += chunk
        return json.loads(re.search(rb"\{.*\}", answer, re.S).group())

    def wait_for_job(self):
        self.desk.wait("a job in the engine",
                       lambda: self.desk.engines() and (self.desk.root / "runtime/engine.socket").exists()
                       and self.engine_says()["jobs"]["running"] == 1)
