#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# check.py CASE NNC: the programs of this folder against the same models in PyTorch, from equal weights on equal data: outputs,
# gradients, losses of 30 steps in double precision (to 1e-8) and in single (to 1e-3). Exit status 77: there is no PyTorch.
import os
import sys
import tempfile

sys.dont_write_bytecode = True

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    print("no PyTorch here")
    sys.exit(77)

from support import *

here = os.path.dirname(os.path.abspath(__file__))
nnc = os.path.abspath(sys.argv[2])


def source(name):
    return os.path.join(here, name + ".nn")


def mlp():
    x, y = number(32, 10), rng.integers(0, 3, 32).astype(np.int32)
    np.save("x.npy", x), np.save("y.npy", y)
    net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 12), nn.Tanh(), nn.Linear(12, 3))
    pairs = Pairs()
    for i in (0, 2, 4):
        pairs.module("net.%d" % i, net[i], linear)
    before = net(torch.tensor(x)).detach().numpy()
    labels = torch.tensor(y.astype(np.int64))
    p = compare_model(nnc, source("mlp"), pairs, lambda r: F.cross_entropy(net(torch.tensor(x[r])), labels[r]),
                      lambda: torch.optim.Adam(net.parameters(), lr=0.01), 32, 8)
    near("outputs before", p["f64"].export("predict", "init.safetensors", x=x), before, 1e-9)
    near("outputs after", p["f64"].export("predict", "f64.safetensors", x=x), net(torch.tensor(x)).detach().numpy(), 1e-6)


def cnn():
    x, y = number(24, 8, 10, 2), rng.integers(0, 3, 24).astype(np.int32)
    np.save("x.npy", x), np.save("y.npy", y)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.norm1 = nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
            self.conv2, self.norm2 = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), nn.BatchNorm2d(6)
            self.out = nn.Linear(6 * 2 * 3, 3)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
            x = F.relu(self.norm2(self.conv2(x)))
            return self.out(x.flatten(1))

    def flattened(w):               # columns from channels first to last
        return w.reshape(3, 6, 2, 3).transpose(2, 3, 1, 0).reshape(36, 3) if w.ndim == 2 else w

    net, pairs = Net(), Pairs()
    for name, m, layout in (("conv1", net.conv1, conv), ("norm1", net.norm1, same), ("conv2", net.conv2, conv), ("norm2", net.norm2, same),
                            ("out", net.out, flattened)):
        pairs.module("net." + name, m, layout)
    labels, images = torch.tensor(y.astype(np.int64)), first(x)

    def loss(r):
        return F.cross_entropy(net(images[r]), labels[r])

    def optimizer():                # the gradient's batch has moved the statistics
        for m in (net.norm1, net.norm2):
            m.reset_running_stats()
        return torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    p = compare_model(nnc, source("cnn"), pairs, loss, optimizer, 24, 6)
    end = load_weights("f64.safetensors")
    keep = 0.9 ** 30
    for name, m, n in (("norm1", net.norm1, 6 * 8 * 10), ("norm2", net.norm2, 6 * 2 * 3)):
        near(name + " running mean", end["net.%s.mean_r" % name], m.running_mean.numpy(), 1e-8)
        # PyTorch keeps the variance divided by n - 1, nnc by n; the start value 1 has no such factor
        plain = keep + (m.running_var.numpy() - keep) * (n - 1) / n
        near(name + " running variance", end["net.%s.var_r" % name], plain, 1e-8)
        m.running_var.copy_(torch.tensor(plain))
    net.eval()
    near("outputs with running statistics", p["f64"].export("predict", "f64.safetensors", x=x), net(images).detach().numpy(), 1e-6)


