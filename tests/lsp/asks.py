#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""asks.py NNC: what `nnc lsp` answers: hover, definitions, completion, symbols, layout, quick fixes, messages of imported files."""
import os
import sys
import tempfile
import urllib.parse

from client import Client, position, uri_of

PROGRAM = """\
import "std/vision.nn" as vision
import "part.nn" as part
const hidden = 8
data d {
    x: float[4] = csv("d.csv", columns=["a", "b", "c", "wide"])
    y: int<3>   = csv("d.csv", column="kind", labels=true)
    split(train=0.8, test=0.2, seed=1)
}

# Two layers.
layer Net(n: int) {
    layer fc = Dense(4, n)
    layer out = Dense(n, 3)
    fn forward[B](x: float[B, 4]) -> float[B, 3] {
        h = relu(fc(x))
        return out(h)
    }
}
model net = Net(hidden)
optimizer slow = adam(lr=1e-4)
train fit[B](ex in d.train, batch=16, epochs=2, validate=test) {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using slow
}
eval test[B](ex in d.test) { report accuracy(net(ex.x), ex.y) }
export fn predict[B](x: float[B, 4]) -> float[B, 3] { return part.twice(net(x)) }
"""
PART = "# Two times x.\nfn twice[*S](x: float[*S]) -> float[*S] { return 2 * x }\n"


class Asker:
    def __init__(self, client, folder):
        self.client, self.folder = client, folder
        self.uri, self.text, self.version = uri_of(os.path.join(folder, "prog.nn")), PROGRAM, 1
        client.open(self.uri, PROGRAM)
        assert client.diagnostics(self.uri, 1) == [], client.published

    def set(self, text):
        self.text, self.version = text, self.version + 1
        self.client.change(self.uri, self.version, text)
        return self.client.diagnostics(self.uri, self.version)

    def at(self, where, word):
        return {"textDocument": {"uri": self.uri}, "position": position(self.text, where, word)}

    def hover(self, where, word, *wanted):
        got = self.client.ask("textDocument/hover", self.at(where, word))
        value = got["contents"]["value"] if got else ""
        for part in wanted:
            assert part in value, f"hover of {word} in {where} has no {part!r}:\n{value}"

    def definition(self, where, word, *wanted):
        """Each wanted: the end of the file's name, and the text on its line."""
        got = self.client.ask("textDocument/definition", self.at(where, word))
        found = []
        for place in got:
            path = urllib.parse.unquote(place["uri"][len("file://"):])
            text = self.text if place["uri"] == self.uri else open(path, encoding="utf-8").read()
            start = place["range"]["start"]
            found.append((path, text.split("\n")[start["line"]][start["character"]:]))
        for end, line in wanted:
            assert any(p.endswith(end) and t.startswith(line) for p, t in found), f"{word} in {where}: {found}, not {end} {line}"
        assert len(found) == len(wanted), found

    def complete(self, text, wanted, unwanted=()):
        """With the cursor at the `|` of the text, which replaces the program."""
        at = text.index("|")
        self.set(text.replace("|", "", 1))
        before = text[:at]
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        got = self.client.ask("textDocument/completion", {"textDocument": {"uri": self.uri}, "position": place})
        labels = [item["label"] for item in got["items"]]
        assert len(labels) == len(set(labels)), "a label twice"
        for label in wanted:
            assert label in labels, f"{label} is not among {labels[:40]}"
        for label in unwanted:
            assert label not in labels, f"{label} is among {labels[:40]}"
        self.set(PROGRAM)


def hovers(a):
    a.hover("h = relu", "h", "h: float[B, n]", "h: float[B, 8]", "h = relu(fc(x))")
    a.hover("relu(fc(x))", "fc", "fc(...) -> float[B, 8]", "layer fc = Dense(4, n)", "`net.fc` gives `float[B, 8]`; 40 parameters, 72*B operations")
    a.hover("cross_entropy(net", "net", "67 parameters", "model net = Net(hidden)")
    a.hover("layer fc = Dense", "Dense", "layer Dense(n_in: int, n_out: int, bias: bool = true)", "Fully connected")
    a.hover("cross_entropy(net", "cross_entropy", "fn cross_entropy")
    a.hover("model net = Net", "Net", "layer Net(n: int)", "Two layers.")
    a.hover("part.twice", "twice", "Two times x.")
    a.hover("net(ex.x), ex.y)", "y)", "y: int<3>[B]")
    a.hover("optimizer slow = adam", "adam", "adam(lr", "beta1=0.9")
    a.hover("report accuracy", "accuracy", "metric accuracy")
    assert a.client.ask("textDocument/hover", a.at("data d {", "{")) is None


