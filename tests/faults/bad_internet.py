# SPDX-License-Identifier: Apache-2.0
"""A web server that plays the bad internet, for the tests of the store.

    net = BadInternet()
    net.files["/a.bin"] = Served(b"…", etag='"1"')        # change its fields to make it misbehave
    offer = net.offer("a", [net.file("a.bin", data)])
    net.close()

Every request is kept in `net.requests` as (path, range header or None, status, bytes sent).
"""
import hashlib
import http.server
import socket
import threading
import time


def git_blob(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Served:
    """A file and what goes wrong with it. Lists are used up, one item a request."""

    def __init__(self, data=b"", etag='"first"'):
        self.data = data
        self.etag = etag
        self.last_modified = None
        self.ranges = True          # False: range requests get everything
        self.wrong_range = False    # 206 with another part than was asked for
        self.bare_parts = False     # 206 without a validator
        self.cut_after = []         # bytes of the body after which the line is cut
        self.stall_after = []       # bytes after which nothing comes any more
        self.statuses = []          # (status, headers) instead of the file
        self.location = None        # redirect, always
        self.chunked = False        # no Content-Length
        self.linked_etag = None     # as the hub: X-Linked-ETag
        self.bytes_per_second = 0   # 0: as fast as it goes
        self.gate = None            # threading.Event that is waited for after half of the body


class BadInternet:
    def __init__(self):
        self.files, self.requests, self.lock = {}, [], threading.Lock()
        self.closing = threading.Event()
        net = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                net.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # killed clients break their connections
        self.port = self.server.server_address[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # What the catalogue says.

    def file(self, name, data, role="weights", addresses=None, sums=("sha256",), serve=True, **more):
        """The entry of a file in an offer, which is served as well."""
        if serve:
            self.files.setdefault("/" + name, Served(data))
        entry = {"path": name, "role": role, "addresses": addresses or [self.root + "/" + name], **more}
        if sums:
            entry["bytes"] = len(data)
        if "sha256" in sums:
            entry["sha256"] = hashlib.sha256(data).hexdigest()
        if "git_blob" in sums:
            entry["git_blob"] = git_blob(data)
        return entry

    @staticmethod
    def offer(name, files, **more):
        return {"id": name, "kind": "test", "operation": "test", "title": name.title(), "files": files,
                "licence": {"id": "CC0-1.0", "url": "https://example.org"}, **more}

    # What the server does.

    def answer(self, ask):
        path = ask.path
        if path.startswith("http://"):  # a proxy is asked for the whole address
            path = "/" + path.split("/", 3)[3]
            with self.lock:
                self.requests.append(("proxy", None, 0, 0))
        served = self.files.get(path)
        wanted = ask.headers.get("Range")
        if served is None:
            return self.refuse(ask, path, wanted, 404)
        if served.location:
            linked = {"X-Linked-ETag": served.linked_etag} if served.linked_etag else {}
            return self.refuse(ask, path, wanted, 302, {"Location": served.location, **linked})
        with self.lock:
            status = served.statuses.pop(0) if served.statuses else None
            cut = served.cut_after.pop(0) if served.cut_after else None
            stall = served.stall_after.pop(0) if served.stall_after else None
        if status:
            return self.refuse(ask, path, wanted, status[0], status[1])
        data, begin, end = served.data, 0, len(served.data)
        partial = False
        condition = ask.headers.get("If-Range")
        if wanted and served.ranges and condition in (None, served.etag, served.last_modified):
            first, last = wanted.removeprefix("bytes=").split("-")
            begin = int(first)
            end = min(int(last) + 1, len(data)) if last else len(data)
            partial = True
            if begin >= len(data):
                return self.refuse(ask, path, wanted, 416, {"Content-Range": f"bytes */{len(data)}"})
            if served.wrong_range:
                begin, end = 0, end - begin
        ask.send_response(206 if partial else 200)
        if partial:
            ask.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(data)}")
        if served.etag and not (partial and served.bare_parts):
            ask.send_header("ETag", served.etag)
        if served.last_modified:
            ask.send_header("Last-Modified", served.last_modified)
        if served.linked_etag:
            ask.send_header("X-Linked-ETag", served.linked_etag)
        if served.chunked:
            ask.close_connection = True
            ask.send_header("Connection", "close")
        else:
            ask.send_header("Content-Length", str(end - begin))
        ask.end_headers()
        sent = self.send(ask, served, data[begin:end], cut, stall)
        with self.lock:
            self.requests.append((path, wanted, 206 if partial else 200, sent))

    def send(self, ask, served, body, cut, stall):
        step, sent = 16 << 10, 0
        try:
            while sent < len(body):
                if cut is not None and sent >= cut:
                    ask.close_connection = True
                    ask.wfile.flush()
                    ask.connection.shutdown(socket.SHUT_RDWR)
                    return sent
                if stall is not None and sent >= stall:
                    ask.close_connection = True
                    self.closing.wait(60)
                    return sent
                if served.gate and sent >= len(body) // 2:
                    served.gate.wait(60)
                piece = body[sent:sent + step]
                limits = [limit - sent for limit in (cut, stall) if limit is not None and limit > sent]
                piece = piece[:min(limits)] if limits else piece
                ask.wfile.write(piece)
                sent += len(piece)
                if served.bytes_per_second:
                    time.sleep(len(piece) / served.bytes_per_second)
        except OSError:  # the client went away
            ask.close_connection = True
        return sent

    def refuse(self, ask, path, wanted, status, headers=None):
        with self.lock:
            self.requests.append((path, wanted, status, 0))
        body = b"<html>no</html>"
        ask.send_response(status)
        for name, value in (headers or {}).items():
            ask.send_header(name, value)
        ask.send_header("Content-Length", str(len(body)))
        ask.end_headers()
        ask.wfile.write(body)

    def asked(self, path):
        with self.lock:
            return [request for request in self.requests if request[0] == path]
