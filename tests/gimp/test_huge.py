# SPDX-License-Identifier: Apache-2.0
"""A layer of 10,000 × 10,000 pixels through a full-width TransformerNet, in bounded memory: engine and plug-in at most
3 GiB each besides the shared pictures, which are counted once and apart. Minutes, so only in the long run."""
import threading
import time

from support import *

SIDE = 10000
LIMIT = 3 * 1024 ** 3
NET = pathlib.Path(os.environ.get("PINXIT_SHARED_DATA", "")) / "models/transformernet/candy.safetensors"
if not LONG:
    raise Skip("long (./dev test --long)")
if not NET.is_file():
    raise Skip("needs ../shared/models/transformernet")


def memory(pid):
    """Resident bytes that are the process's own, and shared memory it maps."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    value = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith(("Rss", "VmHWM"))}
    return int(value["RssAnon"]) * 1024 + int(value["RssFile"]) * 1024, int(value["RssShmem"]) * 1024


class Watcher(threading.Thread):
    """The most that plug-in and engine held, looked at ten times a second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.own = {"pinxit": 0, "pinxit-engine": 0}
        self.shared = 0
        self.over = threading.Event()

    def run(self):
        mark = f"PINXIT_RUNTIME_DIR={os.environ['PINXIT_RUNTIME_DIR']}".encode()
        while not self.over.wait(0.1):
            for entry in pathlib.Path("/proc").iterdir():
                try:
                    name = pathlib.Path(os.readlink(entry / "exe")).name if entry.name.isdigit() else ""
                    if name in self.own and mark in (entry / "environ").read_bytes().split(b"\0"):
                        own, shared = memory(entry.name)
                        self.own[name] = max(self.own[name], own)
                        self.shared = max(self.shared, shared)
                except (OSError, KeyError):
                    continue


def test_a_hundred_megapixels():
    image = Gimp.Image.new(SIDE, SIDE, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "huge", SIDE, SIDE, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.PATTERN)
    watcher = Watcher()
    watcher.start()
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", [layer])
    config.set_property("style", str(NET))
    config.set_property("device", "cpu")
    start = time.monotonic()
    result = procedure.run(config)
    seconds = time.monotonic() - start
    watcher.over.set()
    watcher.join()
    assert result.index(0) == Status.SUCCESS, result.index(1)
    made = result.index(1)
    assert (made.get_width(), made.get_height()) == (SIDE, SIDE)
    gib = {name: value / 1024 ** 3 for name, value in watcher.own.items()}
    print(f"100 megapixels in {seconds:.0f} s: plug-in {gib['pinxit']:.2f} GiB, engine {gib['pinxit-engine']:.2f} GiB, "
          f"shared pictures {watcher.shared / 1024 ** 3:.2f} GiB", flush=True)
    assert all(0 < value <= LIMIT for value in watcher.own.values()), gib