def recurrent(kind):
    x, y = number(20, 7, 3), rng.integers(0, 4, 20).astype(np.int32)
    length = rng.integers(1, 8, 20).astype(np.int32)
    np.save("x.npy", x), np.save("y.npy", y), np.save("len.npy", length)
    rnn = (nn.GRU if kind == "gru" else nn.LSTM)(3, 5, num_layers=2, bidirectional=True, batch_first=True)
    out = nn.Linear(10, 4)
    pairs, frozen = Pairs(), []
    for layer in range(2):
        for way, mark in (("fwd", ""), ("bwd", "_reverse")):
            path = "net.rnn.%s.%d." % (way, layer)
            get = lambda what: getattr(rnn, "%s_l%d%s" % (what, layer, mark))
            pairs.add(path + "xz.w", get("weight_ih"), linear), pairs.add(path + "hz.w", get("weight_hh"), linear)
            pairs.add(path + "xz.b", get("bias_ih"))
            if kind == "gru":
                pairs.add(path + "hz.b", get("bias_hh"))
            else:                   # nnc has one bias, PyTorch a sum of two
                nn.init.zeros_(get("bias_hh"))
                get("bias_hh").requires_grad_(False)
    pairs.module("net.out", out, linear)
    labels, rows = torch.tensor(y.astype(np.int64)), torch.tensor(x)

    def states(r, start=None):
        packed = nn.utils.rnn.pack_padded_sequence(rows[r], torch.tensor(length[r].astype(np.int64)), batch_first=True, enforce_sorted=False)
        every, ends = rnn(packed, start)
        ends = ends if kind == "lstm" else (ends,)
        every, _ = nn.utils.rnn.pad_packed_sequence(every, batch_first=True, total_length=7)
        return every, torch.cat([ends[0][2], ends[0][3]], dim=1), ends

    def loss(r):
        every, top, _ = states(r)
        return F.cross_entropy(out(top), labels[r]) + 0.1 * (every ** 2).sum() / len(r)
    p = compare_model(nnc, source(kind), pairs, loss, lambda: torch.optim.Adam([t for _, t, _ in pairs.list], lr=0.01), 20, 5)
    want = out(states(list(range(20)))[1]).detach().numpy()
    near("outputs after", p["f64"].export("predict", "f64.safetensors", x=x, len=length), want, 1e-6)
    start = [number(4, 20, 5) for _ in range(2 if kind == "lstm" else 1)]     # layers and directions, rows, units
    begin = [torch.tensor(s) for s in start]
    ends = states(list(range(20)), tuple(begin) if kind == "lstm" else begin[0])[2]
    given = dict(zip(("start", "cell"), start))
    for i, name in enumerate(("states", "cells")[:len(start)]):
        near(name + " after given ones", p["f64"].export(name, "f64.safetensors", x=x, **given, len=length), ends[i].detach().numpy(), 1e-6)


def gru():
    recurrent("gru")


def lstm():
    recurrent("lstm")


def attention_pairs(pairs, path, att, d):
    for i, name in enumerate(("wq", "wk", "wv")):
        pairs.add(path + name + ".w", att.in_proj_weight, lambda w, i=i: w[i * d:(i + 1) * d].T)
        pairs.add(path + name + ".b", att.in_proj_bias, lambda b, i=i: b[i * d:(i + 1) * d])
    pairs.module(path + "proj", att.out_proj, linear)


def transformer():
    d, heads, T = 8, 2, 6
    x, y = rng.integers(0, 11, (16, T)).astype(np.int32), rng.integers(0, 11, (16, T)).astype(np.int32)
    length = rng.integers(2, T + 1, 16).astype(np.int32)
    memory = number(16, 5, d)
    for name, value in (("x", x), ("y", y), ("len", length), ("memory", memory)):
        np.save(name + ".npy", value)
    table, places, out = nn.Embedding(11, d), nn.Parameter(torch.randn(T, d) * 0.1), nn.Linear(d, 11)
    pre = nn.TransformerEncoderLayer(d, heads, 12, dropout=0.0, activation=F.gelu, batch_first=True, norm_first=True)
    post = nn.TransformerEncoderLayer(d, heads, 12, dropout=0.0, activation=F.relu, batch_first=True)
    cross = nn.TransformerDecoderLayer(d, heads, 12, dropout=0.0, activation=F.gelu, batch_first=True, norm_first=True)
    pairs = Pairs()
    pairs.add("net.embed.table", table.weight), pairs.add("net.places.table", places), pairs.module("net.out", out, linear)
    for path, block in (("net.pre.", pre), ("net.post.", post)):
        attention_pairs(pairs, path + "att.", block.self_attn, d)
        pairs.module(path + "mlp.0", block.linear1, linear), pairs.module(path + "mlp.3", block.linear2, linear)
        pairs.module(path + "norm1", block.norm1, same), pairs.module(path + "norm2", block.norm2, same)
    attention_pairs(pairs, "net.cross.own.", cross.self_attn, d), attention_pairs(pairs, "net.cross.cross.", cross.multihead_attn, d)
    pairs.module("net.cross.mlp.0", cross.linear1, linear), pairs.module("net.cross.mlp.3", cross.linear2, linear)
    for i in (1, 2, 3):
        pairs.module("net.cross.norm%d" % i, getattr(cross, "norm%d" % i), same)
    ids, targets, mem = torch.tensor(x.astype(np.int64)), torch.tensor(y.astype(np.int64)), torch.tensor(memory)
    future = torch.triu(torch.full((T, T), float("-inf")), diagonal=1)
    padded = torch.arange(T)[None] >= torch.tensor(length.astype(np.int64))[:, None]

    def logits(r):
        h = pre(table(ids[r]) + places, src_mask=future)
        h = post(h, src_key_padding_mask=padded[r])
        return out(cross(h, mem[r], tgt_mask=future))

    def loss(r):
        each = F.cross_entropy(logits(r).transpose(1, 2), targets[r], reduction="none")
        return each[~padded[r]].mean()
    p = compare_model(nnc, source("transformer"), pairs, loss, lambda: torch.optim.AdamW({id(t): t for _, t, _ in pairs.list}.values(), lr=0.005, weight_decay=0.1), 16, 4)
    near("outputs after", p["f64"].export("predict", "f64.safetensors", x=x, memory=memory, len=length),
         logits(list(range(16))).detach().numpy(), 1e-6)


