#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The store against the bad internet and full disks: a verified model or a clear error, never a half.

usage: store_download_test.py ENGINE [SHARED_DATA] [unittest arguments…]
"""
import hashlib
import json
import resource
import shutil
import signal
import struct
import subprocess
import threading
import time
import unittest

from bad_internet import Served, git_blob
from store_desk import DAMAGED, ENGINE, FAILED, FULL, StoreDesk, noise, read_safetensors, safetensors


class DownloadTest(StoreDesk):
    # The good internet.

    def test_a_model_is_fetched_verified_and_listed(self):
        data = noise(300_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)], purpose="Testing.", memory_bytes=7, later=[1]))
        self.assertEqual(self.state("a")["state"], "missing")
        self.assertEqual(self.state("a")["trust"], "sha256")
        events = self.install("a")
        self.assertEqual(events[-1]["event"], "installed")
        last = [event for event in events if event.get("phase") == "downloading"][-1]
        self.assertEqual((last["done"], last["total"]), (len(data), len(data)))
        self.assert_installed("a", data)
        entry = json.loads((self.store / "a" / "model.json").read_text())
        self.assertEqual(entry["later"], [1], "an unknown field was lost")
        self.assertEqual(entry["licence"]["id"], "CC0-1.0")
        self.assertEqual(entry["installed"]["trust"], "sha256")
        requests = len(self.net.requests)
        self.install("a")
        self.assertEqual(len(self.net.requests), requests, "an installed model was fetched again")

    def test_several_files_come_at_once(self):
        files = {f"part/{i}.bin": noise(50_000, i) for i in range(5)}
        gate = threading.Event()
        offer = self.net.offer("many", [self.net.file(name, data) for name, data in files.items()])
        for served in self.net.files.values():
            served.gate = gate
        self.offers(offer)
        process = self.start("install", "many", "--json", "--parallel", "3")
        self.wait(lambda: len(list(self.store.rglob("*.part"))) == 3)
        gate.set()
        self.assertEqual(self.finish(process)[0], 0)
        for name, data in files.items():
            self.assertEqual((self.store / "many" / name).read_bytes(), data)

    def test_a_git_blob_is_verified(self):
        data = noise(1000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data, sums=("git_blob",))]))
        self.assertEqual(self.state("a")["trust"], "git-blob")
        self.install("a")
        self.assert_installed("a", data)

    def test_a_wrong_git_blob_is_refused(self):
        entry = self.net.file("a.bin", noise(1000), sums=("git_blob",))
        self.offers(self.net.offer("a", [{**entry, "git_blob": git_blob(b"other")}]))
        self.error("a", expect=DAMAGED)
        self.assert_nothing("a")

    def test_without_a_sum_the_length_counts_and_people_are_told(self):
        data = noise(5000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data, sums=())]))
        self.assertEqual(self.state("a")["trust"], "unverified")
        listed = self.finish(self.start("list"))
        self.assertEqual(listed[0], 0)
        self.assertIn("unverified", subprocess.run([ENGINE, "models", "list"], env=self.env, text=True,
                                                   capture_output=True, check=True).stdout)
        self.install("a")
        self.assert_installed("a", data)

    # The bad internet.

    def test_a_cut_line_is_resumed(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].cut_after = [100_000, 150_000, 1000]
        self.install("a")
        self.assert_installed("a", data)
        asked = self.net.asked("/a.bin")
        self.assertEqual(len(asked), 4)
        self.assertTrue(all(status == 206 for _, _, status, _ in asked[1:]))
        self.assertLess(sum(sent for *_, sent in asked), 1.3 * len(data), "it was fetched again and again")

    def test_a_line_that_is_cut_for_ever_is_an_error_that_keeps_what_came(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].cut_after = [100_000] + [0] * 20
        self.assertIn("127.0.0.1", self.error("a", expect=FAILED))
        self.assert_nothing("a")
        self.assertEqual(self.state("a")["state"], "partial")
        self.assertEqual(self.state("a")["fetched_bytes"], 100_000)
        self.net.files["/a.bin"].cut_after = []
        self.install("a")
        self.assert_installed("a", data)
        self.assertEqual(self.net.asked("/a.bin")[-1][1], "bytes=100000-")

    def test_a_file_that_changed_meanwhile_is_fetched_anew(self):
        old, new = noise(200_000, 1), noise(200_000, 2)
        self.offers(self.net.offer("a", [self.net.file("a.bin", new, sums=())]))
        self.net.files["/a.bin"] = Served(old, '"old"')
        self.net.files["/a.bin"].cut_after = [90_000] + [0] * 9
        self.error("a", expect=FAILED)
        self.net.files["/a.bin"] = Served(new, '"new"')
        self.install("a")
        self.assert_installed("a", new)

    def test_parts_without_validators_are_parts_of_the_same_file(self):
        """A 206 may leave out what the reply with the whole file said of it."""
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data, sums=())]))
        self.net.files["/a.bin"].bare_parts = True
        self.net.files["/a.bin"].cut_after = [100_000, 100_000]
        self.install("a")
        self.assert_installed("a", data)
        self.assertEqual([status for _, _, status, _ in self.net.asked("/a.bin")], [200, 206, 206])

    def test_a_file_that_is_not_what_its_name_says_is_refused(self):
        """Without sums; what is right of the rest is not fetched again."""
        page = b"<html>Please log in</html>"
        good = safetensors({"a": [1.0]})
        self.offers(self.net.offer("a", [self.net.file("config.json", b"{}", sums=()),
                                         self.net.file("w.safetensors", good, sums=())]))
        self.net.files["/w.safetensors"].data = page
        self.error("a", expect=DAMAGED)
        self.assert_nothing("a")
        self.net.files["/w.safetensors"].data = good
        self.install("a")
        self.assertEqual((self.store / "a" / "w.safetensors").read_bytes(), good)
        self.assertEqual(len(self.net.asked("/config.json")), 1)
        self.models("remove", "a")
        self.net.files["/config.json"].data = page
        self.error("a", expect=DAMAGED)
        self.assert_nothing("a")

    def test_parts_of_two_files_are_never_glued_together(self):
        """A server without validators, and no sum: nothing may be resumed."""
        old, new = noise(200_000, 1), noise(200_000, 2)
        self.offers(self.net.offer("a", [self.net.file("a.bin", new, sums=())]))
        self.net.files["/a.bin"] = Served(old, None)
        self.net.files["/a.bin"].cut_after = [90_000] + [0] * 9
        self.error("a", expect=FAILED)
        self.net.files["/a.bin"] = Served(new, None)
        self.install("a")
        self.assert_installed("a", new)

    def test_a_resumed_file_with_a_wrong_beginning_is_fetched_anew(self):
        old, new = noise(200_000, 1), noise(200_000, 2)
        self.offers(self.net.offer("a", [self.net.file("a.bin", new)]))
        self.net.files["/a.bin"] = Served(old, '"same"')
        self.net.files["/a.bin"].cut_after = [90_000] + [0] * 9
        self.error("a", expect=FAILED)
        self.net.files["/a.bin"] = Served(new, '"same"')  # another content under the same validator
        self.install("a")
        self.assert_installed("a", new)

    def test_another_address_goes_on_where_a_sum_is_known(self):
        data = noise(400_000)
        addresses = [self.net.root + "/first", self.net.root + "/second"]
        entry = self.net.file("a.bin", data, addresses=addresses, serve=False)
        self.net.files["/first"], self.net.files["/second"] = Served(data, '"1"'), Served(data, '"2"')
        self.net.files["/first"].cut_after = [300_000] + [0] * 9
        self.offers(self.net.offer("a", [entry]))
        self.install("a")
        self.assert_installed("a", data)
        self.assertEqual(self.net.asked("/second")[0][1], "bytes=300000-")

    def test_a_file_of_another_length_is_refused_before_it_is_fetched(self):
        data = noise(300_000)
        for wrong in (data[:-1], data + b"x"):
            with self.subTest(len(wrong)):
                self.net.requests.clear()
                self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
                self.net.files["/a.bin"] = Served(wrong)
                self.assertIn("bytes", self.error("a", expect=DAMAGED))
                self.assert_nothing("a")
                self.assertEqual(self.parts(), [])

    def test_a_longer_file_without_a_length_is_refused(self):
        data = noise(300_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"] = Served(data + b"xx")
        self.net.files["/a.bin"].chunked = True
        self.error("a", expect=DAMAGED)
        self.assert_nothing("a")
        self.assertEqual(self.parts(), [])

    def test_a_shorter_file_without_a_length_is_an_error(self):
        data = noise(300_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"] = Served(data[:-5])
        self.net.files["/a.bin"].chunked = True
        self.install("a", expect=FAILED)
        self.assert_nothing("a")

    def test_a_wrong_file_is_thrown_away_and_the_next_address_asked(self):
        data = noise(100_000)
        entry = self.net.file("a.bin", data, addresses=[self.net.root + "/bad", self.net.root + "/good"], serve=False)
        self.net.files["/bad"], self.net.files["/good"] = Served(noise(100_000, 9)), Served(data)
        self.offers(self.net.offer("a", [entry]))
        self.install("a")
        self.assert_installed("a", data)
        shutil.rmtree(self.store)
        del self.net.files["/good"]
        self.assertIn("404", self.error("a", expect=DAMAGED))
        self.assert_nothing("a")
        self.assertEqual(self.parts(), [])

    def test_404_is_told_and_not_tried_again(self):
        self.offers(self.net.offer("a", [self.net.file("a.bin", b"x", serve=False)]))
        self.assertIn("404", self.error("a", expect=FAILED))
        self.assertEqual(len(self.net.asked("/a.bin")), 1)
        self.assertFalse((self.store / ".work").exists())

    def test_a_busy_server_is_given_the_time_it_asks_for(self):
        data = noise(1000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].statuses = [(429, {"Retry-After": "2"}), (503, {})]
        begin = time.monotonic()
        events = self.install("a")
        self.assertGreater(time.monotonic() - begin, 2)
        notes = [event["note"] for event in events if event.get("phase") == "retrying"]
        self.assertEqual(len(notes), 2)
        self.assertIn("429", notes[0])
        self.assert_installed("a", data)

    def test_a_server_that_wants_hours_is_left(self):
        data = noise(1000)
        entry = self.net.file("a.bin", data, addresses=[self.net.root + "/busy", self.net.root + "/free"], serve=False)
        self.net.files["/busy"], self.net.files["/free"] = Served(data), Served(data)
        self.net.files["/busy"].statuses = [(429, {"Retry-After": "7200"})]
        self.offers(self.net.offer("a", [entry]))
        self.install("a")
        self.assert_installed("a", data)

    def test_redirects_are_followed_and_circles_are_not(self):
        data = noise(1000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        good = self.net.files.pop("/a.bin")
        self.net.files["/a.bin"], self.net.files["/b"], self.net.files["/c"] = Served(), Served(), good
        self.net.files["/a.bin"].location, self.net.files["/b"].location = "/b", self.net.root + "/c"
        self.install("a")
        self.assert_installed("a", data)
        shutil.rmtree(self.store)
        self.net.files["/b"].location = "/a.bin"
        self.assertIn("circle", self.error("a", expect=FAILED))
        self.net.files["/b"].location = "file:///etc/passwd"
        self.assertIn("nowhere", self.error("a", expect=FAILED))
        self.assert_nothing("a")

    def test_a_server_without_ranges_sends_everything_again(self):
        data = noise(200_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].ranges = False
        self.net.files["/a.bin"].cut_after = [100_000]
        self.install("a")
        self.assert_installed("a", data)

    def test_a_server_that_sends_another_range_is_not_believed(self):
        data = noise(200_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].wrong_range = True
        self.net.files["/a.bin"].cut_after = [100_000]
        self.install("a")
        self.assert_installed("a", data)

    def test_a_line_that_stalls_is_given_up_and_resumed(self):
        data = noise(200_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        self.net.files["/a.bin"].stall_after = [100_000]
        self.install("a")
        self.assert_installed("a", data)
        self.assertEqual(self.net.asked("/a.bin")[-1][1], "bytes=100000-")

    def test_a_server_that_is_not_there(self):
        entry = self.net.file("a.bin", b"x", addresses=["http://127.0.0.1:9/a.bin"], serve=False)
        self.offers(self.net.offer("a", [entry]))
        self.error("a", expect=FAILED)
        self.assert_nothing("a")

    def test_the_sum_that_the_hub_states_is_checked(self):
        data = noise(1000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data, sums=())]))
        self.net.files["/cdn"], self.net.files["/a.bin"] = self.net.files["/a.bin"], Served()
        self.net.files["/a.bin"].location = "/cdn"
        self.net.files["/a.bin"].linked_etag = f'"{hashlib.sha256(b"other").hexdigest()}"'
        self.error("a", expect=DAMAGED)
        self.net.files["/a.bin"].linked_etag = f'"{hashlib.sha256(data).hexdigest()}"'
        self.install("a")
        self.assert_installed("a", data)

    def test_a_proxy_is_used(self):
        data = noise(1000)
        entry = self.net.file("a.bin", data, addresses=["http://models.invalid/a.bin"])
        self.offers(self.net.offer("a", [entry]))
        self.env["http_proxy"] = self.net.root
        self.install("a")
        self.assert_installed("a", data)
        self.assertEqual(len(self.net.asked("proxy")), 1)

    def test_a_page_instead_of_weights_leaves_nothing(self):
        page = b"<!doctype html><html>Please log in</html>"
        entry = self.net.file("a.pth", page, sums=(), convert="net", into="weights.safetensors")
        self.offers(self.net.offer("a", [entry], kind="transformernet"))
        self.assertIn("web page", self.error("a", expect=DAMAGED))
        self.assert_nothing("a")
        self.assertFalse((self.store / ".work").exists())

    # Parts of files.

    def test_only_the_wanted_tensors_of_a_file_are_fetched(self):
        wanted = {f"features.{i}.weight": [float(i * j) for j in range(500)] for i in range(4)}
        file = safetensors({"a.head": [1.0] * 3000, **wanted, "classifier.weight": [2.0] * 100_000})
        entry = self.net.file("vgg.safetensors", file, sums=(), tensors=["features."], about_bytes=9000)
        self.offers(self.net.offer("vgg", [entry]))
        self.net.files["/vgg.safetensors"].cut_after = [8, 400, 3000]
        self.install("vgg")
        got = read_safetensors(self.store / "vgg" / "vgg.safetensors")
        self.assertEqual({name: list(struct.unpack("<500f", raw)) for name, (_, _, raw) in got.items()}, wanted)
        self.assertLess(sum(sent for *_, sent in self.net.requests), len(file) / 10)
        self.assertEqual(self.state("vgg")["state"], "installed")

    def test_tensors_of_a_server_without_ranges_are_a_clear_error(self):
        file = safetensors({"features.0": [1.0] * 5000})
        entry = self.net.file("vgg.safetensors", file, sums=(), tensors=["features."])
        self.offers(self.net.offer("vgg", [entry]))
        self.net.files["/vgg.safetensors"].ranges = False
        self.assertIn("parts", self.error("vgg", expect=FAILED))
        self.assert_nothing("vgg")

    # Disks.

    def test_a_full_disk_is_told_and_the_rest_is_fetched_later(self):
        data = noise(400_000)
        self.offers(self.net.offer("a", [self.net.file("a.bin", data)]))
        limit = 200_000

        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        status, events, _ = self.models("install", "a", preexec_fn=small)
        self.assertEqual(status, FULL)
        self.assertEqual(events[-1]["code"], "disk-full")
        self.assert_nothing("a")
        self.assertEqual([part.stat().st_size for part in self.parts()], [limit])
        self.install("a")
        self.assert_installed("a", data)
        self.assertEqual(self.net.asked("/a.bin")[-1][1], f"bytes={limit}-")

    def test_a_model_larger_than_the_disk_is_not_begun(self):
        free = shutil.disk_usage(self.folder).free
        self.offers(self.net.offer("a", [{**self.net.file("a.bin", b"x"), "bytes": free + (1 << 30)}]))
        self.assertIn("space", self.error("a", expect=FULL))
        self.assertEqual(self.net.requests, [])


if __name__ == "__main__":
    unittest.main()
