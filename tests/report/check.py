#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check.py NNC: pages of `nnc report`. They are well-formed, their figures are those of the files, no text of a file is markup, and a
browser, where Debian's chromium is, shows them without a message."""
import base64
import html.parser
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

VOID = {"meta", "link", "img", "br", "rect", "line", "circle", "path"}  # of SVG with a / at the end, or with children
ODD = "<script>alert('1')</script>&\"x\""

PROGRAM = """
data d {
    x: float[12, 10, 3] = npy("x.npy")
    y: int<3>           = csv("y.csv", column=0, labels=true)
    split(train=0.5, test=0.5, seed=1)
}
layer Net {
    layer fc = Dense(360, 3)
    fn forward[B](x: float[B, 12, 10, 3]) -> float[B, 3] { return fc(reshape(x, [B, 360])) }
}
model net = Net()
train fit[B](ex in d.train, batch=5, epochs=3, validate=test, save="p.safetensors", log="run") {
    logits = net(ex.x)
    loss = cross_entropy(logits, ex.y)
    minimize loss over net using adam(lr=0.01)
    report loss, accuracy(logits, ex.y)
}
eval test[B](ex in d.test, batch=7) {
    logits = net(ex.x)
    report cross_entropy(logits, ex.y), accuracy(logits, ex.y), confusion(logits, ex.y), recall(logits, ex.y)
}
"""


