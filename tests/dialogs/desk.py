# SPDX-License-Identifier: Apache-2.0
"""A desk to test windows on: an X server of its own, a session bus, private folders, and hands (AT-SPI).

    with Desk("search") as desk:
        program = desk.start([host, "fast-style"])
        window = desk.window("Fast Style")
        desk.type_into(desk.find(window, "text", "Search styles"), "wave")
        desk.press(desk.find(window, "push button", "OK"))
        desk.shot("searched")

Whatever was started is ended with the desk, and its folders are removed. Waiting is always for a state, with a
generous limit; nothing here asserts how fast something is. Importing this module makes sure that there is a session
bus of our own (it runs the program again under `dbus-run-session`), or ends with status 77 and says what is missing.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def with_session_bus():
    """Runs this program again on a bus of its own, in a runtime folder of its own, and ends with its status."""
    for tool in ("dbus-run-session", "Xvfb", "xdotool"):
        if not shutil.which(tool):
            skip(f"needs {tool}")
    with tempfile.TemporaryDirectory(prefix="pinxit-bus-", ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "PINXIT_TEST_BUS": "own", "XDG_RUNTIME_DIR": folder, "HOME": folder,
                       "XDG_CACHE_HOME": folder, "XDG_CONFIG_HOME": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        status = subprocess.run(["dbus-run-session", "--", sys.executable, *sys.argv], env=environment).returncode
    sys.exit(status)


if os.environ.get("PINXIT_TEST_BUS") != "own":
    with_session_bus()
try:
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError) as problem:
    skip(f"needs AT-SPI for Python ({problem})")

# What asking a widget that has gone away meanwhile raises.
GONE = (GLib.Error, RuntimeError)
PATIENCE = float(os.environ.get("PINXIT_TEST_PATIENCE", "120"))
ROLES = {"push button": {Atspi.Role.PUSH_BUTTON}, "radio": {Atspi.Role.RADIO_BUTTON},
         "check": {Atspi.Role.CHECK_BOX}, "text": {Atspi.Role.TEXT, Atspi.Role.ENTRY},
         "spin": {Atspi.Role.SPIN_BUTTON}, "combo": {Atspi.Role.COMBO_BOX}, "menu item": {Atspi.Role.MENU_ITEM},
         "menu": {Atspi.Role.MENU}, "label": {Atspi.Role.LABEL}, "info": {Atspi.Role.INFO_BAR},
         "toggle": {Atspi.Role.TOGGLE_BUTTON}, "slider": {Atspi.Role.SLIDER},
         "progress": {Atspi.Role.PROGRESS_BAR}, "any": None}
NAMED = {"button", "push button", "toggle button", "radio button", "check box", "combo box", "spin button", "text",
         "entry", "slider", "progress bar"}


class Desk:
    def __init__(self, name):
        self.name = name
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pinxit-desk-"))
        self.shots = pathlib.Path(os.environ.get("PINXIT_TEST_SCREENSHOTS", self.root / "screenshots"))
        self.programs = []

    def __enter__(self):
        for folder in ("home", "runtime", "config", "data", "dump"):
            (self.root / folder).mkdir(mode=0o700)
        self.shots.mkdir(parents=True, exist_ok=True)
        number, ready = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(ready), "-screen", "0", "1280x800x24", "-nolisten",
                                        "tcp"], pass_fds=[ready], stderr=subprocess.DEVNULL)
        os.close(ready)
        with os.fdopen(number) as pipe:
            display = ":" + pipe.readline().strip()
        self.environment = {**os.environ, "DISPLAY": display, "HOME": str(self.root / "home"),
                            "GTK_THEME": os.environ.get("PINXIT_TEST_THEME", "Adwaita"),
                            "XDG_CONFIG_HOME": str(self.root / "home/config"), "GDK_BACKEND": "x11",
                            "XDG_DATA_HOME": str(self.root / "home/data"), "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "0",
                            "PINXIT_RUNTIME_DIR": str(self.root / "runtime"),
                            "PINXIT_CONFIG_DIR": str(self.root / "config"),
                            "PINXIT_DATA_DIR_USER": str(self.root / "data"),
                            "PINXIT_TEST_DUMP": str(self.root / "dump")}
        return self

    def __exit__(self, kind, problem, trace):
        for program in self.programs:
            if program.poll() is None:
                program.terminate()
        for program in self.programs:
            try:
                program.wait(5)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        for pid in self.engines():
            os.kill(pid, signal.SIGKILL)
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    # Programs

    def start(self, command, **more):
        program = subprocess.Popen([str(word) for word in command], env={**self.environment, **more}, text=True,
                                   stdout=subprocess.PIPE)
        self.programs.append(program)
        return program

    def engines(self):
        """Engine processes of this desk, whatever their program is called: they have its socket."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if str(self.root / "runtime/engine.socket") in (entry / "cmdline").read_text(errors="replace"):
                    found.append(int(entry.name))
            except (OSError, ValueError):
                continue
        return found

    def shot(self, title):
        file = self.shots / f"{self.name}-{title}.png"
        subprocess.run(["import", "-window", "root", str(file)], env=self.environment, check=False)
        return file

    def keys(self, *keys):
        subprocess.run(["xdotool", "key", *keys], env=self.environment, check=True)

    def point(self, x, y):
        subprocess.run(["xdotool", "mousemove", str(x), str(y)], env=self.environment, check=True)

    def drag(self, start, end):
        """With the left button; whoever gets it is asked on the way, and needs time to answer."""
        self.point(*start)
        subprocess.run(["xdotool", "mousedown", "1"], env=self.environment, check=True)
        for step in range(1, 11):
            self.point(*(round(a + (b - a) * step / 10) for a, b in zip(start, end)))
            time.sleep(0.1)
        subprocess.run(["xdotool", "mouseup", "1"], env=self.environment, check=True)

    def focus(self, title):
        """Without a window manager nobody else gives a window the keyboard."""
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", title, "windowfocus", "--sync"],
                       env=self.environment, check=True, stdout=subprocess.DEVNULL)

    # What is on the screen

    def wait(self, what, question, patience=PATIENCE):
        """Asks until the answer is true; the last answer is given back."""
        end = time.monotonic() + patience
        while True:
            try:
                answer = question()
            except GONE:
                answer = None
            if answer:
                return answer
            if time.monotonic() > end:
                self.shot("waited-in-vain")
                raise AssertionError(f"waited in vain for {what}")
            time.sleep(0.05)

    def windows(self):
        """All windows of all programs on this bus, as they are now."""
        desktop, windows = Atspi.get_desktop(0), []
        for i in range(desktop.get_child_count()):
            program = desktop.get_child_at_index(i)
            if program:
                program.clear_cache()
                windows += [program.get_child_at_index(j) for j in range(program.get_child_count())]
        return [window for window in windows if window]

    def window(self, title):
        found = self.wait(f"a window “{title}”",
                          lambda: [window for window in self.windows() if window.get_name().startswith(title)])
        return found[0]

    def has_window(self, title):
        try:
            return any(window.get_name().startswith(title) for window in self.windows())
        except GONE:
            return False

    def all(self, parent, role="any", name=None):
        roles, found = ROLES[role], []

        def walk(node):
            if node is None:
                return
            if (roles is None or node.get_role() in roles) and (name is None or node.get_name() == name):
                found.append(node)
            for i in range(node.get_child_count()):
                walk(node.get_child_at_index(i))
        try:
            walk(parent)
        except GONE:
            pass
        return found

    def find(self, parent, role, name):
        return self.wait(f"{role} “{name}”", lambda: self.all(parent, role, name))[0]

    @staticmethod
    def shown(node):
        return node.get_state_set().contains(Atspi.StateType.SHOWING)

    @staticmethod
    def sensitive(node):
        return node.get_state_set().contains(Atspi.StateType.SENSITIVE)

    @staticmethod
    def checked(node):
        return node.get_state_set().contains(Atspi.StateType.CHECKED)

    # Hands

    @staticmethod
    def press(node):
        assert node.get_action_iface().do_action(0), f"“{node.get_name()}” does nothing"

    @staticmethod
    def text(node):
        iface = node.get_text_iface()
        return Atspi.Text.get_text(iface, 0, -1) if iface else ""

    @staticmethod
    def type_into(node, text):
        assert node.get_editable_text_iface().set_text_contents(text)

    @staticmethod
    def set_value(node, value):
        assert node.get_value_iface().set_current_value(value)

    @staticmethod
    def value(node):
        return node.get_value_iface().get_current_value()

    def choose(self, combo, item):
        self.press(self.find(combo, "menu item", item))

    # Our own windows

    def check_names_and_keys(self, window, more_keys_than):
        """Whatever one can use and see has a name for screen readers, and no two things have the same Alt key."""
        used, nameless = {}, []
        for node in self.all(window):
            role = node.get_role_name()
            if role in NAMED and self.shown(node) and not node.get_name():
                nameless.append(role)
            action = node.get_action_iface()
            for key in action.get_key_binding(0).split(";") if action and action.get_n_actions() else []:
                if key.startswith("<Alt>"):
                    used.setdefault(key, set()).add(node.get_name())
        assert not nameless, f"without a name: {nameless}"
        assert len(used) > more_keys_than, f"few keys: {used}"
        shared = {key: names for key, names in used.items() if len(names) > 1}
        assert not shared, f"keys of several: {shared}"

    def tiles(self, window, shown=True):
        """Titles of the gallery's tiles; none while a page without tiles is turned up."""
        children = [gallery.get_child_at_index(i) for gallery in self.all(window, "any", "Styles")
                    for i in range(gallery.get_child_count())]
        return [child.get_name() for child in children if self.shown(child) or not shown]

    def choose_style(self, window, title):
        gallery = self.find(window, "any", "Styles")
        for i in range(gallery.get_child_count()):
            if gallery.get_child_at_index(i).get_name() == title:
                assert gallery.get_selection_iface().select_child(i)
                return
        raise AssertionError(f"no style “{title}”")

    def message(self, window):
        """The sentence in the window's message bar, or an empty text."""
        return next((bar.get_name() for bar in self.all(window, "info") if self.shown(bar)), "")
