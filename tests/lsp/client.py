# SPDX-License-Identifier: MIT
"""client.py: a client of `nnc lsp`, for tests."""
import json
import os
import select
import subprocess
import sys


class Client:
    def __init__(self, nnc, folder):
        environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, "cache"))
        self.process = subprocess.Popen([nnc, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, env=environment)
        self.id = 0
        self.published = {}  # address -> its last diagnostics

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def receive(self):
        """The next message; None at the end."""
        length = None
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], 60) if not self.process.stdout.peek(1) else ([1], 0, 0)
            if not ready:
                raise TimeoutError("no message within a minute")
            line = self.process.stdout.readline()
            if not line:
                return None
            if line == b"\r\n":
                break
            name, _, value = line.partition(b":")
            assert name == b"Content-Length", line
            length = int(value)
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]
        return message

    def answer(self, number):
        while True:
            message = self.receive()
            if message is None or ("id" in message and message["id"] == number):
                return message

    def ask(self, method, params):
        """The answer to a request: its result, or its error."""
        self.id += 1
        self.send({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params})
        message = self.answer(self.id)
        assert message is not None, f"{method}: the server has ended"
        return message["result"] if "result" in message else message["error"]

    def begin(self):
        result = self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.tell("initialized", {})
        return result

    def open(self, uri, text):
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "nn", "version": 1, "text": text}})

    def change(self, uri, version, text):
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]})

    def diagnostics(self, uri, version):
        """Of this version of a text."""
        while self.published.get(uri, {}).get("version") != version:
            if self.receive() is None:
                sys.exit("the server has ended")
        return self.published[uri]["diagnostics"]

    def end(self):
        """The exit status."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.stdin.close()
        return self.process.wait(timeout=60)


def uri_of(path):
    return "file://" + os.path.realpath(path)


def position(text, where, word):
    """Of a word behind the first place of `where`."""
    at = text.index(word, text.index(where))
    before = text[:at]
    line = before[before.rfind("\n") + 1:]
    return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}
