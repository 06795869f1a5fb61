#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The store killed, stopped, damaged and used twice at once; removing, importing and converting.

usage: store_test.py ENGINE [SHARED_DATA] [unittest arguments…]
"""
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import threading
import time
import unittest

from store_desk import (CANCELLED, DAMAGED, MISSING, SHARED, SOURCE, UNREADABLE, UNSUPPORTED, StoreDesk, noise,
                        read_safetensors, safetensors)


class StoreTest(StoreDesk):
    # Killed, stopped, twice.

    def test_killed_in_the_middle_nothing_is_there_and_it_is_resumed(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].gate = threading.Event()
        process = self.start("install", "a", "--json")
        self.wait(lambda: self.parts() and self.parts()[0].stat().st_size >= 150_000)
        process.kill()
        self.finish(process)
        self.net.files["/a.bin"].gate.set()
        self.assert_nothing("a")
        self.assertEqual(self.state("a")["state"], "partial")
        self.install("a")
        self.assert_installed("a", data)
        self.assertTrue(self.net.asked("/a.bin")[-1][1])

    def test_killed_at_any_moment(self):
        """Whatever moment: afterwards the model is whole or not there, and the next start cleans up."""
        tensors = {f"t{i}": [float(i)] * 20_000 for i in range(10)}
        file = safetensors(tensors)
        files = [self.net.file("a.safetensors", file, convert="tensors", into="weights.safetensors"),
                 self.net.file("b.bin", noise(300_000), role="extra")]
        self.offers(self.net.offer("a", files))
        dice = random.Random(int(os.environ.get("PINXIT_SEED", "7")))
        begin = time.monotonic()
        self.install("a")
        usual = time.monotonic() - begin
        whole = 0
        for _ in range(200 if os.environ.get("PINXIT_LONG") else 25):
            if (self.store / "a").exists():
                self.assertEqual(self.models("remove", "a")[0], 0)
            process = self.start("install", "a", "--json")
            try:
                process.wait(dice.uniform(0, 1.2 * usual))
            except subprocess.TimeoutExpired:
                process.kill()
            self.finish(process)
            if (self.store / "a").exists():
                whole += 1
                self.assertEqual(self.models("verify", "a")[0], 0)
            self.assertIn(self.state("a")["state"], ("missing", "partial", "installed"))
            self.assertFalse((self.store / ".work/a/ready").exists(), "the next start did not clean up")
        self.install("a")
        self.assertEqual(self.models("verify", "a")[0], 0)
        self.assertFalse((self.store / ".work").exists())
        print(f"killed at random moments: {whole} were whole by then")

    def test_stopped_by_hand(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].gate = threading.Event()
        process = self.start("install", "a", "--json")
        self.wait(lambda: self.parts() and self.parts()[0].stat().st_size >= 150_000)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        status, events, _ = self.finish(process)
        self.assertLess(time.monotonic() - begin, 5)
        self.net.files["/a.bin"].gate.set()
        self.assertEqual((status, events[-1]["code"]), (CANCELLED, "cancelled"))
        self.assert_nothing("a")
        self.assertEqual(self.state("a")["state"], "partial")
        self.assertEqual(self.models("remove", "a")[0], 0)
        self.assertEqual(self.state("a")["state"], "missing")
        self.assertFalse((self.store / ".work").exists())

    def test_two_at_once_fetch_it_once(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].gate = gate = threading.Event()
        first = self.start("install", "a", "--json")
        self.wait(lambda: self.parts() and self.parts()[0].stat().st_size >= 150_000)
        second = self.start("install", "a", "--json")
        self.assertIn('"phase":"waiting"', second.stdout.readline())
        gate.set()
        self.assertEqual((self.finish(first)[0], self.finish(second)[0]), (0, 0))
        self.assertEqual(len(self.net.asked("/a.bin")), 1)
        self.assert_installed("a", data)

    def test_damage_is_found_and_repaired(self):
        data = noise(100_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.install("a")
        (self.store / "a" / "a.bin").write_bytes(data[:-1])
        self.assertEqual(self.state("a")["state"], "damaged")
        self.install("a")
        self.assert_installed("a", data)
        (self.store / "a" / "a.bin").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        self.assertEqual(self.models("verify", "a")[0], DAMAGED)
        self.install("a")
        self.assert_installed("a", data)
        (self.store / "a" / "model.json").write_text("{")
        self.assertEqual(self.state("a")["state"], "damaged")
        self.install("a")
        self.assert_installed("a", data)

    # Removing, importing, converting.

    def test_only_the_users_own_store_is_removed_from(self):
        shared = self.folder / "catalogue" / "shared"
        shared.mkdir()
        (shared / "w.bin").write_bytes(b"1234")
        (shared / "model.json").write_text(json.dumps({"pinxit": 1, "id": "shared", "kind": "k", "operation": "o",
                                                       "files": [{"role": "weights", "path": "w.bin"}]}))
        self.assertNotEqual(self.models("remove", "shared")[0], 0)
        self.assertTrue((shared / "w.bin").exists())
        self.store.mkdir(parents=True)
        (self.store / "keep").write_text("mine")
        for name in ("../../catalogue/shared", "..", ".", "", "../keep", ".work"):
            self.assertEqual(self.models("remove", name)[0], MISSING, name)
            self.assertTrue((self.store / "keep").exists())
        self.assertEqual(self.models("remove", "nothing")[0], MISSING)
        own = self.store / "own"
        own.mkdir(parents=True)
        for name in ("w.bin", "model.json"):
            shutil.copy(shared / name, own / name)
        (own / "model.json").write_text((own / "model.json").read_text().replace('"shared"', '"own"'))
        (own / "diary.txt").write_text("mine")
        self.assertEqual(self.models("remove", "own")[0], 0)
        self.assertEqual([p.name for p in own.iterdir()], ["diary.txt"], "a file that no entry names was removed")

    def test_files_are_imported_without_a_network(self):
        data, more = noise(50_000), noise(60_000, 2)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data, sums=("git_blob",)),
                                         self.net.file("b.bin", more)]))
        stick = self.folder / "stick"
        stick.mkdir()
        (stick / "renamed").write_bytes(data)
        status, events, err = self.models("import", stick / "renamed")
        self.assertEqual(status, 0, err)
        self.assertTrue(any("b.bin" in event.get("text", "") for event in events if event["event"] == "note"))
        self.assert_nothing("a")
        (stick / "deep").mkdir()
        (stick / "deep" / "also renamed").write_bytes(more)
        status, events, err = self.models("import", stick)
        self.assertEqual((status, events[-1]["event"], events[-1]["id"]), (0, "imported", "a"), err)
        self.assert_installed("a", data)
        self.assertEqual(self.net.requests, [])

    def test_file_names_alone_make_no_model(self):
        weights = noise(100_000)
        self.offers(self.net.offer("a", [self.net.file("unet/w.bin", weights, sums=(), about_bytes=100_100),
                                         self.net.file("vae/config.json", b"{}", sums=())]))
        stick = self.folder / "stick"
        for name in ("unet/w.bin", "vae/config.json"):
            (stick / name).parent.mkdir(parents=True)
            (stick / name).write_text("one line")
        self.assertNotEqual(self.models("import", stick)[0], 0)
        self.assertFalse((self.store / ".work").exists(), "foreign files wait for the next install")
        (stick / "unet/w.bin").write_bytes(weights)
        (stick / "vae/config.json").write_text("{}")
        status, events, err = self.models("import", stick)
        self.assertEqual((status, events[-1]["id"]), (0, "a"), err)

    def test_a_folder_of_the_user_is_kept(self):
        data = noise(1000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        (self.store / "a").mkdir(parents=True)
        (self.store / "a" / "notes.txt").write_text("mine")
        events = self.install("a")
        self.assertEqual((self.store / ".kept/a-1/notes.txt").read_text(), "mine")
        self.assertTrue(any(".kept" in event.get("note", "") for event in events), "nobody was told")
        self.assert_installed("a", data)

        def use():
            return self.models("list")[1][-1]
        self.assertEqual(use()["kept_bytes"], 4)
        status, events, err = self.models("remove", "--kept")
        self.assertEqual((status, events[-1]["event"]), (0, "removed"), err)
        self.assertFalse((self.store / ".kept").exists())
        self.assertEqual(use()["kept_bytes"], 0)
        self.assert_installed("a", data)

    def test_a_path_that_is_not_utf8_is_imported(self):
        odd = self.folder / os.fsdecode(b"Gem\xe4lde")
        os.mkdir(odd)
        shutil.copy(SOURCE / "models/fast-style/great-wave/great-wave.safetensors", odd)
        status, events, err = self.models("import", odd, "--no-thumbnail")
        self.assertEqual((status, events[-1]["event"]), (0, "imported"), err)
        self.assertNotIn("CRITICAL", err)

    def test_removing_waits_for_an_install_and_takes_what_it_made(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].gate = gate = threading.Event()
        first = self.start("install", "a", "--json")
        self.wait(lambda: self.parts() and self.parts()[0].stat().st_size >= 150_000)
        second = self.start("remove", "a", "--json")
        self.assertIn('"phase":"waiting"', second.stdout.readline())
        gate.set()
        self.assertEqual((self.finish(first)[0], self.finish(second)[0]), (0, 0))
        self.assertEqual(self.state("a")["state"], "missing")

    def test_an_import_does_not_wait_for_a_download_of_its_name(self):
        style = SOURCE / "models/fast-style/great-wave/great-wave.safetensors"
        self.offers(self.net.offer("great-wave", [self.net.file("a.bin", noise(400_000))]))
        self.net.files["/a.bin"].gate = gate = threading.Event()
        self.addCleanup(gate.set)
        first = self.start("install", "great-wave", "--json")
        self.wait(lambda: self.parts() and self.parts()[0].stat().st_size >= 150_000)
        status, events, err = self.models("import", style, "--no-thumbnail")
        self.assertIsNone(first.poll())
        self.assertEqual((status, events[-1]["id"]), (0, "great-wave-2"), err)
        gate.set()
        self.assertEqual(self.finish(first)[0], 0)

    @unittest.skipIf(os.geteuid() == 0, "skipped: root may read everything")
    def test_an_unreadable_file_stops_no_import(self):
        data = noise(1000)
        self.offers(self.net.offer("a", [self.net.file("b.bin", data)]))
        stick = self.folder / "stick"
        (stick / "closed").mkdir(parents=True)
        (stick / "a").write_bytes(data)
        (stick / "b").write_bytes(data)
        (stick / "a").chmod(0)
        (stick / "closed").chmod(0)
        status, events, err = self.models("import", stick)
        self.assertEqual((status, events[-1].get("id")), (0, "a"), err)
        self.assertTrue(any("stick/a" in event.get("text", "") for event in events))

    def test_a_friends_model_folder_is_imported(self):
        data = noise(50_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.install("a")
        shutil.copytree(self.store / "a", self.folder / "stick")
        self.models("remove", "a")
        self.offers()
        status, events, err = self.models("import", self.folder / "stick")
        self.assertEqual((status, events[-1]["id"]), (0, "a"), err)
        self.assertEqual((self.store / "a" / "a.bin").read_bytes(), data)
        self.assertEqual(self.state("a")["trust"], "unverified", "a friend's word counts as a sum")
        self.models("remove", "a")
        (self.folder / "stick" / "a.bin").write_bytes(noise(50_000, 3))
        self.assertNotEqual(self.models("import", self.folder / "stick")[0], 0)
        self.assertFalse((self.store / "a").exists())

    def test_what_is_no_model_is_refused(self):
        (self.folder / "cat.jpg").write_bytes(noise(1000))
        self.assertIn(self.models("import", self.folder / "cat.jpg")[0], (DAMAGED, UNSUPPORTED))
        self.assertEqual(self.models("import", self.folder / "nothing")[0], UNREADABLE)
        (self.folder / "empty").mkdir()
        self.assertEqual(self.models("import", self.folder / "empty")[0], UNSUPPORTED)
        self.assertFalse(self.store.exists() and any(self.store.iterdir()))

    def test_convert_writes_all_or_nothing(self):
        source, out = self.folder / "in.safetensors", self.folder / "out.safetensors"
        source.write_bytes(safetensors({"b": [1.0, 2.0], "a": [3.0]}))
        self.assertEqual(self.models("convert", source, "-o", out)[0], 0)
        self.assertEqual(read_safetensors(out), read_safetensors(source))
        before = out.read_bytes()
        source.write_bytes(source.read_bytes()[:-1])
        self.assertEqual(self.models("convert", source, "-o", out)[0], DAMAGED)
        self.assertEqual(out.read_bytes(), before)
        out.unlink()
        self.assertEqual(self.models("convert", source, "-o", out)[0], DAMAGED)
        self.assertFalse(out.exists())

    def test_the_originals_are_imported(self):
        originals = SHARED / "models" / "originals"
        if not originals.is_dir():
            self.skipTest("needs ../shared/models/originals")
        self.env["PINXIT_MODEL_PATH"] = str(SOURCE / "models")
        for name, wanted in {"openrtist": "openrtist-mosaic", "microast": "microast", "taef2": "taef2"}.items():
            status, events, err = self.models("import", originals / name, "--no-thumbnail")
            self.assertEqual(status, 0, err)
            self.assertIn(wanted, [event["id"] for event in events if event["event"] == "imported"])
            self.assertEqual(self.state(wanted)["state"], "installed")
            self.assertEqual(self.models("verify", wanted)[0], 0)
        status, events, err = self.models("import", originals / "wct16x", "--no-thumbnail")
        self.assertEqual((status, events[-1]["id"]), (0, "wct16x"), err)
        entry = json.loads((self.store / "wct16x" / "model.json").read_text())
        self.assertEqual(len(entry["files"]), 10)

    def test_an_imported_openrtist_net_is_the_mosaic_to_fp16(self):
        ours, theirs = SHARED / "models/transformernet/mosaic.safetensors", SHARED / "models/originals/openrtist"
        if not ours.exists() or not theirs.is_dir():
            self.skipTest("needs ../shared/models")
        self.env["PINXIT_MODEL_PATH"] = str(SOURCE / "models")
        self.assertEqual(self.models("import", theirs, "--no-thumbnail")[0], 0)
        got, wanted = read_safetensors(self.store / "openrtist-mosaic" / "weights.safetensors"), read_safetensors(ours)
        self.assertEqual(set(got), set(wanted))
        for name, (dtype, shape, raw) in wanted.items():
            self.assertEqual(got[name][1], shape, name)
            values = [struct.unpack(f"<{len(r) // (2 if d == 'F16' else 4)}{'e' if d == 'F16' else 'f'}", r)
                      for d, r in ((dtype, raw), (got[name][0], got[name][2]))]
            self.assertTrue(all(struct.pack("<e", a) == struct.pack("<e", b) for a, b in zip(*values)), name)


if __name__ == "__main__":
    unittest.main()
