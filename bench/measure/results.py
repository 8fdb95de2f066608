# SPDX-License-Identifier: MIT
"""results.py: what was measured, kept in OUT/results.json, and the tables made of it."""
import datetime
import json
import math
import os
import subprocess

import chart
import machine
from models import MODELS

HEAD = "%-12s %-8s %4s %2s %10s %10s %10s %6s %6s  %s" % (
    "model", "entry", "rows", "T", "nnc ms", "before ms", "peer ms", "ratio", "peak %", "best peer; other programs")


def say_load(busy, load):
    others, stolen = load
    text = "other programs %.0f %% of a core" % (100 * others) + (", %.0f %% stolen" % (100 * stolen) if stolen > 0.005 else "")
    return text + (": BUSY, the figures are not reliable" if busy else "")


def best(cell, labels, what="median"):
    """The best setting of these sides, or None."""
    return min((s for s in cell["sides"] if s["label"] in labels), key=lambda s: s[what], default=None)


def peers_of(cell):
    return {s["label"] for s in cell["sides"]} - {"nnc", "before"}


def operations(name, entry, rows):
    m = MODELS[name]
    return 1e9 * m.train if entry == "fit" else 1e6 * m.forward * rows


def number(v, digits=3):
    """With so many digits that count."""
    return "%.*f" % (max(0, digits - 1 - math.floor(math.log10(v))), v) if v else "-"


class Row:
    """A cell as a line of a table."""

    def __init__(self, key, cell):
        self.name, self.entry, threads, rows = key.split()
        self.threads, self.rows, self.cell = int(threads), int(rows), cell

    def ms(self, labels):
        side = best(self.cell, labels)
        return 1e3 * side["median"] if side else None

    def ratio(self, labels):
        own, peer = self.ms({"nnc"}), self.ms(labels)
        return peer / own if own and peer else None

    def share(self):
        return operations(self.name, self.entry, self.rows) / (1e-3 * self.ms({"nnc"})) / self.cell["peak"]

    def text(self):
        if self.entry == "whole":
            return self.whole_text()
        peer, ratio = best(self.cell, peers_of(self.cell)), self.ratio(peers_of(self.cell))
        return "%-12s %-8s %4d %2d %10s %10s %10s %6s %6.0f  %s%s" % (
            self.name, self.entry, self.rows, self.threads, *(number(self.ms(s), 4) for s in ({"nnc"}, {"before"}, peers_of(self.cell))),
            "%.2f" % ratio if ratio else "-", 100 * self.share(), peer["label"] + " " + peer["setting"] + "; " if peer else "",
            say_load(self.cell["busy"], self.cell["load"]))

    def whole_text(self):
        parts = []
        for s in self.cell["sides"]:
            made = "compiled in %.2f s, " % s["compile"] if s["compile"] else ""
            parts.append("%s: %sfirst step after %.0f ms, %.0f MB" % (
                " ".join([s["label"], s["setting"]]).strip(), made, 1e3 * s["start"], s["memory"] / 1e6))
        return "%-12s %s" % (self.name, "; ".join(parts))


COLUMNS = [("train", "fit", None, 1), ("train", "fit", None, 2), ("batch 1", "predict", 1, 1), ("batch 1", "predict", 1, 2),
           ("batch 64", "predict", 64, 1), ("batch 64", "predict", 64, 2)]


def table_lines(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(r) + " |" for r in rows]


