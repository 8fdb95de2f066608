#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""edits.py NNC SOURCE: examples are edited 200 times, as if somebody typed; each time `nnc lsp` has the messages of `nnc check --json`.
Prints how long they took."""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

from client import Client, uri_of

EDITS = 200
WORDS = ["x", "(", ")", "{", "}", "[", "]", ",", "=", ":", "net", "return", "layer", "import torch", "'a'", "1", "0.5", "#", "\"", "é😀"]


def edit(text, chance):
    tokens = list(re.finditer(r"\w+|[^\w\s]", text))
    lines = text.split("\n")
    kind, token, line = chance.randrange(5), chance.choice(tokens), chance.randrange(len(lines))
    if kind == 0:
        return text[:token.start()] + text[token.end():]
    if kind == 1:
        return text[:token.start()] + chance.choice(WORDS) + text[token.end():]
    if kind == 2:
        return text[:token.start()] + chance.choice(WORDS) + " " + text[token.start():]
    if kind == 3:
        return "\n".join(lines[:line] + lines[line + 1:])
    return "\n".join(lines[:line] + [lines[line]] + lines[line:])


def checked(nnc, path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    said = subprocess.run([nnc, "check", "--json", path], capture_output=True, check=False).stdout
    return [d for d in json.loads(said)["diagnostics"] if d["file"] in (path, None)]


def essence(list_of_messages):
    return [(d["code"], d["severity"], d["range"], d["message"].split("\n")[0]) for d in list_of_messages]


def main():
    nnc, source = sys.argv[1:]
    chance, times, n_wrong = random.Random(1), [], 0
    with tempfile.TemporaryDirectory() as folder:
        client = Client(nnc, folder)
        client.begin()
        for name in ("iris/iris", "lenet/lenet", "transformer/transformer", "transfer/letters"):
            example = os.path.join(source, "examples", name)
            for file in os.listdir(os.path.dirname(example)):
                if file.endswith(".nn"):
                    shutil.copy(os.path.join(os.path.dirname(example), file), folder)
            path, copy = (os.path.join(folder, os.path.basename(name) + end) for end in (".nn", "_copy.nn"))
            with open(path, encoding="utf-8") as file:
                first = text = file.read()
            uri = uri_of(path)
            client.open(uri, text)
            assert client.diagnostics(uri, 1) == [], "the example itself has messages"
            for version in range(2, 2 + EDITS // 4):
                text = edit(first if version % 7 == 0 else text, chance)
                begin = time.perf_counter()
                client.change(uri, version, text)
                got = client.diagnostics(uri, version)
                times.append(time.perf_counter() - begin)
                wanted = checked(nnc, copy, text)
                n_wrong += len(wanted) > 0
                if essence(got) != essence(wanted):
                    sys.exit(f"{name}, version {version}:\n{text}\n--- lsp:\n{essence(got)}\n--- check:\n{essence(wanted)}")
            client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert client.end() == 0, "exit status"
    times.sort()
    print(f"{len(times)} edits, {n_wrong} of them with messages: half within {1e3 * times[len(times) // 2]:.1f} ms, "
          f"95 % within {1e3 * times[len(times) * 95 // 100]:.1f} ms, all within {1e3 * times[-1]:.1f} ms")
    assert len(times) == EDITS and n_wrong > EDITS // 2


main()