def vae():
    x, eps = rng.uniform(size=(24, 9)), number(24, 3)
    np.save("x.npy", x), np.save("eps.npy", eps)
    enc, mean, logvar, dec, out = nn.Linear(9, 12), nn.Linear(12, 3), nn.Linear(12, 3), nn.Linear(3, 12), nn.Linear(12, 9)
    pairs = Pairs()
    for name, m in (("enc", enc), ("mean_", mean), ("logvar", logvar), ("dec", dec), ("out", out)):
        pairs.module("net." + name, m, linear)
    data, noise = torch.tensor(x), torch.tensor(eps)

    def rebuild(r):
        h = torch.tanh(enc(data[r]))
        m, v = mean(h), logvar(h)
        return out(torch.relu(dec(m + torch.exp(0.5 * v) * noise[r]))), m, v

    def loss(r):
        y, m, v = rebuild(r)
        rebuilt = F.binary_cross_entropy_with_logits(y, data[r], reduction="sum") / len(r)
        return rebuilt - 0.5 * (1 + v - m ** 2 - v.exp()).sum() / len(r)
    before = rebuild(range(24))[0].detach().numpy()
    p = compare_model(nnc, source("vae"), pairs, loss, lambda: torch.optim.Adam([t for _, t, _ in pairs.list], lr=0.01), 24, 6)
    near("outputs before", p["f64"].export("rebuild", "init.safetensors", x=x, eps=eps), before, 1e-9)
    near("outputs after", p["f64"].export("rebuild", "f64.safetensors", x=x, eps=eps), rebuild(range(24))[0].detach().numpy(), 1e-6)


def gan():
    real, z = number(24, 2) + 1, number(24, 4)
    np.save("x.npy", real), np.save("z.npy", z)
    gen = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    disc = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    pairs = Pairs()
    for name, net in (("gen", gen), ("disc", disc)):
        for i in (0, 2):
            pairs.module("%s.%d" % (name, i), net[i], linear)
    start = pairs.weights()
    save_weights("init.safetensors", start)
    bce, data, noise = F.binary_cross_entropy_with_logits, torch.tensor(real), torch.tensor(z)

    def train(d_opt, g_opt, steps):
        losses = []
        for r in batches(24, 6, steps):
            fake, yes, no = gen(noise[r]), torch.ones(len(r), 1), torch.zeros(len(r), 1)
            d_loss = bce(disc(data[r]), yes) + bce(disc(fake.detach()), no)
            d_opt.zero_grad(), d_loss.backward(), d_opt.step()
            g_loss = bce(disc(fake), yes)
            g_opt.zero_grad(), g_loss.backward(), g_opt.step()
            losses.append((float(d_loss), float(g_loss)))
        return losses

    def outputs(program, weights, limit, when):
        made = gen(noise).detach()
        near("%s outputs %s" % (program.precision, when), program.export("make", weights, z=z), made.numpy(), limit)
        near("%s judgements %s" % (program.precision, when), program.export("judge", weights, x=real), disc(data).detach().numpy(), limit)

    programs = [(Program(nnc, source("gan"), precision), limit) for precision, limit in (("f64", 1e-8), ("f32", 1e-3))]
    for p, limit in programs:
        outputs(p, "init.safetensors", limit, "before")
    kept = [{k: v.clone() for k, v in net.state_dict().items()} for net in (disc, gen)]
    train(torch.optim.SGD(disc.parameters(), lr=1), torch.optim.SGD(gen.parameters(), lr=1), 1)     # gradients: one step of length 1
    for p, limit in programs:
        p.train("slope", "init.safetensors", 1, save="slope.safetensors")
        moved = load_weights("slope.safetensors")
        for name, want in pairs.weights().items():
            near("%s gradient of %s" % (p.precision, name), start[name] - moved[name], start[name] - want, limit, limit * 1e-2)
    for net, weights in zip((disc, gen), kept):
        net.load_state_dict(weights)
    d_opt, g_opt = torch.optim.Adam(disc.parameters(), lr=0.01, betas=(0.5, 0.999)), torch.optim.Adam(gen.parameters(), lr=0.01, betas=(0.5, 0.999))
    losses = train(d_opt, g_opt, 30)
    for p, limit in programs:
        got = p.train("fit", "init.safetensors", 30, save=p.precision + ".safetensors")
        near(p.precision + " losses of 30 steps", [(g["d_loss"], g["g_loss"]) for g in got], losses, limit)
    outputs(programs[0][0], "f64.safetensors", 1e-6, "after")
    end = load_weights("f64.safetensors")
    for name, want in pairs.weights().items():
        near("weights at the end: " + name, end[name], want, 1e-6, 1e-8)


