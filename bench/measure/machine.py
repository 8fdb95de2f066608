# SPDX-License-Identifier: MIT
"""machine.py: the machine that is measured on: its name, its peak, and whether it is quiet."""
import os
import subprocess
import time

from child import TICKS, Child, own_cpu

QUIET = 0.05      # of one core: what other programs may use
STOLEN = 0.02     # of one core: what the host of a virtual machine may take


def name():
    try:
        with open("/proc/cpuinfo") as f:
            return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), "unknown processor")
    except OSError:
        return "unknown processor"


def cores():
    return len(os.sched_getaffinity(0))


def has(flag):
    with open("/proc/cpuinfo") as f:
        return any(line.startswith("flags") and flag in line.split() for line in f)


def counters():
    """Seconds that all cores together worked, and seconds that were stolen from them, since the start of the machine."""
    with open("/proc/stat") as f:
        n = [int(v) / TICKS for v in f.readline().split()[1:9]]
    return n[0] + n[1] + n[2] + n[5] + n[6], n[7]


class Watch:
    """How busy others keep the machine while the children of one cell work. Sums over pieces: `with watch: ...`."""

    def __init__(self, children=()):
        self.children, self.wall, self.others, self.stolen = children, 0.0, 0.0, 0.0

    def mine(self):
        return own_cpu() + sum(c.cpu() for c in self.children)

    def __enter__(self):
        self.begin, self.at, self.used = time.monotonic(), counters(), self.mine()
        return self

    def __exit__(self, *_):
        wall, (busy, stolen), used = time.monotonic() - self.begin, counters(), self.mine()
        self.wall += wall
        self.others += busy - self.at[0] - (used - self.used)
        self.stolen += stolen - self.at[1]

    def load(self):
        """Of a core: other programs, stolen time. Clocks tick a hundred times a second: less than two ticks are none."""
        wall, tick = max(self.wall, 1e-9), 2.0 / TICKS
        return max(0.0, self.others - tick) / wall, max(0.0, self.stolen - tick) / wall

    def busy(self):
        others, stolen = self.load()
        return others > QUIET or stolen > STOLEN


def check(seconds=0.5):
    """A Watch over a moment in which nothing is measured."""
    watch = Watch()
    with watch:
        time.sleep(seconds)
    return watch


def build_peak(here, work):
    runtime, binary = os.path.join(here, "..", "runtime"), os.path.join(work, "peak")
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O3", "-march=native", "-ffp-contract=fast", "-I", runtime,
                    os.path.join(here, "peak.c"), os.path.join(runtime, "command", "peak.c"), "-o", binary, "-lpthread"], check=True)
    return Child([binary])
