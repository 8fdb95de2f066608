#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# random_check.py NNC [--seed S] [--count N] [--one]: random operations (random_cases.py) against PyTorch: the value y, the gradients of
# sum(c * y ** 2) by every float argument, and the gradients of sum(d * those gradients), for random c and d. --one: seed S alone, shown.
#
# The reference is PyTorch in double precision. A build in double precision must agree to 1e-9 of the largest number. In single precision
# every result is a sum of products of rounded numbers, whose error is a multiple of 2^-24 and of the largest intermediate; how large those
# are nobody knows without looking, but PyTorch's own single precision shows it: nnc may differ from the reference by 16 times what PyTorch
# does in single precision (it sums in another order), or by 2^-17 of the case's largest number, whichever is more (where PyTorch happens
# to be exact, and where terms cancel). A wrong term, index or sign is far beyond both. Exit status 77: there is no PyTorch.
import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True

try:
    import numpy as np
    import torch
except ImportError:
    print("no PyTorch here")
    sys.exit(77)

from random_cases import Draw, random_case

torch.set_num_threads(1)
PER_PROGRAM = 20


def shape_text(shape):
    return "[%s]" % ", ".join(map(str, shape)) if len(shape) else ""


def in_child(work):
    """What work() returns, in a process of its own; None: a signal ended it. PyTorch damages its heap in rare gradients of gradients."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with os.fdopen(theirs, "wb") as pipe:
                pickle.dump(work(), pipe)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if status and not os.WIFSIGNALED(status):
        sys.exit("a reference could not be computed: see above")
    return None if status else pickle.loads(data)


class Check:
    """A case with the numbers that its gradients are weighted by."""

    def __init__(self, seed):
        self.seed, self.case = seed, random_case(seed)
        self.wrt = [n for n, v in self.case.args.items() if v.dtype == np.float32]
        self.extra, self.want, self.single = in_child(self.references) or (None, None, None)
        self.usable = self.want is not None

    def references(self):
        """The weights of the gradients, and the results in double and single precision, or None where PyTorch has no numbers."""
        y, d = self.case.reference(*self.tensors(torch.float64)), Draw([self.seed, 1])
        self.extra = {"c": d.numbers(tuple(y.shape))}
        self.extra.update({"d_" + n: d.numbers(self.case.args[n].shape) for n in self.wrt})
        if y.numel() == 0 or not torch.isfinite(y).all():  # a window of pooling may hold nothing
            return self.extra, None, None
        try:
            return self.extra, self.expected(torch.float64), self.expected(torch.float32)
        except RuntimeError:  # PyTorch 1.13 cannot differentiate some convolutions twice
            return self.extra, None, None

    def tensors(self, dtype):
        return [torch.tensor(v, dtype=dtype if v.dtype == np.float32 else torch.int32) for v in self.case.args.values()]

    def names(self):
        return ["y"] + ["g_" + n for n in self.wrt] + ["h_" + n for n in self.wrt]

    def source(self):
        args = ["%s: %s%s" % (n, "float" if v.dtype == np.float32 else "int<%d>" % self.case.bound[n], shape_text(v.shape))
                for n, v in list(self.case.args.items()) + list(self.extra.items())]
        results = ["float" + shape_text(self.extra["c"].shape)] + ["float" + shape_text(self.case.args[n].shape) for n in self.wrt] * 2
        first, second = ", ".join("g_" + n for n in self.wrt), ", ".join("h_" + n for n in self.wrt)
        wrt = self.wrt[0] if len(self.wrt) == 1 else "[%s]" % ", ".join(self.wrt)
        lines = self.case.body.split("\n")
        lines += ["%s = grad(sum(c * y * y), wrt=%s)" % (first, wrt),
                  "%s = grad(%s, wrt=%s)" % (second, " + ".join("sum(d_%s * g_%s)" % (n, n) for n in self.wrt), wrt),
                  "return " + ", ".join(self.names())]
        return "export fn case%d(%s) -> (%s) {\n%s}\n" % (self.seed, ", ".join(args), ", ".join(results), "".join("    %s\n" % l for l in lines))

    def expected(self, dtype):
        tensors = self.tensors(dtype)
        extra = {n: torch.tensor(v, dtype=dtype) for n, v in self.extra.items()}
        over = [t.requires_grad_() for n, t in zip(self.case.args, tensors) if n in self.wrt]
        y = self.case.reference(*tensors)
        g = torch.autograd.grad((extra["c"] * y * y).sum(), over, create_graph=True)
        weighted = sum((extra["d_" + n] * t).sum() for n, t in zip(self.wrt, g))
        h = torch.autograd.grad(weighted, over, allow_unused=True) if weighted.requires_grad else [None] * len(over)
        h = [torch.zeros_like(t) if v is None else v for v, t in zip(h, over)]
        return [t.detach().double().numpy() for t in (y, *g, *h)]

    def got(self, program):
        words = [program, "case%d" % self.seed]
        for n, v in list(self.case.args.items()) + list(self.extra.items()):
            if v.ndim:
                np.save(n + ".arg.npy", v)
            words += ["--" + n, n + ".arg.npy" if v.ndim else repr(float(v))]
        for n in self.names():
            words += ["--out", n + ".npy"]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        if done.returncode:
            return None, "status %d: %s" % (done.returncode, done.stdout.strip())
        return [np.load(n + ".npy").astype(np.float64) for n in self.names()], ""

    def differences(self, program, double):
        """What is wrong, as texts."""
        got, error = self.got(program)
        if not got:
            return [error]
        wrong = []
        most = max(np.abs(b).max(initial=0) for b in self.want)
        for name, a, b, c in zip(self.names(), got, self.want, self.single):
            if a.shape != b.shape:
                wrong.append("%s has the shape %s, not %s" % (name, a.shape, b.shape))
                continue
            largest = np.abs(b).max(initial=0)
            limit = 1e-9 * max(largest, 1) if double else max(16 * np.abs(c - b).max(initial=0), 2.0 ** -17 * most)
            bad = ~(np.abs(a - b) <= limit)
            if bad.any():
                at = tuple(int(i) for i in np.argwhere(bad)[0]) if bad.ndim else ()
                wrong.append("%s%s is %.9g, not %.9g; %d of %d wrong (limit %.3g)" % (name, list(at), a[at], b[at], bad.sum(), bad.size, limit))
        return wrong


def compile_checks(nnc, checks, name, double):
    with open(name + ".nn", "w") as f:
        f.write('import "std/vision.nn" as vision\nimport "std/volume.nn" as volume\n' + "".join(c.source() for c in checks))
    words = [nnc] + (["--float=f64"] if double else []) + [name + ".nn", "-o", name]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return "" if done.returncode == 0 else "nnc ended with status %d:\n%s" % (done.returncode, done.stdout)


def run_program(nnc, checks, double, faults):
    """20 cases in one program; each alone if that does not compile."""
    error = compile_checks(nnc, checks, "program", double)
    if error and len(checks) > 1:
        for c in checks:
            run_program(nnc, [c], double, faults)
        return
    for c in checks:
        for text in [error] if error else c.differences("./program", double):
            faults.append(c.seed)
            print("WRONG seed %d%s, %s: %s" % (c.seed, " in double precision" if double else "", c.case.what, text))
            print(c.source(), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nnc")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--one", action="store_true")
    flags = parser.parse_args()
    nnc, faults, kinds, done, left_out = os.path.abspath(flags.nnc), [], {}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        seed = flags.seed
        while done < (1 if flags.one else flags.count):
            checks = []
            while len(checks) < min(PER_PROGRAM, (1 if flags.one else flags.count) - done):
                c = Check(seed)
                seed += 1
                left_out += not c.usable
                if c.usable:
                    checks.append(c)
            double = (checks[0].seed // PER_PROGRAM) % 4 == 3
            if flags.one:
                print(checks[0].source())
                run_program(nnc, checks, True, faults)
                double = False
            run_program(nnc, checks, double, faults)
            done += len(checks)
            for c in checks:
                kinds[c.case.what.split()[0]] = kinds.get(c.case.what.split()[0], 0) + 1
        os.chdir("/")
    print("%d comparisons of %d operations, %d wrong (%d that PyTorch has no numbers for were left out)" % (done, len(kinds), len(set(faults)), left_out))
    sys.exit(1 if faults else 0)


main()