def optimizers():
    x, t = number(20, 6), number(20, 2)
    np.save("x.npy", x), np.save("t.npy", t)
    O = torch.optim

    def groups(parameters, matrices, vectors):
        parameters = list(parameters)
        return [dict(matrices, params=[q for q in parameters if q.dim() > 1]), dict(vectors, params=[q for q in parameters if q.dim() < 2])]

    rules = {
        "sgd_": lambda p: O.SGD(p, lr=0.05),
        "sgd_decay": lambda p: O.SGD(p, lr=0.05, weight_decay=0.1),
        "momentum_": lambda p: O.SGD(p, lr=0.02, momentum=0.8),
        "momentum_decay": lambda p: O.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.1),
        "momentum_dampening": lambda p: O.SGD(p, lr=0.02, momentum=0.9, dampening=0.4, weight_decay=0.1),
        "nesterov_": lambda p: O.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
        "adam_": lambda p: O.Adam(p, lr=0.03, betas=(0.8, 0.99), eps=1e-6),
        "adam_decay": lambda p: O.Adam(p, lr=0.03, weight_decay=0.1),
        "adamw_": lambda p: O.AdamW(p, lr=0.03, weight_decay=0.1),
        "adam_amsgrad": lambda p: O.Adam(p, lr=0.03, betas=(0.9, 0.7), amsgrad=True),
        "adamw_amsgrad": lambda p: O.AdamW(p, lr=0.03, betas=(0.9, 0.7), amsgrad=True, weight_decay=0.1),
        # foreach: the other way of PyTorch 1.13 has mu(t) twice in the second product
        "nadam_": lambda p: O.NAdam(p, lr=0.03, foreach=True),
        "nadam_decay": lambda p: O.NAdam(p, lr=0.03, betas=(0.8, 0.95), eps=1e-3, momentum_decay=3, weight_decay=0.1, foreach=True),
        "radam_": lambda p: O.RAdam(p, lr=0.03),
        "radam_decay": lambda p: O.RAdam(p, lr=0.03, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
        "rmsprop_": lambda p: O.RMSprop(p, lr=0.01, alpha=0.9),
        "rmsprop_mu": lambda p: O.RMSprop(p, lr=0.01, alpha=0.95, momentum=0.7, eps=1e-4),
        "rmsprop_centered": lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, centered=True, momentum=0.5, weight_decay=0.05),
        "adagrad_": lambda p: O.Adagrad(p, lr=0.1),
        "adagrad_decay": lambda p: O.Adagrad(p, lr=0.1, weight_decay=0.1, eps=1e-6),
        "adadelta_": lambda p: O.Adadelta(p),
        "adadelta_decay": lambda p: O.Adadelta(p, lr=3, rho=0.8, eps=1e-4, weight_decay=0.1),
        "groups": lambda p: O.AdamW(groups(p, {"lr": 0.03, "weight_decay": 0.1}, {"lr": 0.06, "weight_decay": 0}), eps=1e-8),
        "clipped_groups": lambda p: O.AdamW(groups(p, {"lr": 0.03, "weight_decay": 0.1}, {"lr": 0.06, "weight_decay": 0})),
        "clipped": lambda p: O.SGD(p, lr=0.1),
        "clipped_value": lambda p: O.SGD(p, lr=0.1),
        "clipped_adam": lambda p: O.Adam(p, lr=0.03, weight_decay=0.1),
        "scheduled": lambda p: O.SGD(p, lr=0.1),
        "one": lambda p: O.SGD(p, lr=0.1),
    }
    clips = {"clipped": 0.5, "clipped_adam": 0.3, "clipped_groups": 0.2}
    torch.manual_seed(3)
    start = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2)).state_dict()
    programs = [(p, limit, Program(nnc, source("optimizers"), p)) for p, limit in (("f64", 1e-8), ("f32", 1e-3))]
    for name, rule in rules.items():
        net = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
        net.load_state_dict(start)
        pairs = Pairs()
        pairs.module("net.0", net[0], linear), pairs.module("net.2", net[2], linear)
        save_weights("init.safetensors", pairs.weights())
        optimizer, losses = rule(net.parameters()), []
        schedule = {"scheduled": lambda o: O.lr_scheduler.CosineAnnealingLR(o, 20),
                    "one": lambda o: O.lr_scheduler.OneCycleLR(o, 0.1, total_steps=20, cycle_momentum=False)}.get(name, lambda o: None)(optimizer)
        for r in batches(20, 5, 20):
            optimizer.zero_grad()
            loss = F.mse_loss(net(torch.tensor(x[r])), torch.tensor(t[r]))
            loss.backward()
            if name in clips:
                nn.utils.clip_grad_norm_(net.parameters(), clips[name])
            if name == "clipped_value":
                nn.utils.clip_grad_value_(net.parameters(), 0.05)
            optimizer.step()
            if schedule:
                schedule.step()
            losses.append(float(loss))
        for precision, limit, p in programs:
            if name.startswith("clipped"):
                limit = max(limit, 1e-5)          # PyTorch divides by the norm + 1e-6
            got = p.train(name, "init.safetensors", 20)
            near("%s %s losses" % (precision, name), [g["loss"] for g in got], losses, limit)
            end = load_weights("end.safetensors")
            for tensor, want in pairs.weights().items():
                near("%s %s %s" % (precision, name, tensor), end[tensor], want, limit, limit)


