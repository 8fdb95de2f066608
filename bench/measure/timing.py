# SPDX-License-Identifier: MIT
"""timing.py: how the children of the peers time a call, and what memory they took."""
import statistics
import time


def warm(call, seconds=0.3):
    begin, i = time.perf_counter(), 0
    while i < 50 and time.perf_counter() - begin < seconds:
        call(i)
        i += 1


def time_calls(call, seconds):
    took, begin = [], time.perf_counter()
    while not took or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        call(len(took))
        took.append(time.perf_counter() - start)
    return {"median": statistics.median(took), "least": min(took), "calls": len(took)}


def peak_bytes():
    with open("/proc/self/status") as f:
        return next(1024 * int(line.split()[1]) for line in f if line.startswith("VmHWM"))
