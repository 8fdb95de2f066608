# SPDX-License-Identifier: MIT
"""torch_kernels.py: the cases of kernel_cases.py in PyTorch. Asked `CASE THREADS SECONDS`, answers with JSON like step.c."""
import json
import sys

import torch
from torch.nn import functional as F

from kernel_cases import CONVS, ROWS, cases, out_side
from timing import time_calls, warm


def product(form, m, n, k):
    a = torch.randn(k, m).t() if form[0] == "t" else torch.randn(m, k)
    b = torch.randn(n, k).t() if form[1] == "t" else torch.randn(k, n)
    out = torch.empty(m, n)
    return lambda _: torch.mm(a, b, out=out)


def convolution(label, what):
    c, last = CONVS[label], torch.channels_last
    side = out_side(c)
    x = torch.randn(c.rows, c.n_in, c.side, c.side).contiguous(memory_format=last)
    g = torch.randn(c.rows, c.n_out, side, side).contiguous(memory_format=last)
    shape = (c.n_in, c.n_out // c.groups) if c.transposed else (c.n_out, c.n_in // c.groups)
    w = torch.randn(*shape, c.kernel, c.kernel).contiguous(memory_format=last)
    stride, pad, none = [c.stride] * 2, [c.pad] * 2, [0, 0]
    if what == "forward":
        return lambda _: torch.convolution(x, w, None, stride, pad, [1, 1], c.transposed, none, c.groups)
    wanted = [what == "dx", what == "dw", False]
    return lambda _: torch.ops.aten.convolution_backward(g, x, w, None, stride, pad, [1, 1], c.transposed, none, c.groups, wanted)


def row_function(label, what):
    n, m = ROWS[label]
    x, g = torch.randn(n, m), torch.randn(n, m)
    forward = {"softmax": lambda v: F.softmax(v, -1), "gelu": F.gelu, "layer_norm": lambda v: F.layer_norm(v, (m,)),
               "batch_norm": lambda v: F.batch_norm(v, None, None, training=True)}[label]
    if what == "forward":
        return lambda _: forward(x)
    x.requires_grad_(True)
    y = forward(x)
    return lambda _: torch.autograd.grad(y, x, g, retain_graph=True)


def main():
    made = {"products": product, "convolutions": convolution, "rows": row_function}
    known = {c.name: c for c in cases()}
    for line in sys.stdin:
        name, threads, seconds = line.split()
        torch.set_num_threads(int(threads))
        call = made[known[name].group](*known[name].made)
        with torch.set_grad_enabled(name.endswith("_dx") and known[name].group == "rows"):
            warm(call, 0.05)
            print(json.dumps(time_calls(call, float(seconds))), flush=True)


main()