def losses():
    B = 7
    a, b, c = number(B, 5), number(B, 5), number(B, 5)
    y, weights = rng.integers(0, 5, B).astype(np.int32), rng.uniform(0.5, 2, 5)
    A, D, C, Y, W = torch.tensor(a), torch.tensor(b), torch.tensor(c), torch.tensor(y.astype(np.int64)), torch.tensor(weights)
    Q, side, same_ = torch.sigmoid(D), torch.sign(D), (D[:, 0] > 0).double()
    unit = F.normalize(A), F.normalize(D)
    gap = (A - D).norm(dim=1)
    want = [F.mse_loss(A, D), F.l1_loss(A, D), F.huber_loss(A, D, delta=0.7), F.cross_entropy(A, Y), F.cross_entropy(A, Y, weight=W),
            F.cross_entropy(A, Y, label_smoothing=0.1), F.cross_entropy(A, Y, weight=W, label_smoothing=0.2), F.cross_entropy(A, F.softmax(D, 1)),
            F.binary_cross_entropy_with_logits(A, Q), F.binary_cross_entropy_with_logits(A, Q, pos_weight=torch.tensor(2.5)),
            F.kl_div(F.log_softmax(D, 1), F.softmax(A, 1), reduction="batchmean"), F.gaussian_nll_loss(A, D, C.exp()),
            F.poisson_nll_loss(A, D.abs()), F.triplet_margin_loss(A, D, C, margin=0.5, eps=0), F.relu(1 - A * side).mean(),
            F.cosine_similarity(A, D).mean(), F.gelu(A).sum(), F.selu(A).sum(), F.mish(A).sum(), F.silu(A).sum(), F.elu(A).sum(),
            F.softplus(A).sum(), F.leaky_relu(A, 0.2).sum(), torch.logsumexp(A, 1).sum(), unit[0].sum(), F.glu(torch.cat([A, D], 1)).sum(),
            F.cross_entropy(unit[0] @ unit[1].T / 0.3, torch.arange(B)),
            0.5 * (same_ * gap ** 2 + (1 - same_) * F.relu(2 - gap) ** 2).mean()]
    x, labels = number(5, 9, 6), rng.integers(1, 6, (5, 4)).astype(np.int32)
    labels[0] = [2, 2, 2, 3]                     # repetitions need a blank between them
    steps, length = np.array([9, 8, 7, 9, 4], np.int32), np.array([4, 3, 2, 1, 0], np.int32)
    def ctc(reduction):
        return F.ctc_loss(F.log_softmax(torch.tensor(x), 2).transpose(0, 1), torch.tensor(labels.astype(np.int64)), torch.tensor(steps.astype(np.int64)),
                          torch.tensor(length.astype(np.int64)), reduction=reduction)
    for precision, limit in (("f64", 1e-9), ("f32", 1e-4)):
        p = Program(nnc, source("losses"), precision)
        near(precision + " losses", p.export("values", None, a=a, b=b, c=c, y=y, factor=weights), [float(w) for w in want], limit)
        near(precision + " ctc", p.export("ctc", None, x=x, y=labels, rows=steps, len=length), ctc("none").numpy(), limit)
        near(precision + " ctc, mean", p.export("ctc_mean", None, x=x, y=labels, rows=steps, len=length), float(ctc("mean")), limit)


