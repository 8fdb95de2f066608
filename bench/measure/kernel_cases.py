# SPDX-License-Identifier: MIT
"""kernel_cases.py: single operations: as an export of a program, with what they need, and (torch_kernels.py) what PyTorch calls them."""
from collections import namedtuple

# name of the export; group; its text; operations; bytes of all tensors, each once; what it was made of
Case = namedtuple("Case", "name group text operations bytes made")
Conv = namedtuple("Conv", "rows side n_in n_out kernel stride pad groups transposed")

SHAPES = [(n, n, n) for n in (64, 100, 128, 256, 512, 1024, 2048)] + [
    (33, 17, 65), (50, 36, 77), (1, 1024, 1024), (32, 4096, 1024), (64, 512, 784), (2048, 512, 128)]     # rows, columns, terms
CONVS = {
    "c3_64": Conv(16, 32, 64, 64, 3, 1, 1, 1, False), "c3_128": Conv(16, 16, 128, 128, 3, 1, 1, 1, False),
    "c3_16": Conv(64, 32, 16, 16, 3, 1, 1, 1, False), "c1_64_256": Conv(16, 32, 64, 256, 1, 1, 0, 1, False),
    "c1_256_64": Conv(16, 32, 256, 64, 1, 1, 0, 1, False), "c5_6_16": Conv(64, 14, 6, 16, 5, 1, 0, 1, False),
    "c3s2_64_128": Conv(16, 32, 64, 128, 3, 2, 1, 1, False), "c4s2_32_64": Conv(64, 14, 32, 64, 4, 2, 1, 1, False),
    "c7s2_3_64": Conv(4, 112, 3, 64, 7, 2, 3, 1, False), "depthwise_128": Conv(16, 32, 128, 128, 3, 1, 1, 128, False),
    "ct4s2_64_32": Conv(64, 7, 64, 32, 4, 2, 1, 1, True), "ct4s2_32_1": Conv(64, 14, 32, 1, 4, 2, 1, 1, True),
}
ROWS = {"softmax": (4096, 512), "layer_norm": (4096, 512), "gelu": (4096, 512), "batch_norm": (16384, 128)}
HEAD = """fn layer_norm[B, C](x: float[B, C]) -> float[B, C] {
    d = x - mean(x, axis=1, keep=true)
    return d * rsqrt(mean(d ** 2, axis=1, keep=true) + 1e-5)
}
fn batch_norm[B, C](x: float[B, C]) -> float[B, C] {
    d = x - mean(x, axis=0, keep=true)
    return d * rsqrt(mean(d ** 2, axis=0, keep=true) + 1e-5)
}
"""


def products():
    for m, n, k in SHAPES:
        for form in ("nn", "nt", "tn"):
            a = (k, m) if form[0] == "t" else (m, k)
            b = (n, k) if form[1] == "t" else (k, n)
            name = "%s_%d_%d_%d" % (form, m, n, k)
            text = "export fn %s(a: float[%d, %d], b: float[%d, %d]) -> float[%d, %d] { return %s @ %s }" % (
                name, *a, *b, m, n, "transpose(a)" if form[0] == "t" else "a", "transpose(b)" if form[1] == "t" else "b")
            yield Case(name, "products", text, 2 * m * n * k, 4 * (m * n + m * k + n * k), (form, m, n, k))


def out_side(c):
    if c.transposed:
        return (c.side - 1) * c.stride + c.kernel - 2 * c.pad
    return (c.side + 2 * c.pad - c.kernel) // c.stride + 1


def convolutions():
    for label, c in CONVS.items():
        side = out_side(c)
        x, y = (c.rows, c.side, c.side, c.n_in), (c.rows, side, side, c.n_out)
        w = (c.kernel, c.kernel, c.n_in, c.n_out // c.groups) if c.transposed else (c.kernel, c.kernel, c.n_in // c.groups, c.n_out)
        pixels = c.rows * (c.side ** 2 if c.transposed else side ** 2)
        operations = 2 * pixels * c.kernel ** 2 * c.n_in * c.n_out // c.groups
        call = "conv2d%s(x, w, stride=%d, pad=%d, groups=%d)" % ("_transpose" * c.transposed, c.stride, c.pad, c.groups)
        types = {"x": "float[%d, %d, %d, %d]" % x, "w": "float[%d, %d, %d, %d]" % w, "y": "float[%d, %d, %d, %d]" % y}
        size = {k: 4 * v[0] * v[1] * v[2] * v[3] for k, v in (("x", x), ("w", w), ("y", y))}
        for what, gives in (("forward", "y"), ("dx", "x"), ("dw", "w")):
            name = "%s_%s" % (label, what)
            args, body = "x: %(x)s, w: %(w)s" % types, call
            if what != "forward":
                args += ", g: " + types["y"]
                body = "grad(sum(%s * g), wrt=%s)" % (call, gives)
            text = "export fn %s(%s) -> %s { return %s }" % (name, args, types[gives], body)
            yield Case(name, "convolutions", text, operations, sum(size.values()), (label, what))


def rows():
    for label, (n, m) in ROWS.items():
        t = "float[%d, %d]" % (n, m)
        yield Case(label + "_forward", "rows", "export fn %s_forward(x: %s) -> %s { return %s(x) }" % (label, t, t, label), 0, 8 * n * m,
                   (label, "forward"))
        text = "export fn %s_dx(x: %s, g: %s) -> %s { return grad(sum(%s(x) * g), wrt=x) }" % (label, t, t, t, label)
        yield Case(label + "_dx", "rows", text, 0, 12 * n * m, (label, "dx"))


def cases():
    return list(products()) + list(convolutions()) + list(rows())


def program(some):
    return HEAD + "\n".join(c.text for c in some) + "\n"