def definitions(a):
    a.definition("relu(fc(x))", "fc", ("prog.nn", "fc = Dense(4, n)"))
    a.definition("return out(h)", "h", ("prog.nn", "h = relu"))
    a.definition("layer fc = Dense", "Dense", ("std/prelude.nn", "Dense(n_in"))
    a.definition("fc = Dense(4, n)", "n)", ("prog.nn", "n: int"))
    a.definition("= Net(hidden)", "hidden", ("prog.nn", "hidden = 8"))
    a.definition("part.twice", "twice", ("part.nn", "twice[*S]"))
    a.definition("net(ex.x), ex.y)", "x)", ("prog.nn", "x: float[4]"))
    a.definition("ex in d.train", "d", ("prog.nn", "d {"))
    a.definition("validate=test", "test", ("prog.nn", "test[B]"))
    a.definition("using slow", "slow", ("prog.nn", "slow = adam"))
    a.definition("report accuracy", "accuracy", ("std/prelude.nn", "accuracy"))
    a.definition("return out(h)", "return")


def completions(a):
    p = PROGRAM
    a.complete(p.replace("loss = cross_entropy(net(ex.x)", "loss = cross_entropy(net(ex.|)"), ["x", "y"], ["relu"])
    a.complete(p.replace("ex in d.train", "ex in d.|"), ["train", "test", "all"], ["seed"])
    a.complete(p.replace("Dense(4, n)", "Dense(|)"), ["n_in=", "n_out=", "bias=", "hidden"], ["lr="])
    a.complete(p.replace("epochs=2, ", "|"), ["epochs=", "validate=", "save="])
    a.complete(p.replace("adam(lr=1e-4)", "adam(|)"), ["lr=", "beta1=", "clip="])
    a.complete(p.replace("        return out(h)", "        ret|"), ["h", "x", "fc", "out", "return", "relu", "n"])
    a.complete(p.replace("part.twice", "vision.|"), ["random_shift"], ["relu"])
    a.complete(p.replace("over net", "over net.|"), ["fc", "out", "forward"])
    a.complete(p.replace("\"wide\"]", "\"|\"]"), ["a", "b", "c", "wide", "kind"])
    a.complete(p.replace("column=\"kind\"", "column=\"|"), ["kind"])
    a.complete(p.replace("import \"std/vision.nn\"", "import \"|\""), ["std/vision.nn", "std/sequence.nn"])
    a.complete(p + "mo|", ["model", "train", "export"])
    a.complete(p.replace("seed=1)", "|)"), ["seed=", "stratify="])
    a.complete(p + "# mo|", [], ["model"])
    a.complete("|", ["data", "layer"])


def symbols(a):
    got = a.client.ask("textDocument/documentSymbol", {"textDocument": {"uri": a.uri}})
    names = {s["name"]: [c["name"] for c in s["children"]] for s in got}
    assert names["Net"] == ["fc", "out", "forward"] and names["d"] == ["x", "y"] and len(names) == 10, names


