"""results.py: what was measured, kept in OUT/results.json, and the tables made of it."""
import json
import os

from models import MODELS

HEAD = "%-12s %-8s %4s %2s %10s %10s %10s %6s %6s  %s" % (
    "model", "entry", "rows", "T", "nnc ms", "before ms", "peer ms", "ratio", "peak %", "peer's setting; other programs")


def say_load(busy, load):
    others, stolen = load
    text = "other programs %.0f %% of a core" % (100 * others) + (", %.0f %% stolen" % (100 * stolen) if stolen > 0.005 else "")
    return text + (": BUSY, the figures are not reliable" if busy else "")


def side(cell, label):
    """The best setting of a side, or None."""
    return min((s for s in cell["sides"] if s["label"] == label), key=lambda s: s["median"], default=None)


def operations(name, entry, rows):
    m = MODELS[name]
    return 1e9 * m.train if entry == "fit" else 1e6 * m.forward * rows


def line(name, entry, threads, rows, cell):
    own, before, peer = side(cell, "nnc"), side(cell, "before"), side(cell, "torch")

    def ms(s):
        return "%.3f" % (1e3 * s["median"]) if s else "-"
    ratio = "%.2f" % (peer["median"] / own["median"]) if own and peer else "-"
    share = "%.0f" % (100 * operations(name, entry, rows) / own["median"] / cell["peak"]) if own else "-"
    return "%-12s %-8s %4d %2d %10s %10s %10s %6s %6s  %s; %s" % (
        name, entry, rows, threads, ms(own), ms(before), ms(peer), ratio, share, peer["setting"] if peer else "-",
        say_load(cell["busy"], cell["load"]))


class Store:
    def __init__(self, work, fresh):
        self.path, self.cells = os.path.join(work, "results.json"), {}
        if os.path.exists(self.path) and not fresh:
            with open(self.path) as f:
                self.cells = json.load(f)["cells"]

    def put(self, name, entry, threads, rows, cell):
        self.cells["%s %s %d %d" % (name, entry, threads, rows)] = cell
        self.write()

    def write(self):
        with open(self.path + ".new", "w") as f:
            json.dump({"cells": self.cells}, f, indent=1)
        os.replace(self.path + ".new", self.path)

    def table(self):
        rows = [HEAD]
        for key in self.cells:
            name, entry, threads, n = key.split()
            rows.append(line(name, entry, int(threads), int(n), self.cells[key]))
        return "\n".join(rows)
