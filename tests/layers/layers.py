#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No LibTorch in `pinxit` and the plug-in; and the build's check of includes notices every kind of fault.

usage: layers.py SOURCE_ROOT PROGRAM...
"""
import pathlib
import subprocess
import sys
import tempfile

root, programs = pathlib.Path(sys.argv[1]), sys.argv[2:]
assert len(programs) >= 1, "no program to look at"
for program in programs:
    libraries = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    assert "libc.so" in libraries, libraries
    assert "torch" not in libraries and "libc10" not in libraries, f"{program} is linked with LibTorch:\n{libraries}"
    print(f"{program}: {len(libraries.splitlines())} libraries, no LibTorch")

for room, include in [("engine/compute", "gtk/gtk.h"), ("engine/service", "libgimp/gimp.h"),
                      ("plugin", "torch/torch.h"), ("dialogs/shared", "ATen/ATen.h"),
                      ("dialogs/gallery", "dialogs/models/models_window.h"), ("engine/base", "engine/requests/json.h"),
                      ("engine/client", "engine/compute/tiles.h"), ("engine/nets", "engine/operations/operation.h")]:
    with tempfile.TemporaryDirectory() as house:
        folder = pathlib.Path(house) / room
        folder.mkdir(parents=True)
        (folder / "fault.cpp").write_text(f"#include <{include}>\n")
        check = subprocess.run([sys.executable, root / "tools/check_rooms.py", house], capture_output=True, text=True)
        assert check.returncode == 1 and include in check.stderr, f"{room} could include {include}"
print("the check of the rooms notices faults")
