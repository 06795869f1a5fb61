#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`meson install` with DESTDIR puts every part where it belongs, and nothing anywhere else.

usage: install.py BUILD
"""
import pathlib
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as place:
    subprocess.run(["meson", "install", "-C", sys.argv[1], "--no-rebuild", "--quiet", "--destdir", place], check=True)
    files = sorted(p.relative_to(place).as_posix() for p in pathlib.Path(place).rglob("*") if p.is_file())
    print("\n".join(files))
    for wanted in ("bin/pinxit", "libexec/pinxit/pinxit-engine", "plug-ins/pinxit/pinxit",
                   "share/pinxit/models/fast-style/great-wave/model.json",
                   "share/pinxit/models/fast-style/great-wave/great-wave.safetensors",
                   "share/pinxit/models/offers/vgg19.json"):
        assert any(file.endswith(wanted) for file in files), f"{wanted} was not installed"
    assert not any("test" in file.split("/")[-1] for file in files), "tests were installed"
    locale = [p for p in pathlib.Path(place).rglob("plug-ins/pinxit/locale") if p.is_dir()]
    assert locale, "GIMP complains at every start when the plug-in has no locale folder"
