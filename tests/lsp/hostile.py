#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hostile.py NNC: `nnc lsp` goes on, whatever comes in: wrong headers, huge lengths, broken JSON, unknown methods, messages in any order,
programs that are too large for the compiler; and it ends when its input does."""
import json
import random
import sys
import tempfile

from client import Client, position

GOOD = "layer A {\n    layer fc = Dense(4, 3)\n    fn forward[B](x: float[B, 4]) -> float[B, 3] { return fc(x) }\n}\n"
URI = "file:///nowhere/a.nn"


def lives(client):
    """A text is still checked."""
    lives.version = getattr(lives, "version", 1) + 1
    client.open(URI, GOOD)
    client.change(URI, lives.version, GOOD.replace("return fc", "return fd"))
    said = client.diagnostics(URI, lives.version)
    assert [d["code"] for d in said] == ["E0101"], said


def frames(client):
    for data in (b"\r\n\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Nonsense\r\n\r\n", b"Content-Length: -5\r\n\r\n", b"Content-Length:\r\n\r\n",
                 b"A" * 100000 + b"\r\n\r\n", b"\x00\xff\xfe: 3\r\n\r\n", b"Content-Length: 99999999999999999999999\r\n\r\n",
                 b"Content-Length: 3\r\n\r\n{]}", b"Content-Length: 0\r\n\r\n", b"Content-Length: 2\r\nContent-Type: x\r\n\r\n[]",
                 b"content-length:   4  \r\n\r\nnull", b"Content-Length: 2\n\n{}"):
        client.raw(data)
    long = b"Content-Length: %d\r\n\r\n" % (70 << 20)
    client.raw(long)
    for _ in range(70):
        client.raw(b"x" * (1 << 20))
    for body in (b"[" * 100000, b'{"a":' * 50000, b'"\xff\xfe"', b'{"jsonrpc":"2.0","id":1}', b'{"method":5,"id":2}', b'{"id":{},"method":"x"}',
                 b'[{"id":1,"method":"shutdown"}]', b'{"jsonrpc":"2.0","id":"a\\u0000b","method":"none"}', b"17", b'{"method":"\\ud800"}',
                 b'{"id":1e400,"method":"x"}', b'{"id":123456789012345678901234567890,"method":"x"}'):
        client.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)


def requests(client):
    nothing = [None, [], {}, 5, "x", {"textDocument": None}, {"textDocument": {"uri": 5}}, {"textDocument": {"uri": URI + "x"}}]
    methods = ["hover", "definition", "completion", "documentSymbol", "formatting", "codeAction", "rename", ""]
    for method in methods:
        for params in nothing:
            assert "code" in client.ask("textDocument/" + method, params)
    client.open(URI, GOOD)
    for method in methods[:-2]:
        for line, character in ((-1, -1), (0, 10 ** 12), (10 ** 12, 0), (10 ** 12, -5), (2, 3), ("a", None)):
            place = {"line": line, "character": character}
            client.ask("textDocument/" + method, {"textDocument": {"uri": URI}, "position": place, "range": {"start": place, "end": place}})
    for params in nothing + [{"textDocument": {"uri": URI, "version": 1}, "contentChanges": c} for c in (
            None, 5, [5], [{}], [{"text": 5}], [{"text": "x", "range": {}}], [{"text": "", "range": {"start": 1, "end": 2}}])]:
        for method in ("didOpen", "didChange", "didClose", "didSave"):
            client.tell("textDocument/" + method, params)
    client.tell("$/cancelRequest", {"id": 1})
    client.tell("$/none", None)
    client.send({"jsonrpc": "2.0", "id": 5, "result": None})
    assert client.ask("initialize", {})["code"] == -32600


def programs(client):
    """They are too much for the compiler, or no text: their messages are some, and the next text is checked."""
    big = "layer L(n: int) {\n    for i in 0..n { layer a[i] = Dense(512, 512) }\n    fn forward[B](x: float[B, 512]) -> float[B, 512] { return x }\n}\n"
    texts = ["(" * 100000, "\x00\x01\x02", "\ufeff" + GOOD, "a" * 1000000, "\"" * 1001, "fn f() { " * 5000, "x = " + "-" * 100000 + "1",
             big + "model m = L(100000000)\n", "# " + "é😀" * 50000, "import \"/dev/zero\" as z\nimport \"a.nn\" as a\n", "\r\n\r\n\r", "\u2028\u202e"]
    for version, text in enumerate(texts, 2):
        uri = f"untitled:{version}"
        client.open(uri, text)
        client.change(uri, version, text + " ")
        client.diagnostics(uri, version)
        for method in ("hover", "definition", "completion", "documentSymbol", "formatting"):
            for at in (0, len(text) // 2, len(text)):
                place = {"line": text[:at].count("\n"), "character": at}
                client.ask("textDocument/" + method, {"textDocument": {"uri": uri}, "position": place})
        client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})


def noise(client, chance):
    """Good messages with damaged bytes, each in a frame of its own."""
    good = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": {
        "textDocument": {"uri": URI}, "position": position(GOOD, "return", "fc")}}).encode()
    for _ in range(300):
        body = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        if chance.random() < 0.3:
            body = body[:chance.randrange(len(body))]
        client.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)


def main():
    nnc = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        client = Client(nnc, folder)
        assert client.ask("textDocument/hover", {})["code"] == -32002  # not initialized
        client.open(URI, GOOD)
        client.begin()
        lives(client)
        for part in (frames, requests, programs, lambda c: noise(c, random.Random(1))):
            part(client)
            lives(client)
        assert client.ask("shutdown", None) is None
        assert client.ask("textDocument/hover", {})["code"] == -32600
        client.tell("exit", None)
        assert client.process.wait(timeout=60) == 0
        for data in (b"", b"Content-Length: 100\r\n\r\n{", b"Content-Le"):  # the end, before anything was said
            client = Client(nnc, folder)
            client.raw(data)
            client.process.stdin.close()
            assert client.process.wait(timeout=60) == 1
        client = Client(nnc, folder)
        client.tell("exit", None)
        assert client.process.wait(timeout=60) == 1


main()
