# SPDX-License-Identifier: MIT
# random_cases.py: one random operation on random shapes, as text of nnc and as a function of PyTorch. Axes of features are last in
# nnc; where PyTorch has them second, the function moves them.
import re

import numpy as np
import torch
from torch.nn import functional as F


class Case:
    """args: name -> array; floats are differentiated, integers (with their bound) are not. body: nnc text whose last line begins with
    `y =`. reference: a function of the same arguments as tensors."""

    def __init__(self, what, args, body, reference, bound=None):
        self.what, self.args, self.body, self.reference, self.bound = what, args, body, reference, bound or {}


class Draw:
    """Random choices from one seed. Numbers are exact in single precision, and away from 0, where functions have their kinks."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def size(self, least=1, most=5):
        return int(self.rng.integers(least, most + 1))

    def shape(self, least=1, most=4, longest=5):
        return tuple(self.size(1, longest) for _ in range(self.size(least, most)))

    def one(self, items):
        return items[int(self.rng.integers(len(items)))]

    def flip(self):
        return bool(self.rng.integers(2))

    def numbers(self, shape, low=-2.0, high=2.0):
        x = self.rng.uniform(low, high, size=shape).astype(np.float32)
        return x + np.copysign(np.float32(0.05), x) if low < 0 else x

    def ids(self, shape, bound):
        return self.rng.integers(0, bound, size=shape).astype(np.int32)

    def axes(self, rank):
        """Some axes, some of them counted from the end, and the text of them."""
        n = self.size(1, rank)
        chosen = sorted(int(a) for a in self.rng.permutation(rank)[:n])
        shown = [a - rank if self.flip() else a for a in chosen]
        return chosen, str(shown[0]) if n == 1 else str(shown)


def last_to_second(x):
    return x.movedim(-1, 1).contiguous()


def second_to_last(x):
    return x.movedim(1, -1)


# ---- elementwise

UNARY = [
    ("abs(x)", torch.abs, -2, 2), ("exp(x)", torch.exp, -2, 2), ("expm1(x)", torch.expm1, -2, 2), ("log(x)", torch.log, 0.2, 4),
    ("log1p(x)", torch.log1p, -0.7, 4), ("sqrt(x)", torch.sqrt, 0.2, 4), ("rsqrt(x)", torch.rsqrt, 0.2, 4), ("sin(x)", torch.sin, -4, 4),
    ("cos(x)", torch.cos, -4, 4), ("sigmoid(x)", torch.sigmoid, -4, 4), ("tanh(x)", torch.tanh, -3, 3), ("erf(x)", torch.erf, -2, 2),
    ("erfc(x)", torch.erfc, -2, 2), ("-x", torch.neg, -2, 2), ("x ** 2", lambda x: x ** 2, -2, 2), ("x ** 3", lambda x: x ** 3, -2, 2),
    ("x ** -1", lambda x: x ** -1, 0.3, 2), ("x ** 0.5", lambda x: x ** 0.5, 0.3, 2), ("1 / x", lambda x: 1 / x, 0.3, 2),
    ("clip(x, -0.4, 0.7) * x", lambda x: torch.clip(x, -0.4, 0.7) * x, -2, 2), ("tan(x)", torch.tan, -1.2, 1.2), ("asin(x)", torch.asin, -0.9, 0.9), ("acos(x)", torch.acos, -0.9, 0.9), ("atan(x)", torch.atan, -4, 4), ("relu(x)", torch.relu, -2, 2), ("leaky_relu(x, slope=0.2)", lambda x: F.leaky_relu(x, 0.2), -2, 2), ("elu(x)", F.elu, -2, 2),
    ("selu(x)", F.selu, -2, 2), ("silu(x)", F.silu, -3, 3), ("gelu(x)", F.gelu, -3, 3), ("mish(x)", F.mish, -3, 3),
    ("softplus(x)", F.softplus, -3, 3), ("log_sigmoid(x)", F.logsigmoid, -3, 3), ("floor(x) * x", lambda x: torch.floor(x) * x, -3, 3),
    ("ceil(x) * x", lambda x: torch.ceil(x) * x, -3, 3), ("trunc(x) * x", lambda x: torch.trunc(x) * x, -3, 3),
    ("round(x) * x", lambda x: torch.round(x) * x, -3, 3),
    ("sign(x) * x * x", lambda x: torch.sign(x) * x * x, -3, 3), ("maximum(x, 0.5)", lambda x: torch.clamp(x, min=0.5), -2, 2),
    ("minimum(x, 0.5)", lambda x: torch.clamp(x, max=0.5), -2, 2), ("where(x > 0.3, x * x, 2 * x)", lambda x: torch.where(x > 0.3, x * x, 2 * x), -2, 2),
    ("sin(exp(x))", lambda x: torch.sin(torch.exp(x)), -2, 1), ("tanh(x) * x + exp(-x * x)", lambda x: torch.tanh(x) * x + torch.exp(-x * x), -2, 2),
]


def unary(d):
    text, f, low, high = d.one(UNARY)
    x = d.numbers(d.shape(0, 4), low, high)
    return Case(text, {"x": x}, "y = " + text, f)


BINARY = [
    ("a + b", lambda a, b: a + b, -2, 2), ("a - b", lambda a, b: a - b, -2, 2), ("a * b", lambda a, b: a * b, -2, 2), ("a / b", lambda a, b: a / b, 0.3, 2),
    ("a ** b", lambda a, b: a ** b, 0.3, 2), ("maximum(a, b)", torch.maximum, -2, 2), ("minimum(a, b)", torch.minimum, -2, 2),
    ("where(a > b, a * a, a * b)", lambda a, b: torch.where(a > b, a * a, a * b), -2, 2), ("a % b", lambda a, b: a - torch.floor(a / b) * b, 0.3, 2),
]


def binary(d):
    text, f, low, high = d.one(BINARY)
    a = d.shape(1, 4)
    b = a[int(d.rng.integers(len(a) + 1)):]           # missing axes in front stretch
    if d.flip():
        return Case(text + " aligned right", {"a": d.numbers(a, low, high), "b": d.numbers(b, low, high)}, "y = " + text, f)
    hole = int(d.rng.integers(len(a)))                  # an axis that stretches by _
    short = a[:hole] + a[hole + 1:]
    index = "b[" + ", ".join("_" if i == hole else ":" for i in range(len(a))) + "]"
    return Case(text + " with _", {"a": d.numbers(a, low, high), "b": d.numbers(short, low, high)}, "y = " + re.sub(r"\bb\b", index, text),
                lambda a, b: f(a, b.unsqueeze(hole)))


# ---- reductions and rows


def reduction(d):
    x = d.numbers(d.shape(1, 4))
    axes, shown = d.axes(x.ndim)
    name, keep = d.one(["sum", "mean", "max", "min"]), d.flip()
    f = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin}[name]
    return Case(name, {"x": x}, "y = %s(x, axis=%s%s)" % (name, shown, ", keep=true" if keep else ""), lambda x: f(x, dim=axes, keepdim=keep))


def spread(d):
    x = d.numbers(d.shape(1, 4))
    axes, shown = d.axes(x.ndim)
    n, keep = int(np.prod([x.shape[a] for a in axes])), d.flip()
    correction = d.size(0, min(n - 1, 2))
    name = d.one(["var", "std"]) if n > 1 else "var"
    text = "y = %s(x, axis=%s, correction=%d%s)" % (name, shown, correction, ", keep=true" if keep else "")
    if correction == 1 and len(axes) == x.ndim and not keep:
        text = "y = %s(x)" % name
    return Case(name, {"x": x}, text, lambda x: getattr(torch, name)(x, dim=axes, correction=correction, keepdim=keep))


def norms(d):
    x = d.numbers(d.shape(1, 4))
    axes, shown = d.axes(x.ndim)
    p, keep = d.one(["1", "2", "inf"]), d.flip()
    text = "y = norm(x, %saxis=%s%s)" % ("" if p == "2" and d.flip() else "p=%s, " % p, shown, ", keep=true" if keep else "")
    return Case("norm", {"x": x}, text, lambda x: torch.linalg.vector_norm(x, float(p), dim=axes, keepdim=keep))


def product(d):
    x = d.numbers(d.shape(1, 3, 4), 0.5, 1.5)
    axis = int(d.rng.integers(x.ndim))
    return Case("prod", {"x": x}, "y = prod(x, axis=%d)" % axis, lambda x: torch.prod(x, dim=axis))


def cumulative(d):
    x = d.numbers(d.shape(1, 4))
    axis = int(d.rng.integers(x.ndim))
    if d.flip():
        return Case("cumsum", {"x": x}, "y = cumsum(x, axis=%d)" % axis, lambda x: torch.cumsum(x, dim=axis))
    x[d.rng.uniform(size=x.shape) < d.one([0, 0.2])] = 0
    return Case("cumprod", {"x": x}, "y = cumprod(x, axis=%d)" % axis, lambda x: torch.cumprod(x, dim=axis))


def rows(d):
    x = d.numbers(d.shape(1, 4, 6), -3, 3)
    axis = int(d.rng.integers(x.ndim)) - d.one([0, x.ndim])
    # Of one number only its sign is left: 1 / x ** 2 cancels in the second gradient, of which the limit sees nothing.
    apart = np.copysign(np.maximum(abs(x), 0.5), x) if x.shape[-1] == 1 else x
    return d.one([
        Case("softmax", {"x": x}, "y = softmax(x, axis=%d)" % axis, lambda x: F.softmax(x, dim=axis)),
        Case("log_softmax", {"x": x}, "y = log_softmax(x, axis=%d)" % axis, lambda x: F.log_softmax(x, dim=axis)),
        Case("logsumexp", {"x": x}, "y = logsumexp(x)", lambda x: torch.logsumexp(x, dim=-1)),
        Case("l2_normalize", {"x": apart}, "y = l2_normalize(x)", lambda x: F.normalize(x, dim=-1)),
    ])


def similarity(d):
    shape = d.shape(2, 3) + (d.size(2, 5),)
    return Case("cosine_similarity", {"a": d.numbers(shape), "b": d.numbers(shape)}, "y = cosine_similarity(a, b)", lambda a, b: F.cosine_similarity(a, b, dim=-1))


# ---- contractions

EINSUM = ["bik,bkj->bij", "ij,ij->i", "ijk,jl->ikl", "bhte,bhse->bhts", "ij,jk,kl->il", "ijk->ki", "ij,kj->ik", "i,j->ij", "ijk,ijk->", "abc,bd->adc", "aa->a", "aab->b", "abb,b->a", "aba,cb->ac", "aaa,a->"]


def einsum(d):
    pattern = d.one(EINSUM)
    inputs, output = pattern.split("->")
    size = {c: d.size() for c in "abcdehijklst"}
    args = {n: d.numbers(tuple(size[c] for c in letters)) for n, letters in zip("uvw", inputs.split(","))}
    spaced = ", ".join(" ".join(t) for t in inputs.split(",")) + " -> " + " ".join(output)
    return Case("einsum " + pattern, args, 'y = einsum("%s", %s)' % (spaced.strip(), ", ".join(args)), lambda *a: torch.einsum(pattern, *a))


def matmul(d):
    m, k, n, batch = d.size(1, 7), d.size(1, 7), d.size(1, 7), d.shape(0, 2, 3) if d.flip() else ()
    right = batch if d.flip() else ()
    if batch and d.flip():                              # some axes of one side stretch
        whole = [i for i in range(len(batch)) if d.flip()] or [0]
        part, index = tuple(batch[i] for i in range(len(batch)) if i not in whole), ["_" if i in whole else ":" for i in range(len(batch))]
        stretched = lambda x: x[tuple(None if i == "_" else slice(None) for i in index)]
        text = "[%s, ...]" % ", ".join(index)
        if d.flip():
            return Case("@ stretched", {"a": d.numbers(batch + (m, k)), "b": d.numbers(part + (k, n))}, "y = a @ b" + text, lambda a, b: a @ stretched(b))
        return Case("@ stretched", {"a": d.numbers(part + (m, k)), "b": d.numbers(batch + (k, n))}, "y = a%s @ b" % text, lambda a, b: stretched(a) @ b)
    return Case("@", {"a": d.numbers(batch + (m, k)), "b": d.numbers(right + (k, n))}, "y = a @ b", torch.matmul)


def literal(d):
    n, c = d.size(1, 4), d.numbers((d.size(1, 4), d.size(1, 4)))
    if d.flip():
        return Case("list", {"x": d.numbers((n, c.shape[1]))}, "y = x * %s" % [float(v) for v in c[0]], lambda x: x * torch.tensor(c[0], dtype=x.dtype))
    return Case("lists", {"x": d.numbers((n, c.shape[0])), "s": d.numbers(())}, "y = x @ %s * [s, 2, s * s][:, _, _]" % [[float(v) for v in row] for row in c],
                lambda x, s: (x @ torch.tensor(c, dtype=x.dtype)) * torch.stack([s, torch.tensor(2, dtype=x.dtype), s * s])[:, None, None])


def pair(d, least, most, places):
    """A number for all places, or a list; as numbers and as text."""
    if places == 1 or d.flip():
        n = d.size(least, most)
        return (n,) * places, str(n)
    n = tuple(d.size(least, most) for _ in range(places))
    return n, str(list(n))


def convolution(d):
    places, groups = d.one([1, 2, 2]), d.one([1, 1, 1, 2, 3])
    c_in, c_out = groups * d.size(1, 3), groups * d.size(1, 3)
    kernel = tuple(d.size(1, 4) for _ in range(places))
    (stride, s), (dilation, l), (pad, p) = pair(d, 1, 3, places), pair(d, 1, 2, places), pair(d, 0, 3, places)
    reach = [dilation[i] * (kernel[i] - 1) + 1 for i in range(places)]
    size = tuple(d.size(max(1, reach[i] - 2 * pad[i]), max(1, reach[i] - 2 * pad[i]) + 5) for i in range(places))
    x, w = d.numbers((d.size(1, 3),) + size + (c_in,)), d.numbers(kernel + (c_in // groups, c_out))
    f = F.conv1d if places == 1 else F.conv2d

    def reference(x, w):
        return second_to_last(f(last_to_second(x), w.permute(*range(places, places + 2), *range(places)).transpose(0, 1).contiguous(), None, stride, pad, dilation, groups))
    return Case("conv%dd" % places, {"x": x, "w": w}, "y = conv%dd(x, w, stride=%s, pad=%s, dilation=%s, groups=%d)" % (places, s, p, l, groups), reference)


def transposed(d):
    places, groups = d.one([1, 2, 2]), d.one([1, 1, 1, 2, 3])
    c_in, c_out = groups * d.size(1, 3), groups * d.size(1, 3)
    kernel = tuple(d.size(1, 4) for _ in range(places))
    (stride, s), (dilation, l) = pair(d, 1, 3, places), pair(d, 1, 2, places)
    reach = [dilation[i] * (kernel[i] - 1) for i in range(places)]
    pad = tuple(int(d.rng.integers(0, r // 2 + 1)) for r in reach)
    extra = tuple(int(d.rng.integers(0, max(stride[i], dilation[i]))) if d.flip() else 0 for i in range(places))
    extra = tuple(min(e, stride[i] - 1) for i, e in enumerate(extra))
    x = d.numbers((d.size(1, 3),) + tuple(d.size(1, 5) for _ in range(places)) + (c_in,))
    w = d.numbers(kernel + (c_in, c_out // groups))
    f = F.conv_transpose1d if places == 1 else F.conv_transpose2d
    shown = [str(v[0]) if places == 1 else str(list(v)) for v in (pad, extra)]

    def reference(x, w):
        return second_to_last(f(last_to_second(x), w.permute(*range(places, places + 2), *range(places)).contiguous(), None, stride, pad, extra, groups, dilation))
    text = "y = conv%dd_transpose(x, w, stride=%s, pad=%s, dilation=%s, groups=%d, output_pad=%s)" % (places, s, shown[0], l, groups, shown[1])
    return Case("conv%dd_transpose" % places, {"x": x, "w": w}, text, reference)


def pooling(d):
    places, kind, ceil = d.one([1, 2, 2]), d.one(["max", "avg"]), d.flip()
    (k, shown_k), (stride, s) = pair(d, 1, 4, places), pair(d, 1, 4, places)
    pad, p = pair(d, 0, min(k) // 2, places)
    dilation, l = pair(d, 1, 2, places) if kind == "max" else ((1,) * places, "1")
    size = tuple(d.size(max(1, dilation[i] * (k[i] - 1) + 1 - 2 * pad[i]), 9) if dilation[i] * (k[i] - 1) + 1 - 2 * pad[i] <= 9 else 12 for i in range(places))
    x = d.numbers((d.size(1, 2),) + size + (d.size(1, 3),))
    count = d.flip()
    if kind == "max":
        f = F.max_pool1d if places == 1 else F.max_pool2d
        reference = lambda x: second_to_last(f(last_to_second(x), k, stride, pad, dilation, ceil))
        more = ", dilation=%s" % l
    else:
        f = F.avg_pool1d if places == 1 else F.avg_pool2d
        reference = lambda x: second_to_last(f(last_to_second(x), k, stride, pad, ceil, count))
        more = ", count_pad=%s" % str(count).lower()
    text = "y = %s_pool%dd(x, %s, stride=%s, pad=%s, ceil=%s%s)" % (kind, places, shown_k, s, p, str(ceil).lower(), more)
    return Case("%s_pool%dd" % (kind, places), {"x": x}, text, reference)


# ---- normalisation, attention, losses


def normalisation(d):
    groups = d.size(1, 3)
    c = groups * d.size(2, 4)
    x, g, b = d.numbers((d.size(2, 3),) + d.shape(1, 2, 4) + (c,)), d.numbers((c,)), d.numbers((c,))
    args, places = {"x": x, "g": g, "b": b}, tuple(range(x.ndim - 1))
    scaled = "y = (x - m) * rsqrt(v + 1e-5) * g + b"
    which = d.one(["layer", "batch", "group", "rms"])
    if which == "layer":
        return Case("layer norm", args, "m = mean(x, axis=-1, keep=true)\nv = mean((x - m) ** 2, axis=-1, keep=true)\n" + scaled, lambda x, g, b: F.layer_norm(x, (c,), g, b))
    if which == "batch":
        return Case("batch norm", args, "m = mean(x, axis=%s)\nv = mean((x - m) ** 2, axis=%s)\n" % (list(places), list(places)) + scaled,
                    lambda x, g, b: second_to_last(F.batch_norm(last_to_second(x), None, None, g, b, True)))
    if which == "rms":
        return Case("rms norm", args, "y = x * rsqrt(mean(x ** 2, axis=-1, keep=true) + 1e-5) * g + b",
                    lambda x, g, b: x * torch.rsqrt((x ** 2).mean(-1, keepdim=True) + 1e-5) * g + b)
    body = ('z = rearrange(x, "n ... (k c) -> n k (... c)", k=%d)\nm = mean(z, axis=-1, keep=true)\nv = mean((z - m) ** 2, axis=-1, keep=true)\n'
            'u = reshape((z - m) * rsqrt(v + 1e-5), [%d, %d, %d, %d])\n' % (groups, x.shape[0], groups, int(np.prod(x.shape[1:-1])), c // groups) +
            'y = reshape(rearrange(u, "n k s c -> n s (k c)"), %s) * g + b' % list(x.shape))
    return Case("group norm", args, body, lambda x, g, b: second_to_last(F.group_norm(last_to_second(x), groups, g, b)))


def attention(d):
    b, n, t, s, e, f = d.size(1, 2), d.size(1, 2), d.size(1, 4), d.size(1, 4), d.size(1, 4), d.size(1, 4)
    args = {"q": d.numbers((b, n, t, e)), "k": d.numbers((b, n, s, e)), "v": d.numbers((b, n, s, f))}
    return Case("attention", args, 'w = softmax(einsum("b n t e, b n s e -> b n t s", q, k) / sqrt(%d.0))\ny = einsum("b n t s, b n s f -> b n t f", w, v)' % e,
                lambda q, k, v: torch.einsum("bnts,bnsf->bntf", F.softmax(torch.einsum("bnte,bnse->bnts", q, k) / e ** 0.5, dim=-1), v))


def loss(d):
    rows, c = d.size(1, 5), d.size(2, 6)
    x, z, ids = d.numbers((rows, c), -3, 3), d.numbers((rows, c), -3, 3), d.ids((rows,), c)
    share = d.rng.uniform(0, 1, size=(rows, c)).astype(np.float32)
    one = d.one(["cross_entropy", "smooth", "weights", "binary_cross_entropy", "mse", "mae", "huber", "soft_cross_entropy", "gaussian_nll", "square_error"])
    if one == "cross_entropy":
        return Case(one, {"x": x, "ids": ids}, "y = cross_entropy(x, ids)", lambda x, ids: F.cross_entropy(x, ids.long()), {"ids": c})
    if one == "smooth":
        return Case(one, {"x": x, "ids": ids}, "y = cross_entropy(x, ids, smooth=0.1)", lambda x, ids: F.cross_entropy(x, ids.long(), label_smoothing=0.1), {"ids": c})
    if one == "weights":
        w = d.numbers((c,), 0.2, 2)
        return Case(one, {"x": x, "w": w, "ids": ids}, "y = cross_entropy(x, ids, weights=w)",
                    lambda x, w, ids: (F.cross_entropy(x, ids.long(), reduction="none") * w[ids.long()]).sum() / w[ids.long()].sum(), {"ids": c})
    if one == "binary_cross_entropy":
        return Case(one, {"x": x, "t": share}, "y = binary_cross_entropy(x, t)", F.binary_cross_entropy_with_logits)
    if one == "soft_cross_entropy":
        return Case(one, {"x": x, "t": share}, "y = soft_cross_entropy(x, t)", lambda x, t: -(t * F.log_softmax(x, dim=-1)).sum(-1).mean())
    if one == "mse":
        return Case(one, {"x": x, "z": z}, "y = mse(x, z)", F.mse_loss)
    if one == "mae":
        return Case(one, {"x": x, "z": z}, "y = mae(x, z)", F.l1_loss)
    if one == "huber":
        return Case(one, {"x": x, "z": z}, "y = huber(x, z)", F.huber_loss)
    if one == "square_error":
        return Case(one, {"x": x, "z": z}, "y = square_error(x, z)", lambda x, z: 0.5 * ((x - z) ** 2).sum())
    v = d.numbers((rows, c), 0.3, 2)
    return Case(one, {"x": x, "z": z, "v": v}, "y = mean(0.5 * (log(v) + (x - z) ** 2 / v))", lambda x, z, v: F.gaussian_nll_loss(x, z, v))


# ---- places of elements


def indexing(d):
    x = d.numbers(d.shape(1, 4, 6))
    text, index, flips = [], [], []
    for i, n in enumerate(x.shape):
        lo = int(d.rng.integers(n))
        hi = int(d.rng.integers(lo, n)) + 1
        step = d.size(1, 3)
        choice = d.one(["all", "one", "range", "step", "open"])
        if choice == "all":
            text.append(":"), index.append(slice(None))
        elif choice == "one":
            text.append(str(lo)), index.append(lo)
        elif choice == "range":
            text.append("%d:%d" % (lo, hi)), index.append(slice(lo, hi))
        elif choice == "step":
            text.append("%d:%d:%d" % (lo, hi, step)), index.append(slice(lo, hi, step))
        else:
            text.append("%d:" % lo), index.append(slice(lo, None))
    return Case("index", {"x": x}, "y = x[%s]" % ", ".join(text), lambda x: x[tuple(index)])


def gathering(d):
    n, c = d.size(1, 5), d.size(1, 4)
    shape = d.shape(1, 2, 4)
    one = d.one(["take", "take1", "pick", "scatter_add", "one_hot", "places"])
    if one == "take":
        return Case(one, {"x": d.numbers((n, c)), "ids": d.ids(shape, n)}, "y = take(x, ids)", lambda x, ids: x[ids.long()], {"ids": n})
    if one == "take1":
        return Case(one, {"x": d.numbers((c, n, 2)), "ids": d.ids(shape[:1], n)}, "y = take(x, ids, axis=1)", lambda x, ids: x[:, ids.long()], {"ids": n})
    if one == "places":
        return Case(one, {"x": d.numbers((2, n, c, 3)), "i": d.ids(shape, n), "j": d.ids(shape[-1:], c)}, "y = x[:, i, j]",
                    lambda x, i, j: x[:, i.long(), j.long()], {"i": n, "j": c})
    if one == "pick":
        return Case(one, {"x": d.numbers(shape + (n,)), "ids": d.ids(shape, n)}, "y = pick(x, ids)",
                    lambda x, ids: torch.gather(x, -1, ids.long()[..., None])[..., 0], {"ids": n})
    if one == "one_hot":
        return Case(one, {"x": d.numbers(shape + (n,)), "ids": d.ids(shape, n)}, "y = one_hot(ids, %d) * x" % n, lambda x, ids: F.one_hot(ids.long(), n).to(x.dtype) * x, {"ids": n})
    return Case(one, {"x": d.numbers(shape + (c,)), "ids": d.ids(shape, n)}, "y = scatter_add(ids, x, %d)" % n,
                lambda x, ids: torch.zeros(n, c, dtype=x.dtype).index_add(0, ids.long().reshape(-1), x.reshape(-1, c)), {"ids": n})


def moving(d):
    x = d.numbers(d.shape(2, 4))
    axis, n = int(d.rng.integers(x.ndim)), d.size(0, 6) - 3
    before, after, order = d.size(0, 3), d.size(0, 3), [int(i) for i in d.rng.permutation(x.ndim)]
    names = "abcd"[:x.ndim]
    padding = [0, 0] * (x.ndim - 1 - axis) + [before, after]
    return d.one([
        Case("pad", {"x": x}, "y = pad(x, axis=%d, before=%d, after=%d)" % (axis, before, after), lambda x: F.pad(x, padding)),
        Case("flip", {"x": x}, "y = flip(x, axis=%d)" % axis, lambda x: torch.flip(x, (axis,))),
        Case("roll", {"x": x}, "y = roll(x, %d, axis=%d)" % (n, axis), lambda x: torch.roll(x, n, axis)),
        Case("transpose", {"x": x}, "y = transpose(x)", lambda x: x.transpose(-1, -2)),
        Case("rearrange", {"x": x}, 'y = rearrange(x, "%s -> %s")' % (" ".join(names), " ".join(names[i] for i in order)), lambda x: x.permute(order)),
        Case("merge", {"x": x}, 'y = rearrange(x, "a b ... -> (b a) ...")', lambda x: x.transpose(0, 1).reshape((-1,) + x.shape[2:])),
        Case("repeat", {"x": x}, 'y = repeat(x, "a ... -> a n ...", n=3)', lambda x: x.unsqueeze(1).repeat_interleave(3, dim=1)),
        Case("reshape", {"x": x}, "y = reshape(x, [%d])" % x.size, lambda x: x.reshape(-1)),
    ])


def joining(d):
    shape = list(d.shape(1, 3))
    axis = int(d.rng.integers(len(shape)))
    other = list(shape)
    other[axis] = d.size()
    if d.flip():
        return Case("concat", {"a": d.numbers(shape), "b": d.numbers(other)}, "y = concat([a, b, a * a], axis=%d)" % axis, lambda a, b: torch.cat([a, b, a * a], dim=axis))
    return Case("stack", {"a": d.numbers(shape), "b": d.numbers(shape)}, "y = stack([a, b], axis=%d)" % axis, lambda a, b: torch.stack([a, b], dim=axis))


def largest(d):
    shape = d.shape(0, 2) + (d.size(2, 6),)
    k = d.size(1, shape[-1])
    return Case("top_k", {"x": d.numbers(shape)}, "y, at = top_k(x, %d)" % k, lambda x: torch.topk(x, k, dim=-1)[0])


def ordered(d):
    x = d.numbers(d.shape(1, 4))
    axis, falls = int(d.rng.integers(x.ndim)), d.flip()
    if d.flip():
        x = np.sign(x) * np.ceil(np.abs(x))            # equal ones among them
    text = "axis=%d%s" % (axis - d.one([0, x.ndim]), ", descending=true" if falls else "")
    sort = lambda x: torch.sort(x, stable=True, dim=axis, descending=falls)
    return d.one([
        Case("sort", {"x": x}, "y = sort(x, %s) * x" % text, lambda x: sort(x)[0] * x),
        Case("argsort", {"x": x}, "y = float(argsort(x, %s)) * x" % text, lambda x: sort(x)[1] * x),
    ])


def volumes(d):
    kernel, stride, pad, dilation = d.size(1, 3), d.size(1, 2), d.size(0, 1), d.size(1, 2)
    reach, groups = dilation * (kernel - 1) + 1, d.one([1, 1, 2])
    c_in, c_out = groups * d.size(1, 2), groups * d.size(1, 2)
    size = tuple(d.size(max(1, reach - 2 * pad), max(1, reach - 2 * pad) + 3) for _ in range(3))
    text, options = "stride=%d, pad=%d" % (stride, pad), dict(stride=stride, padding=pad)
    volume = d.numbers((d.size(1, 2),) + size + (c_in,))
    one = d.one(["conv3d", "conv3d_transpose", "max_pool3d", "avg_pool3d"])
    if one == "conv3d":
        return Case(one, {"x": volume, "w": d.numbers((kernel,) * 3 + (c_in // groups, c_out))},
                    "y = volume.conv3d(x, w, %s, dilation=%d, groups=%d)" % (text, dilation, groups),
                    lambda x, w: second_to_last(F.conv3d(last_to_second(x), w.permute(4, 3, 0, 1, 2), dilation=dilation, groups=groups, **options)))
    if one == "conv3d_transpose":
        pad = min(pad, (reach - 1) // 2)
        return Case(one, {"x": d.numbers((1, 2, 3, 2, c_in)), "w": d.numbers((kernel,) * 3 + (c_in, c_out))},
                    "y = volume.conv3d_transpose(x, w, stride=%d, pad=%d, output_pad=%d, dilation=%d)" % (stride, pad, stride - 1, dilation),
                    lambda x, w: second_to_last(F.conv_transpose3d(last_to_second(x), w.permute(3, 4, 0, 1, 2), stride=stride, padding=pad,
                                                                   output_padding=stride - 1, dilation=dilation)))
    k, pad = kernel + 1, d.size(0, 1)
    volume = d.numbers((1,) + tuple(d.size(k, k + 3) for _ in range(3)) + (2,))
    f = F.max_pool3d if one == "max_pool3d" else lambda x, k, s, p: F.avg_pool3d(x, k, s, p, count_include_pad=False)
    return Case(one, {"x": volume}, "y = volume.%s(x, %d, stride=%d, pad=%d)" % (one, k, stride, pad),
                lambda x: second_to_last(f(last_to_second(x), k, stride, pad)))


def windows(d):
    k, stride, pad, dilation = d.size(1, 3), d.size(1, 2), d.size(0, 1), d.size(1, 2)
    reach, b, c = dilation * (k - 1) + 1, d.size(1, 2), d.size(1, 3)
    h, w = (d.size(max(1, reach - 2 * pad), max(1, reach - 2 * pad) + 4) for _ in range(2))
    x, text, options = d.numbers((b, h, w, c)), "stride=%d, pad=%d, dilation=%d" % (stride, pad, dilation), dict(stride=stride, padding=pad, dilation=dilation)
    p, q = ((n + 2 * pad - reach) // stride + 1 for n in (h, w))
    one = d.one(["unfold", "fold", "grid_sample", "max_unpool"])
    if one == "unfold":
        return Case(one, {"x": x}, "y = vision.unfold(x, %d, %s)" % (k, text),
                    lambda x: F.unfold(last_to_second(x), k, **options).reshape(b, c, k, k, p, q).permute(0, 4, 5, 2, 3, 1))
    if one == "fold":
        return Case(one, {"x": d.numbers((b, p, q, k, k, c))}, "y = vision.fold(x, %d, %d, %s)" % (h, w, text),
                    lambda x: second_to_last(F.fold(x.permute(0, 5, 3, 4, 1, 2).reshape(b, c * k * k, p * q), (h, w), k, **options)))
    if one == "grid_sample":
        corners = d.flip()
        return Case(one, {"x": x, "at": d.numbers((b, 2, 3, 2), -1.2, 1.2)}, "y = vision.grid_sample(x, at%s)" % (", corners=true" if corners else ""),
                    lambda x, at: second_to_last(F.grid_sample(last_to_second(x), at, align_corners=corners)))
    k = d.size(1, min(h, w, 3))
    pool = lambda x: F.max_pool2d(last_to_second(x), k, return_indices=True)
    return Case(one, {"x": d.numbers((b, h // k * k, w // k * k, c))}, "v, place = vision.max_pool_places(x, %d)\ny = vision.max_unpool(v, place, %d)" % (k, k),
                lambda x: second_to_last(F.max_unpool2d(*pool(x), k)))


KINDS = [unary, unary, binary, binary, reduction, spread, norms, product, cumulative, rows, similarity, einsum, matmul, matmul, literal, convolution, convolution, transposed, transposed,
         pooling, pooling, normalisation, attention, loss, indexing, gathering, moving, joining, largest, ordered, volumes, windows]


def random_case(seed):
    d = Draw(seed)
    return d.one(KINDS)(d)
