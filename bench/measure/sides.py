# SPDX-License-Identifier: MIT
"""sides.py: who is measured: this compiler (or two of them), and its peers. A side answers ask(entry, threads, rows, seconds)."""
import glob
import os
import subprocess
import time
from collections import namedtuple

import machine
from child import Child, ChildError
from models import CONVOLUTIONS, MODELS

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(HERE)
RUNTIME = os.path.join(ROOT, "runtime")
THREADS = [os.path.join(RUNTIME, f) for f in ("model/gang.c", "base/base.c", "base/plain.c", "base/utf8.c")]     # those of libnnrt
COMPILE_LIMIT = float(os.environ.get("COMPILE_LIMIT", "120"))   # seconds that a peer may compile a model


class Side:
    """Questions and the child that answers them; what is the same for all."""
    setting, limit = "", 600

    def question(self, word, entry, threads, rows):
        return self.child_for(threads).ask("%s %d %d %s%s" % (entry, threads, rows, word, self.setting and " " + self.setting), self.limit)

    def ask(self, entry, threads, rows, seconds):
        return self.question("%g" % seconds, entry, threads, rows)

    def start_up(self, rows):
        """A new process: seconds until its first training step is done; most bytes that were resident after some more."""
        begin = time.monotonic()
        child = self.new_child(1)
        try:
            for word in ("first", "0"):
                child.ask("fit 1 %d %s%s" % (rows, word, self.setting and " " + self.setting))
                if word == "first":
                    seconds = time.monotonic() - begin
            return seconds, child.ask("memory")["peak"]
        finally:
            child.close()


class Own(Side):
    """A model as this compiler makes it, called through the core (step.c)."""

    def __init__(self, label, nnc, model, work, source=None):
        self.label, self.nnc, self.model = label, nnc, model
        self.source, place = source or os.path.join(HERE, "models", model + ".nn"), os.path.join(work, label)
        os.makedirs(place, exist_ok=True)
        self.binary, self.target = os.path.join(place, model), os.path.join(place, model + ".o")
        self.compile_seconds()
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O2", "-D_GNU_SOURCE", "-I", RUNTIME, "-DPROGRAM=%s_program" % model,
                        os.path.join(HERE, "step.c"), *THREADS, self.target, "-lpthread", "-o", self.binary], check=True)
        self.child = self.new_child(1)

    def compile_seconds(self):
        begin = time.monotonic()
        made = subprocess.run([self.nnc, "-c", self.source, "-o", self.target], capture_output=True, text=True)
        if made.returncode:
            raise ChildError("%s does not compile: %s" % (self.model, made.stderr.strip()))
        return time.monotonic() - begin

    def new_child(self, _):
        drawn = [MODELS[self.model].drawn] if self.model in MODELS else ["normal", "1"]     # an operation has one batch
        return Child([self.binary] + drawn, log=self.binary + ".log")

    def child_for(self, _):
        return self.child


Peer = namedtuple("Peer", "label python script compiles")     # script: in this folder


def mkl_library():
    """bench/mkl.c as a library, made when it is first asked for."""
    path = os.path.join(os.environ["OUT"], "mkl.so")
    if not os.path.exists(path):
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", os.path.join(HERE, "mkl.c"), "-o", path], check=True)
    return path


def torch_environment(threads):
    """What makes PyTorch fast: see README.md."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "MKL_", "OMP_"))}   # of this user: its own choice is best
    env.update({name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
    if machine.has("avx512f"):
        env["ATEN_CPU_CAPABILITY"] = "avx512"
    blas = glob.glob("/usr/lib/*/openblas-openmp")
    if blas:
        env["LD_LIBRARY_PATH"] = ":".join(blas + [env.get("LD_LIBRARY_PATH", "")])
    keeps = glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4")
    env["LD_PRELOAD"] = ":".join([mkl_library()] + keeps[:1])
    env["THP_MEM_ALLOC_ENABLE"] = "1"       # large pages, which own sides have, too
    env["TORCHINDUCTOR_FREEZING"] = "1"     # compiled inference packs its weights
    if not keeps:
        env["MALLOC_TRIM_THRESHOLD_"] = env["MALLOC_MMAP_THRESHOLD_"] = "1000000000"
    return env


def version(python, module):
    try:
        asked = subprocess.run([python, "-c", "import %s; print(%s.__version__)" % (module, module)], capture_output=True, text=True)
        return asked.stdout.strip() if asked.returncode == 0 else None
    except OSError:
        return None


def find_peers(names):
    """What is there of `names`: torch of every interpreter known here, one of each version; onnxruntime where there is a torch to export."""
    made = os.environ.get("PEERS") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "nnc-peers")
    peers = {}
    for python in (os.environ.get("PYTHON"), os.path.join(made, "bin", "python"), "python3", "/usr/bin/python3"):
        torch = python and version(python, "torch")
        if not torch:
            continue
        torch = torch.split("+")[0]
        if "torch" in names:
            peers.setdefault("torch " + torch, Peer("torch " + torch, python, "torch_child.py", int(torch.split(".")[0]) >= 2))
        runtime = "onnxruntime" in names and version(python, "onnxruntime")
        if runtime:
            peers.setdefault("onnxruntime " + runtime, Peer("onnxruntime " + runtime, python, "onnx_child.py", False))
    return list(peers.values())


def settings(peer, model, entry):
    pictures = model in CONVOLUTIONS
    if peer.script == "onnx_child.py":
        return ["all"] if entry == "predict" else []
    if entry == "fit":
        return ["eager"] + ["last"] * pictures + (["last+compile" if pictures else "compile"] if peer.compiles else [])
    return ["eager", "frozen", "fused"] + ["last"] * (pictures and model != "gan") + ["compile"] * peer.compiles


class Foreign(Side):
    """One setting of a peer. Settings share a child per number of threads; those that compile have their own, which may be ended."""

    def __init__(self, peer, model, setting, children):
        self.label, self.peer, self.model, self.setting, self.children = peer.label, peer, model, setting, children
        self.limit = COMPILE_LIMIT if "compile" in setting else 600

    def new_child(self, threads):
        script = os.path.join(HERE, "measure", self.peer.script)
        log = os.path.join(os.environ["OUT"], self.peer.label.replace(" ", "-") + ".log")
        return Child([self.peer.python, script, self.model], torch_environment(threads), log)

    def child_for(self, threads):
        key = self.peer, threads, "compile" in self.setting
        if key not in self.children:
            self.children[key] = self.new_child(threads)
        self.child = self.children[key]
        return self.child
