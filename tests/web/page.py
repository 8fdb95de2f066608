#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py NNC SOURCE [PICTURES]: the page of examples/web in Debian's chromium: three classes are drawn, trained, and at least nine of ten
new drawings told apart (drive.mjs); all of it is at most 60 kB, packed. PICTURES: a folder for screenshots. Without chromium: 77."""
import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

FILES = ("index.html", "page.css", "page.mjs", "pad.mjs", "curve.mjs", "draw.mjs", "draw.wasm")
KINDS = {".html": "text/html", ".css": "text/css", ".mjs": "text/javascript", ".wasm": "application/wasm"}
MOST = 60000


class Server(http.server.ThreadingHTTPServer):
    """The folder, with the driver in the page. The page is loaded, for chromium, when the driver has told its result."""

    def __init__(self, folder, driver):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.driver = folder, driver
        self.told, self.result = threading.Event(), None


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = self.path.split("?")[0].lstrip("/") or "index.html"
        if name == "wait":
            self.server.told.wait(120)
            self.send(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
        elif name == "drive.mjs":
            self.send(self.server.driver, KINDS[".mjs"])
        elif name in FILES or name == "one.html":
            with open(os.path.join(self.server.folder, name), "rb") as f:
                body = f.read()
            if name.endswith(".html"):
                body = body.replace(b"</body>", b"<img src='/wait' alt='' hidden><script type='module' src='/drive.mjs'></script></body>")
            self.send(body, KINDS[os.path.splitext(name)[1]])
        else:
            self.send_error(404)

    def do_POST(self):
        self.server.result = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send(b"", "text/plain")
        self.server.told.set()


def play(folder, driver, page, seed, *flags, picture=None):
    server = Server(folder, driver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shot = picture or os.path.join(folder, "picture.png")
    address = f"http://127.0.0.1:{server.server_address[1]}/{page}?seed={seed}"
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
                               "--enable-logging=stderr", *flags, f"--screenshot={shot}", address],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180)
    server.shutdown()
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    result = server.result
    assert result and "error" not in result, (result, said, done.stderr[-2000:])
    assert not said, said
    assert result["right"] >= 9, result
    assert result["by_keys"] == "This is 1.", result
    assert result["wrong"] == "wrong.safetensors: the checkpoint is no safetensors file, or is cut off", result
    assert not result["wide"], "the page is wider than its window"
    print(f"{page} {' '.join(flags)}: {result['right']} of 10 right after {result['steps']} steps, {result['speed']} each, loss {result['loss']}")


def main():
    nnc, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    pictures = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
    if not shutil.which("chromium"):
        print("there is no chromium (tools/setup --cross)")
        sys.exit(77)
    with open(os.path.join(source, "tests/web/drive.mjs"), "rb") as f:
        driver = f.read()
    with tempfile.TemporaryDirectory() as folder:
        for name in os.listdir(os.path.join(source, "examples/web")):
            shutil.copy(os.path.join(source, "examples/web", name), folder)
        subprocess.run(["make", "-s", "-C", folder, f"NNC={nnc}", "all", "one.html"], check=True)
        size = 0
        for name in FILES:
            with open(os.path.join(folder, name), "rb") as f:
                size += len(gzip.compress(f.read(), 9))
        print(f"the page has {size} bytes, packed")
        assert size <= MOST, size
        shot = (lambda name: os.path.join(pictures, name)) if pictures else lambda name: None
        dark = "--blink-settings=preferredColorScheme=0"
        play(folder, driver, "index.html", 1, "--window-size=1100,900", picture=shot("light.png"))
        play(folder, driver, "index.html", 2, "--window-size=1100,900", dark, picture=shot("dark.png"))
        play(folder, driver, "one.html", 3, "--window-size=500,1500", picture=shot("narrow.png"))


main()
