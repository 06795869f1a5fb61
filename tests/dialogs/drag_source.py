# SPDX-License-Identifier: Apache-2.0
"""A window to drag files out of, as a file manager has it.

    python3 drag_source.py X Y PATH…
"""
import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

x, y = map(int, sys.argv[1:3])
addresses = [pathlib.Path(path).as_uri() for path in sys.argv[3:]]
window = Gtk.Window(title="Files")
window.set_default_size(100, 40)
window.move(x, y)
window.connect("destroy", Gtk.main_quit)
box = Gtk.EventBox()
box.add(Gtk.Label(label=f"{len(addresses)} files"))
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-data-get", lambda widget, context, data, info, time: data.set_uris(addresses))
window.add(box)
window.show_all()
Gtk.main()