def layers():
    pairs = Pairs()
    c1, t1 = nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
    c2 = nn.Conv2d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2)
    c3 = nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0))
    t2 = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, dilation=2, groups=2)
    gn, ln, pr, rn = nn.GroupNorm(3, 6), nn.LayerNorm(6), nn.PReLU(6), nn.RNN(6, 5, batch_first=True)
    for name, m, layout in (("c1", c1, conv), ("t1", t1, conv_transposed), ("c2", c2, conv), ("c3", c3, conv), ("t2", t2, conv_transposed), ("gn", gn, same), ("ln", ln, same)):
        if layout is same:
            nn.init.normal_(m.weight), nn.init.normal_(m.bias)
        pairs.module(name, m, layout)
    nn.init.normal_(pr.weight), nn.init.zeros_(rn.bias_hh_l0)
    pairs.add("pr.slope", pr.weight)
    pairs.add("rn.fwd.0.xh.w", rn.weight_ih_l0, linear), pairs.add("rn.fwd.0.xh.b", rn.bias_ih_l0), pairs.add("rn.fwd.0.hh.w", rn.weight_hh_l0, linear)
    save_weights("init.safetensors", pairs.weights())
    def places(f):                               # f works on channels first
        return lambda x: last(f(first(x)).detach().numpy())
    cases = {"conv1": ((2, 9, 4), places(c1)), "convt1": ((2, 5, 4), places(t1)), "conv2": ((2, 7, 8, 4), places(c2)),
             "conv3": ((2, 7, 8, 4), places(c3)), "convt2": ((2, 3, 4, 4), places(t2)),
             "group": ((2, 3, 4, 6), places(gn)), "layer_": ((2, 3, 4, 6), lambda x: ln(torch.tensor(x)).detach().numpy()),
             "prelu": ((2, 3, 4, 6), places(pr)), "elman": ((2, 7, 6), lambda x: rn(torch.tensor(x))[0].detach().numpy()),
             "max1": ((2, 9, 3), places(lambda x: F.max_pool1d(x, 3, 2, 1))), "avg1": ((2, 9, 3), places(lambda x: F.avg_pool1d(x, 3, 2, 1, count_include_pad=False))),
             "max2": ((2, 7, 6, 3), places(lambda x: F.max_pool2d(x, 3, 2, 1))), "avg2": ((2, 7, 6, 3), places(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False))),
             "bilinear": ((2, 3, 5, 2), places(lambda x: F.interpolate(x, size=(7, 10), mode="bilinear", align_corners=False))),
             "smaller": ((2, 6, 9, 2), places(lambda x: F.interpolate(x, size=(4, 3), mode="bilinear", align_corners=False))),
             "nearest": ((2, 3, 5, 2), places(lambda x: F.interpolate(x, scale_factor=2)))}
    for precision, limit in (("f64", 1e-9), ("f32", 1e-4)):
        p = Program(nnc, source("layers"), precision)
        for name, (shape, f) in cases.items():
            x = number(*shape)
            near("%s %s" % (precision, name), p.export(name, "init.safetensors", x=x), f(x), limit, limit * 0.01)


cases = {f.__name__: f for f in (mlp, cnn, gru, lstm, transformer, vae, gan, optimizers, losses, layers)}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    cases[sys.argv[1]]()
    os.chdir("/")
finish()