class Page(html.parser.HTMLParser):
    """Tags must nest. Collected are rows of tables with their texts, all texts, the tags and attributes."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.rows, self.tags, self.images, self.addresses, self.texts = [], [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"open at the end: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attrs = dict(attrs)
        self.addresses += [v for k, v in attrs.items() if k in ("src", "href")]
        assert not any(k.startswith("on") for k in attrs), attrs
        if tag == "img":
            self.images.append(attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and "td" in self.open[-1:] + self.open[-2:-1] or self.open[-1:] == ["th"]:
            if self.open[-1] != "small":
                self.rows[-1][-1] += data


def run(*command, stdout=None):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"{command}: {done.returncode}: {done.stderr}"
    if stdout:
        with open(stdout, "w", encoding="utf-8") as f:
            f.write(done.stdout)
    return done.stdout


def npy(path, dims, values):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(dims)}}}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}f", *values))


def value(i, k):
    """Element k of picture i."""
    return (i * 37 + k * 11) % 256 / 255


def make(nnc):
    n = 60
    npy("x.npy", [n, 12, 10, 3], [value(i, k) for i in range(n) for k in range(360)])
    with open("y.csv", "w", encoding="utf-8") as f:
        for i in range(n):
            name = ["one", ODD, "ü"][i % 3].replace('"', '""')
            f.write(f'"{name}"\n')
    with open("p.nn", "w", encoding="utf-8") as f:
        f.write(PROGRAM)
    run(nnc, "p.nn", "-o", "p")
    run("./p", "fit", "--threads", "1", "--quiet", "--batch", "6")
    run("./p", "test", "--worst", "4", "--json", stdout="test.json")
    run("./p", "summary", "--json", stdout="summary.json")
    run("./p", "profile", "fit", "--json", stdout="profile.json")
    os.mkdir("folder")
    for name in ("run.fit.jsonl", "run.fit.csv", "p.run.json", "test.json", "summary.json", "profile.json", "y.csv"):
        shutil.copy(name, "folder")


def check_log(page):
    rows = {tuple(row[:3]): row[3:] for row in page.rows if len(row) == 9}
    log = [json.loads(line) for line in open("run.fit.jsonl", encoding="utf-8")]
    seen = 0
    for event, kind, names in (("train", "training", ("loss", "accuracy")), ("validate", "validation", ("cross_entropy", "accuracy", "recall"))):
        points = [row for row in log if row["event"] == event]
        assert len(points) == 3, log
        for name in names:
            ends = (points[-1], min(points, key=lambda row: row[name]), max(points, key=lambda row: row[name]))
            want = [x for row in ends for x in (row[name], row["step"])]
            got = [float(x) for x in rows["run.fit", kind, name]]
            assert got == want, (name, got, want)
            seen += 1
    return seen


def check_evaluation(page):
    test = json.load(open("test.json", encoding="utf-8"))
    labels = test["labels"]["confusion"]
    assert sorted(labels) == sorted(["one", ODD, "ü"]), labels
    for i, counts in enumerate(test["confusion"]):
        assert [labels[i]] + [str(c) for c in counts] in page.rows, (i, counts)
        found = sum(row[i] for row in test["confusion"])
        row = [labels[i], str(sum(counts)), str(found)]
        assert any(r[:3] == row and float(r[3]) == test["recall.per_class"][i] for r in page.rows), row
    assert ["accuracy", str(test["accuracy"])] in [[r[0], r[1]] for r in page.rows if len(r) == 2]
    worst = test["worst"]["examples"]
    assert len(worst) == 4 and test["worst"]["by"] == "cross_entropy"
    assert all(a["value"] >= b["value"] for a, b in zip(worst, worst[1:])), worst
    assert len(page.images) == 4
    for example, image in zip(worst, page.images):
        data = base64.b64decode(image["src"].removeprefix("data:image/bmp;base64,"))
        size, offset, width, height = struct.unpack_from("<I4xI4xii", data, 2)
        assert (size, offset, width, height) == (len(data), 54, 10, -12)
        for k in range(360):
            got = data[54 + k // 30 * 32 + k % 30 // 3 * 3 + 2 - k % 3]
            want = round(255 * value(example["example"], k))
            assert got == want == example["fields"]["x"]["picture"][k], (k, got, want)


def check_rest(page):
    summary = json.load(open("summary.json", encoding="utf-8"))
    for layer in summary["layers"]:
        row = [layer["path"], layer["type"], layer["out"], str(layer["params"]), str(layer["flops"]), str(layer["bytes"]), layer["entry"]]
        assert row in page.rows, row
    kernels = json.load(open("profile.json", encoding="utf-8"))["kernels"]
    assert {k["name"] for k in kernels} <= {row[-1] for row in page.rows if len(row) == 10}, "kernels"
    assert ["batch", "6", "flag", "setting"] in page.rows and ["epochs", "3", "program", "setting"] in page.rows, "configuration"
    assert ["d", "60", "x.npy, y.csv"] in page.rows, "data"


def read(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    page = Page(text)
    assert "script" not in page.tags and os.path.getsize(path) <= 500000
    assert all(a.startswith("data:") for a in page.addresses), page.addresses
    assert "http" not in text
    return page


def check_large(nnc):
    """Many curves and many points become coarse, not large."""
    for name in "abc":
        with open(f"{name}.jsonl", "w", encoding="utf-8") as f:
            for step in range(1, 2001):
                row = {"event": "train", "entry": "e", "step": step, "epoch": 1, "examples": 1, "seconds": step}
                f.write(json.dumps({**row, **{f"m{k}": (step * (k + 7919)) % 1013 for k in range(30)}}) + "\n")
    run(nnc, "report", "a.jsonl", "b.jsonl", "c.jsonl", "-o", "large.html")
    assert read("large.html").tags.count("svg") == 30


def check_mistakes(nnc):
    os.mkdir("empty")
    for arguments, status, text in (
        (["y.csv"], 1, "y.csv: this is no log, no evaluation"),
        (["empty"], 1, "there is nothing to report on"),
        (["nowhere"], 3, "nowhere: cannot read"),
        ([], 2, "report needs FILE|FOLDER ..."),
    ):
        done = subprocess.run([nnc, "report", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == status and text in done.stderr and not done.stdout, (arguments, done)


def console(path):
    """What a browser says of a page."""
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={os.getcwd()}/browser",
                           "--enable-logging=stderr", "--dump-dom", f"file://{os.getcwd()}/{path}"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def check_browser():
    if not shutil.which("chromium"):
        print("no chromium here: the page is not tried in a browser")
        return
    with open("loud.html", "w", encoding="utf-8") as f:
        f.write("<script>nothing()</script>")
    assert console("loud.html")[1], "an error in a page is not seen"
    dom, said = console("page.html")
    assert "</html>" in dom and not said, said
    assert len(re.findall("<svg", dom)) == len(re.findall("<svg", open("page.html", encoding="utf-8").read()))


def main():
    nnc = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make(nnc)
        run(nnc, "report", "folder", "--title", ODD, "-o", "page.html")
        page = read("page.html")
        assert ODD in page.texts, "the title"
        assert check_log(page) == 5
        check_evaluation(page)
        check_rest(page)
        one = run(nnc, "report", "run.fit.csv")
        assert one.count("<svg") == 4 and "<h1>run.fit</h1>" in one
        check_large(nnc)
        check_mistakes(nnc)
        check_browser()
        os.chdir("/")


main()