class Store:
    def __init__(self, work, fresh):
        self.path, self.data = os.path.join(work, "results.json"), {"machine": {}, "cells": {}}
        if os.path.exists(self.path) and not fresh:
            with open(self.path) as f:
                self.data = json.load(f)
        self.headed = False

    def describe(self, peers):
        """What the figures belong to."""
        here = os.path.dirname(os.path.abspath(__file__))
        commit = subprocess.run(["git", "-C", here, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        nnc = subprocess.run([os.environ["NNC"], "--version"], capture_output=True, text=True).stdout.strip()
        known = self.data["machine"].get("peers", [])
        self.data["machine"] = {
            "processor": machine.name(), "cores": machine.cores(), "nnc": nnc, "commit": commit,
            "date": datetime.date.today().isoformat(), "peers": known + [p.label for p in peers if p.label not in known]}

    def put(self, name, entry, threads, rows, cell):
        key = "%s %s %d %d" % (name, entry, threads, rows)
        self.data["cells"][key] = cell
        with open(self.path + ".new", "w") as f:
            json.dump(self.data, f, indent=1)
        os.replace(self.path + ".new", self.path)
        if not self.headed:
            print(HEAD)
        self.headed = True
        print(Row(key, cell).text(), flush=True)

    def rows(self):
        order = list(MODELS)
        rows = [Row(k, c) for k, c in self.data["cells"].items()]
        return sorted(rows, key=lambda r: (order.index(r.name), r.entry == "whole", r.entry, r.rows, r.threads))

    def table(self):
        return "\n".join([HEAD] + [r.text() for r in self.rows()])

    def cell(self, name, column):
        _, entry, rows, threads = column
        return self.data["cells"].get("%s %s %d %d" % (name, entry, threads, rows or MODELS[name].rows))

    def against(self, label, columns):
        """Milliseconds of nnc and of a peer, and their ratio, by model and column; a table without rows is none."""
        rows = []
        for name in MODELS:
            row = []
            for column in columns:
                cell = self.cell(name, column)
                r = cell and Row("%s %s %d %d" % (name, column[1], column[3], column[2] or MODELS[name].rows), cell)
                ratio = r and r.ratio({label})
                row.append("%s / %s = %.2f%s" % (number(r.ms({"nnc"})), number(r.ms({label})), ratio, " ~" * cell["busy"]) if ratio else "")
            if any(row):
                rows.append([name] + row)
        return table_lines(["model"] + ["%s, %dT" % (c[0], c[3]) for c in columns], rows) + [""] if rows else []

    def shares(self):
        rows = []
        for name in MODELS:
            cells = [(self.cell(name, c), c) for c in COLUMNS]
            row = ["%.0f %%" % (100 * Row("%s %s %d %d" % (name, c[1], c[3], c[2] or MODELS[name].rows), cell).share()) if cell else ""
                   for cell, c in cells]
            if any(row):
                rows.append([name] + row)
        return table_lines(["model"] + ["%s, %dT" % (c[0], c[3]) for c in COLUMNS], rows)

    def wholes(self):
        rows = []
        for r in self.rows():
            if r.entry != "whole":
                continue
            own, peers = best(r.cell, {"nnc"}, "start"), peers_of(r.cell)
            start, memory = best(r.cell, peers, "start"), best(r.cell, peers, "memory")
            rows.append([r.name, number(own["compile"]), number(1e3 * own["start"]), number(1e3 * start["start"]) if start else "",
                         number(own["memory"] / 1e6), number(memory["memory"] / 1e6) if memory else ""])
        return table_lines(["model", "nnc -c, s", "first step, ms: nnc", "peer", "memory, MB: nnc", "peer"], rows)

    def markdown(self):
        m = self.data["machine"]
        peak = {t: max([c["peak"] for k, c in self.data["cells"].items() if k.split()[2] == str(t) and "peak" in c], default=0) for t in (1, 2)}
        busy = sum(c["busy"] for c in self.data["cells"].values())
        peaks = " and ".join("%.0f GFLOP/s with %d thread%s" % (1e-9 * peak[t], t, "s" * (t > 1)) for t in peak if peak[t])
        lines = ["# Results", "", "%s, %d cores, %s; %s, commit %s." % (
            m.get("processor"), m.get("cores", 0), m.get("date"), m.get("nnc"), m.get("commit"))]
        lines += ["Peak of FP32 multiply-adds: %s." % (peaks or "not measured")]
        lines += ["Made by `bench/run --publish` ([README.md](README.md) says what is measured, and how)."]
        lines += ["Milliseconds nnc / peer = ratio: above 1 nnc is faster; 1T, 2T: threads."]
        lines += ["~: %d cells were measured while other programs worked." % busy] * bool(busy) + [""]
        for label in m.get("peers", []):
            lines += ["## Against " + label, ""] + sum((self.against(label, COLUMNS[i:i + 2]) for i in (0, 2, 4)), [])
        lines += ["## Share of the peak", "", "The operations that the mathematics needs, over what the processor could do in the time.", ""]
        lines += self.shares()
        lines += ["", "## Compiling, starting, memory", ""] + self.wholes()
        return "\n".join(lines) + "\n"

    def bars(self):
        """Of the chart: model, and the ratio to the best peer for each of its bars."""
        shown = [COLUMNS[i] for i in (0, 1, 2, 4)]
        for name in MODELS:
            values = []
            for c in shown:
                cell = self.cell(name, c)
                values.append(cell and Row("%s %s %d %d" % (name, c[1], c[3], c[2] or MODELS[name].rows), cell).ratio(peers_of(cell)))
            if any(values):
                yield name, values

    def write_tables(self, folders):
        if not self.data["cells"]:
            return
        for folder in folders:
            for name, text in (("results.md", self.markdown()), ("results.json", json.dumps(self.data, indent=1) + "\n"),
                               ("results.svg", chart.draw(list(self.bars()), self.data["machine"]))):
                with open(os.path.join(folder, name), "w") as f:
                    f.write(text)
