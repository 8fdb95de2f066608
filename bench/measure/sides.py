"""sides.py: who is measured: this compiler (or two of them), and PyTorch. A side answers ask(entry, threads, rows, seconds)."""
import glob
import os
import subprocess
import time

import machine
from child import Child, ChildError
from models import CONVOLUTIONS, MODELS

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(HERE)


# The threads of the calls are those of libnnrt.
THREADS = [os.path.join(ROOT, "runtime", f) for f in ("model/gang.c", "base/base.c", "base/plain.c", "base/utf8.c")]


class Own:
    """A model as this compiler makes it, called through the core (step.c)."""

    def __init__(self, label, nnc, model, work):
        self.label, self.setting = label, ""
        place = os.path.join(work, label)
        os.makedirs(place, exist_ok=True)
        self.binary, target = os.path.join(place, model), os.path.join(place, model + ".o")
        begin = time.monotonic()
        made = subprocess.run([nnc, "-c", os.path.join(HERE, "models", model + ".nn"), "-o", target], capture_output=True, text=True)
        self.compile_seconds = time.monotonic() - begin
        if made.returncode:
            raise ChildError("%s does not compile: %s" % (model, made.stderr.strip()))
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O2", "-D_GNU_SOURCE", "-I", os.path.join(ROOT, "runtime"),
                        "-DPROGRAM=%s_program" % model, os.path.join(HERE, "step.c"), *THREADS, target, "-lpthread", "-o", self.binary],
                       check=True)
        self.child = Child([self.binary, MODELS[model].drawn], log=self.binary + ".log")

    def ask(self, entry, threads, rows, seconds):
        return self.child.ask("%s %d %d %g" % (entry, threads, rows, seconds))


def torch_python():
    """The interpreter that has PyTorch: PYTHON, the environment that bench/peers made, or the first of the usual ones; None."""
    for python in (os.environ.get("PYTHON"), os.environ.get("PEERS") and os.path.join(os.environ["PEERS"], "bin/python"),
                   "python3", "/usr/bin/python3"):
        try:
            if python and subprocess.run([python, "-c", "import torch"], capture_output=True).returncode == 0:
                return python
        except OSError:
            pass
    return None


def torch_environment(threads):
    """What makes PyTorch fast: see README.md, "Peers"."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "MKL_", "OMP_"))}   # of this user: its own choice is best
    env.update({name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
    if machine.has("avx512f"):
        env["ATEN_CPU_CAPABILITY"] = "avx512"
    blas = glob.glob("/usr/lib/*/openblas-openmp")
    if blas:
        env["LD_LIBRARY_PATH"] = ":".join(blas + [env.get("LD_LIBRARY_PATH", "")])
    keeps = glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4")
    if keeps:
        env["LD_PRELOAD"] = keeps[0]
    else:
        env["MALLOC_TRIM_THRESHOLD_"] = env["MALLOC_MMAP_THRESHOLD_"] = "1000000000"
    return env


def torch_settings(model, entry, compiles):
    pictures = model in CONVOLUTIONS
    if entry == "fit":
        return ["eager"] + ["last"] * pictures + (["last+compile" if pictures else "compile"] if compiles else [])
    return ["eager", "frozen", "fused"] + ["last"] * (pictures and model != "gan") + ["compile"] * compiles


class Torch:
    """One setting of PyTorch; settings of a model share a child per number of threads."""

    def __init__(self, python, model, setting, children):
        self.label, self.python, self.model, self.setting, self.children = "torch", python, model, setting, children

    def ask(self, entry, threads, rows, seconds):
        if threads not in self.children:
            script, log = os.path.join(HERE, "measure", "torch_child.py"), os.path.join(os.environ["OUT"], "torch.log")
            self.children[threads] = Child([self.python, script, self.model], torch_environment(threads), log)
        self.child = self.children[threads]
        return self.child.ask("%s %d %d %g %s" % (entry, threads, rows, seconds, self.setting))
