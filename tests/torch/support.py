# SPDX-License-Identifier: MIT
# support.py: programs compiled by nnc beside the same models in PyTorch: files, runs, comparisons.
import json
import os
import struct
import subprocess
import sys

import numpy as np
import torch

torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(1)
failures = []
DTYPES = {"F64": np.float64, "F32": np.float32, "I32": np.int32, "I64": np.int64, "BOOL": np.uint8, "U8": np.uint8}


def save_weights(path, tensors):
    """A safetensors file: length of the header, header, raw data."""
    header, data = {}, b""
    for name, value in tensors.items():
        raw = np.ascontiguousarray(value, dtype=np.float64).tobytes()
        header[name] = {"dtype": "F64", "shape": list(np.shape(value)), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def load_weights(path):
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header, data = json.loads(f.read(size)), f.read()
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[t["data_offsets"][0]:t["data_offsets"][1]], DTYPES[t["dtype"]]).reshape(t["shape"])
            for name, t in header.items()}


class Program:
    """One .nn file, compiled in one precision."""

    def __init__(self, nnc, source, precision):
        self.precision = precision
        self.name = "./" + os.path.basename(source)[:-3] + "_" + precision
        subprocess.run([nnc, "--float=" + precision, source, "-o", self.name], check=True, stdout=subprocess.PIPE)

    def run(self, *words):
        done = subprocess.run([self.name, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        if done.returncode:
            sys.exit("%s %s ended with status %d:\n%s" % (self.name, " ".join(map(str, words)), done.returncode, done.stdout))
        return done.stdout

    def train(self, entry, weights, steps, save="end.safetensors"):
        """The reported numbers of every step, by name."""
        log = "log_" + entry
        if os.path.exists(log + "." + entry + ".jsonl"):
            os.unlink(log + "." + entry + ".jsonl")
        self.run(entry, "--init", weights, "--steps", steps, "--log", log, "--log_every", 1, "--save", save, "--quiet")
        with open(log + "." + entry + ".jsonl") as f:
            lines = [json.loads(line) for line in f]
        return [line for line in lines if line["event"] == "train"]

    def export(self, entry, weights, **files):
        words = [entry, "--out", "out.npy"] + (["--load", weights] if weights else [])
        for name, value in files.items():
            np.save(name + ".arg.npy", value)
            words += ["--" + name, name + ".arg.npy"]
        self.run(*words)
        return np.load("out.npy")


def near(what, got, want, relative, absolute=0.0):
    """Every element within a share of itself or of the largest one."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    if got.shape != want.shape:
        failures.append("%s: shape %s, not %s" % (what, got.shape, want.shape))
        return
    scale = np.maximum(np.abs(want), np.abs(want).max(initial=0) * 0.1)
    error = np.abs(got - want)
    wrong = ~(error <= relative * scale + absolute)
    print("%-44s %8d numbers, largest error %.3g" % (what, want.size, (error / np.maximum(scale, 1e-30)).max(initial=0)))
    if wrong.any():
        at = tuple(int(k) for k in np.argwhere(np.atleast_1d(wrong))[0])
        failures.append("%s: %g, not %g at %s; %d wrong" % (what, np.atleast_1d(got)[at], np.atleast_1d(want)[at], at, int(wrong.sum())))


def number(*shape, scale=1.0):
    return rng.normal(size=shape) * scale


def batches(n, size, steps):
    """Rows of each step when they are taken in order."""
    order = [range(i, i + size) for i in range(0, n, size)]
    return [list(order[k % len(order)]) for k in range(steps)]


# ---- weights: PyTorch's layout to nnc's, features last ------------------------------------------


def linear(w):
    return np.transpose(w)


def conv(w):                       # [out, in, k...] -> [k..., in, out]
    return np.transpose(w, tuple(range(2, w.ndim)) + (1, 0))


def conv_transposed(w):            # [in, out, k...] -> [k..., in, out]
    return np.transpose(w, tuple(range(2, w.ndim)) + (0, 1))


def same(w):
    return w


def last(x):                       # [B, C, places...] -> [B, places..., C]
    return np.moveaxis(np.asarray(x), 1, -1)


def first(x):                      # and back
    return torch.tensor(np.moveaxis(np.asarray(x), -1, 1).copy())


class Pairs:
    """Which tensor of the program is which of PyTorch's, and how it is laid out."""

    def __init__(self):
        self.list = []

    def add(self, name, tensor, layout=same):
        self.list.append((name, tensor, layout))

    def module(self, path, module, kind):
        """kind: layout of the weight; the bias, if there is one, is the same."""
        names = ("gain", "bias") if kind is same else ("w", "b")
        self.add(path + "." + names[0], module.weight, kind)
        if module.bias is not None:
            self.add(path + "." + names[1], module.bias)

    def weights(self):
        return {name: layout(t.detach().numpy()).copy() for name, t, layout in self.list}

    def gradients(self):
        return {name: layout(t.grad.numpy()).copy() for name, t, layout in self.list}


def compare_model(nnc, source, pairs, loss_of, optimizer, rows, size, steps=30):
    """Gradients of the first batch, every loss of a run and the weights at its end, in double precision, then the losses in
    single precision. The program's entries are `slope`, sgd with lr=1, and `fit`, the optimizer in question; loss_of(rows)
    builds PyTorch's loss of these rows."""
    weights = pairs.weights()
    save_weights("init.safetensors", weights)
    loss_of(batches(rows, size, 1)[0]).backward()
    gradients = pairs.gradients()
    optimizer, losses = optimizer(), []
    for step in batches(rows, size, steps):
        optimizer.zero_grad()
        loss = loss_of(step)
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    programs = {}
    for precision, limit in (("f64", 1e-8), ("f32", 1e-3)):
        p = programs[precision] = Program(nnc, source, precision)
        p.train("slope", "init.safetensors", 1, save="slope.safetensors")
        moved = load_weights("slope.safetensors")
        for name, want in gradients.items():
            near(precision + " gradient of " + name, weights[name] - moved[name], want, limit, limit * 1e-2)
        got = p.train("fit", "init.safetensors", steps, save=precision + ".safetensors")
        near(precision + " losses of %d steps" % steps, [g["loss"] for g in got], losses, limit)
    end = load_weights("f64.safetensors")
    for name, want in pairs.weights().items():
        near("weights at the end: " + name, end[name], want, 1e-6, 1e-8)
    return programs


def finish():
    for line in failures:
        print("WRONG " + line)
    sys.exit(1 if failures else 0)
