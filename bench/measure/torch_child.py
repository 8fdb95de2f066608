# SPDX-License-Identifier: MIT
"""torch_child.py MODEL: the peer of bench/step.c: asked line by line, answers with JSON.

    ENTRY THREADS ROWS SECONDS SETTING     ENTRY fit: a training step; predict: the model's output
    ENTRY THREADS ROWS first SETTING       a single call
    memory

SETTING of fit: eager, last (channels last), compile, last+compile; of predict: eager, frozen, fused (optimize_for_inference), last, compile.
One step: gradients from nothing, forward, mean loss, backward, update (foreach), on four batches in memory in turn."""
import json
import os
import sys

import torch
from torch.nn import functional as F

from timing import peak_bytes, time_calls, warm
from torch_models import MODELS, make_discriminator

BATCHES = 4


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x


def compiled(net, setting):
    return torch.compile(net) if "compile" in setting else net


def optimizer_of(model, weights):
    return model.optimizer(weights, foreach=True)


def gan_step(model, rows, setting):
    gen, disc = model.net(), make_discriminator()
    real = [torch.randn(rows, 1, 28, 28) for _ in range(BATCHES)]
    if "last" in setting:
        gen, disc = gen.to(memory_format=torch.channels_last), disc.to(memory_format=torch.channels_last)
    of_gen, of_disc = optimizer_of(model, gen.parameters()), optimizer_of(model, disc.parameters())
    one, zero, loss = torch.ones(rows, 1), torch.zeros(rows, 1), F.binary_cross_entropy_with_logits
    gen_call, disc_call, weights = compiled(gen, setting), compiled(disc, setting), list(disc.parameters())

    def step(i):
        fake = gen_call(torch.randn(rows, 64))
        of_disc.zero_grad(set_to_none=True)
        (loss(disc_call(real[i % BATCHES]), one) + loss(disc_call(fake.detach()), zero)).backward()
        of_disc.step()
        for w in weights:
            w.requires_grad_(False)
        of_gen.zero_grad(set_to_none=True)
        loss(disc_call(fake), one).backward()
        of_gen.step()
        for w in weights:
            w.requires_grad_(True)
    return step


def vae_step(model, rows, setting):
    net = model.net()
    batches, optimizer = [model.x(rows) for _ in range(BATCHES)], optimizer_of(model, net.parameters())

    def forward(x):
        mean, spread = net.encode(x)
        y = net.decode(mean + torch.randn_like(mean) * (0.5 * spread).exp())
        likely = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        return (likely - 0.5 * (1 + spread - mean * mean - spread.exp()).sum()) / rows
    forward = compiled(forward, setting)

    def step(i):
        optimizer.zero_grad(set_to_none=True)
        forward(batches[i % BATCHES]).backward()
        optimizer.step()
    return step


def plain_step(model, rows, setting):
    net = model.net()
    batches = [(model.x(rows), model.y(rows)) for _ in range(BATCHES)]
    if "last" in setting:
        net = net.to(memory_format=torch.channels_last)
        batches = [(channels_last(x), y) for x, y in batches]
    optimizer, call = optimizer_of(model, net.parameters()), compiled(net, setting)

    def step(i):
        x, y = batches[i % BATCHES]
        optimizer.zero_grad(set_to_none=True)
        model.loss(call(x), y).backward()
        optimizer.step()
    return step


def predict(model, rows, setting):
    net, batches = model.net().eval(), [model.x(rows) for _ in range(BATCHES)]
    if "last" in setting:
        net, batches = net.to(memory_format=torch.channels_last), [channels_last(x) for x in batches]
    with torch.no_grad():
        if setting in ("frozen", "last"):
            net = torch.jit.freeze(torch.jit.trace(net, batches[0]))
        elif setting == "fused":
            net = torch.jit.optimize_for_inference(torch.jit.trace(net, batches[0]))
        net = compiled(net, setting)

    def call(i):
        with torch.no_grad():
            net(batches[i % BATCHES])
    return call


def make(name, entry, rows, setting):
    model = MODELS[name]
    if entry == "predict":
        return predict(model, rows, setting)
    return {"gan": gan_step, "vae": vae_step}.get(name, plain_step)(model, rows, setting)


def main():
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    calls, warmed = {}, set()
    for line in sys.stdin:
        if line == "memory\n":
            answer = {"peak": peak_bytes()}
        else:
            entry, threads, rows, seconds, setting = line.split()
            torch.set_num_threads(int(threads))
            key = entry, threads, rows, setting
            if key not in calls:
                calls[key] = make(sys.argv[1], entry, int(rows), setting)
            if seconds == "first":
                calls[key](0)
                answer = {}
            else:
                if key not in warmed:
                    warm(calls[key])
                warmed.add(key)
                answer = time_calls(calls[key], float(seconds))
        print(json.dumps(answer), flush=True)


os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(os.environ.get("OUT", "/tmp"), "torch-cache"))
main()
