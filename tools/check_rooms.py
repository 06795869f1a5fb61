# SPDX-License-Identifier: Apache-2.0
"""Holds the includes of every source file against the plan of the house; part of every build.

usage: check_rooms.py SOURCE_ROOT [STAMP]

A room may include itself and the rooms listed here, nothing else of ours. LibTorch's headers belong to the compute
rooms, GIMP's and GTK's to the plug-in's.
"""
import pathlib
import re
import sys

ROOMS = {
    "engine/base": [],
    "engine/requests": ["engine/base"],
    "engine/store": ["engine/base", "engine/requests"],
    "engine/pictures": ["engine/base"],
    "engine/client": ["engine/base", "engine/requests"],
    "engine/client/cli": ["engine/base", "engine/requests", "engine/store", "engine/pictures", "engine/client",
                          "engine/text"],
    "engine/convolve": ["engine/base"],
    "engine/compute": ["engine/base", "engine/convolve"],
    "engine/weights": ["engine/base"],
    "engine/text": ["engine/base"],
    "engine/nets": ["engine/base", "engine/text", "engine/convolve", "engine/compute", "engine/weights"],
    "engine/optimise": ["engine/base", "engine/compute", "engine/nets"],
    "engine/importers": ["engine/base"],
    "engine/install": ["engine/base", "engine/requests", "engine/store", "engine/importers"],
    "engine/install/cli": ["engine/base", "engine/requests", "engine/store", "engine/pictures", "engine/client",
                           "engine/client/cli", "engine/importers", "engine/install"],
    "engine/gallery": ["engine/base", "engine/requests"],
    "engine/operations": ["engine/base", "engine/requests", "engine/store", "engine/pictures", "engine/importers",
                          "engine/text", "engine/compute", "engine/nets", "engine/optimise"],
    "engine/service": ["engine/base", "engine/requests", "engine/store", "engine/client", "engine/install/cli",
                       "engine/operations"],
    "dialogs/shared": ["engine/base"],
    "dialogs/settings": ["engine/base", "engine/requests", "engine/client", "dialogs/shared"],
    "dialogs/gallery": ["engine/base", "engine/requests", "engine/gallery", "dialogs/shared"],
    "dialogs/models": ["engine/base", "engine/client", "engine/install", "dialogs/shared"],
    "dialogs/painting": ["engine/base", "engine/requests", "engine/store", "engine/client", "dialogs/shared",
                         "dialogs/models"],
    "dialogs/fast_style": ["engine/base", "engine/requests", "engine/store", "engine/client", "dialogs/shared",
                           "dialogs/painting"],
    "dialogs/neural_style": ["engine/base", "engine/requests", "engine/store", "engine/client", "engine/gallery",
                             "dialogs/shared", "dialogs/painting"],
    "dialogs/generate": ["engine/base", "engine/requests", "engine/store", "engine/gallery", "dialogs/shared",
                         "dialogs/painting"],
    "plugin": ["engine/base", "engine/requests", "engine/store", "engine/install", "engine/client", "engine/gallery",
               "engine/text", "dialogs/fast_style", "dialogs/neural_style", "dialogs/generate", "dialogs/gallery",
               "dialogs/models", "dialogs/settings"],
}
TORCH = re.compile(r"^(torch|ATen|c10|caffe2)/")
HOST = re.compile(r"^(libgimp|libgimpbase|libgimpwidgets|gegl|babl|gtk|gdk)")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def room_of(path):
    """The room a file belongs to: the longest listed folder that holds it."""
    rooms = [room for room in ROOMS if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def faults(root):
    for file in sorted(f for top in ("engine", "dialogs", "plugin") for f in (root / top).glob("**/*.[ch]*")):
        path = file.relative_to(root).as_posix()
        room = room_of(path)
        if file.suffix not in (".h", ".cpp"):
            continue
        if room is None:
            yield f"{path} is in no room"
            continue
        for include in INCLUDE.findall(file.read_text(encoding="utf-8")):
            other = room_of(include)
            if other and other != room and other not in ROOMS[room]:
                yield f"{path}: {room} may not include {include}"
            if TORCH.match(include) and room not in ("engine/compute", "engine/weights", "engine/nets",
                                                     "engine/optimise", "engine/operations"):
                yield f"{path}: LibTorch ({include}) does not belong into {room}"
            if HOST.match(include) and room != "plugin" and not room.startswith("dialogs/"):
                yield f"{path}: GIMP and GTK ({include}) do not belong into {room}"


def main():
    root = pathlib.Path(sys.argv[1])
    found = list(faults(root))
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    if found:
        return 1
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