def apply_edits(text, edits):
    lines = text.split("\n")
    for e in sorted(edits, key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"]), reverse=True):
        (l0, c0), (l1, c1) = [(e["range"][k]["line"], e["range"][k]["character"]) for k in ("start", "end")]
        tail = lines[l1][c1:] if l1 < len(lines) else ""
        lines[l0:l1 + 1] = (lines[l0][:c0] + e["newText"] + tail).split("\n")
    return "\n".join(lines)


def layout(a):
    ask = {"textDocument": {"uri": a.uri}, "options": {"tabSize": 4, "insertSpaces": True}}
    assert a.client.ask("textDocument/formatting", ask) == []
    a.set(PROGRAM.replace("        h = relu(fc(x))", "   h  = relu( fc(x) )").replace("const hidden = 8", "const hidden=8"))
    assert apply_edits(a.text, a.client.ask("textDocument/formatting", ask)).replace("h  =", "h =") == PROGRAM
    a.set(PROGRAM + "\n\n\n")
    assert apply_edits(a.text, a.client.ask("textDocument/formatting", ask)) == PROGRAM
    a.set("const = 3")
    assert a.client.ask("textDocument/formatting", ask) is None
    a.set(PROGRAM)


def fixes(a):
    wrong = PROGRAM.replace("relu(fc(x))", "relo(fc(x))").replace("validate=test", "validte=test").replace("Net(hidden)", "Nett(hidden)")
    said = a.set(wrong)
    assert sorted(d["code"] for d in said) == ["E0101", "E0101", "E0506"], said
    assert all("did you mean" in d["message"] for d in said), said
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    got = a.client.ask("textDocument/codeAction", {"textDocument": {"uri": a.uri}, "range": everything, "context": {"diagnostics": said}})
    assert len(got) == 3 and all(g["kind"] == "quickfix" for g in got), got
    assert apply_edits(wrong, [e for g in got for e in g["edit"]["changes"][a.uri]]) == PROGRAM
    line = position(wrong, "relo", "relo")["line"]
    here = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
    got = a.client.ask("textDocument/codeAction", {"textDocument": {"uri": a.uri}, "range": here, "context": {"diagnostics": []}})
    assert [g["title"] for g in got] == ["did you mean `relu`?"], got
    odd = PROGRAM.replace("cross_entropy(net(ex.x), ex.y)", "cross_entropy(softmax(net(ex.x)), ex.y)")
    said = a.set(odd)
    assert [d["code"] for d in said] == ["W0701"] and said[0]["severity"] == 2, said
    got = a.client.ask("textDocument/codeAction", {"textDocument": {"uri": a.uri}, "range": everything, "context": {"diagnostics": []}})
    silent = [g for g in got if g["title"] == "silence W0701 here"]
    assert a.set(apply_edits(odd, silent[0]["edit"]["changes"][a.uri])) == [], a.text
    a.set(PROGRAM)


def imports(a):
    """Messages of another file are told there, and taken back; what is open counts, not what is saved."""
    part = uri_of(os.path.join(a.folder, "part.nn"))
    with open(os.path.join(a.folder, "part.nn"), "w", encoding="utf-8") as file:
        file.write(PART.replace("2 * x", "2 * z"))
    a.client.tell("textDocument/didSave", {"textDocument": {"uri": a.uri}})
    a.set(PROGRAM + "\n")
    a.client.ask("textDocument/documentSymbol", {"textDocument": {"uri": a.uri}})  # messages of both files are before its answer
    assert [d["code"] for d in a.client.published[part]["diagnostics"]] == ["E0101"], a.client.published
    a.client.open(part, PART)
    assert a.client.diagnostics(part, 1) == []
    assert a.set(PROGRAM) == []
    a.client.change(part, 2, PART.replace("twice", "thrice"))
    assert a.client.diagnostics(part, 2) == []
    assert [d["code"] for d in a.set(PROGRAM + "\n")] == ["E0101"]
    a.client.change(part, 3, PART)
    a.client.diagnostics(part, 3)
    assert a.set(PROGRAM) == []
    a.client.tell("textDocument/didChange", {"textDocument": {"uri": a.uri, "version": 900}, "contentChanges": [
        {"range": {"start": position(PROGRAM, "const hidden", "8"), "end": position(PROGRAM, "const hidden = 8", "\n")}, "text": "9.5"}]})
    assert [d["code"] for d in a.client.diagnostics(a.uri, 900)] != []


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "part.nn"), "w", encoding="utf-8") as file:
            file.write(PART)
        with open(os.path.join(folder, "d.csv"), "w", encoding="utf-8") as file:
            file.write("a,b,\"c\",wide,kind\n1,2,3,4,u\n")
        client = Client(sys.argv[1], folder)
        assert client.begin()["serverInfo"]["name"] == "nnc"
        asker = Asker(client, folder)
        for part in (hovers, definitions, completions, symbols, layout, fixes, imports):
            part(asker)
        assert client.end() == 0


main()
