#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# layouts.py CASE NNC: checkpoints of PyTorch, with random weights, loaded by programs of nnc with layout=torch: outputs agree within
# 1e-5 in single precision. Exit status 77: there is no PyTorch.
import json
import os
import struct
import sys
import tempfile

sys.dont_write_bytecode = True

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    print("no PyTorch here: skipped")
    sys.exit(77)

from support import Program, failures, finish, first, last, near, number

here = os.path.dirname(os.path.abspath(__file__))
nnc = os.path.abspath(sys.argv[2])
FORMS = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def save(path, tensors, form=torch.float32):
    """As safetensors.torch.save_file does: floats of one type, counters as they are."""
    header, data = {}, b""
    for name, t in tensors.items():
        t = t.detach().to(form) if t.is_floating_point() else t
        raw = (t.view(torch.int16) if t.dtype == torch.bfloat16 else t).contiguous().numpy().tobytes()
        header[name] = {"dtype": FORMS[t.dtype], "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def shake(net):
    """Weights and statistics that are no start values."""
    for p in list(net.parameters()) + [b for b in net.buffers() if b.is_floating_point() and b.ndim == 1]:
        with torch.no_grad():
            p.add_(torch.rand_like(p) * 0.1)
    return net.eval()


def export(program, entry, weights, more=(), **files):
    words = [entry, "--load", weights, "--layout", "torch", "--out", "out.npy", *more]
    for name, value in files.items():
        np.save(name + ".arg.npy", value)
        words += ["--" + name, name + ".arg.npy"]
    program.run(*words)
    return np.load("out.npy")


def resnet():
    class Block(nn.Module):
        def __init__(self, n_in, n_out, stride=1):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out)
            self.conv2, self.bn2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False), nn.BatchNorm2d(n_out)
            self.downsample = None
            if stride != 1 or n_in != n_out:
                self.downsample = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))

        def forward(self, x):
            y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
            return F.relu(y + (self.downsample(x) if self.downsample else x))

    class ResNet18(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
            self.layer1 = nn.Sequential(Block(64, 64), Block(64, 64))
            self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128))
            self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256))
            self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512))
            self.fc = nn.Linear(512, 10)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
            return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))
    net, x = shake(ResNet18()).float(), number(2, 64, 64, 3).astype(np.float32)
    save("resnet.safetensors", net.state_dict())
    p = Program(nnc, os.path.join(here, "resnet18.nn"), "f32")
    near("ResNet-18", export(p, "logits", "resnet.safetensors", x=x), net(first(x)).detach().numpy(), 1e-5)
    for form, limit in ((torch.float16, 1e-2), (torch.bfloat16, 1e-1)):
        save("half.safetensors", net.state_dict(), form)
        rounded = shake(ResNet18()).float()
        rounded.load_state_dict({k: v.to(form).float() if v.is_floating_point() else v for k, v in net.state_dict().items()})
        near("ResNet-18 in " + FORMS[form], export(p, "logits", "half.safetensors", x=x), rounded(first(x)).detach().numpy(), 1e-5)
    # A prefix of another tool, and one word for it.
    save("wrapped.safetensors", {"module." + k: v for k, v in net.state_dict().items()})
    got = export(p, "logits", "wrapped.safetensors", ["--map", "net=module"], x=x)
    near("ResNet-18 behind a prefix", got, net(first(x)).detach().numpy(), 1e-5)


def gpt():
    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.c_attn, self.c_proj = nn.Linear(32, 96), nn.Linear(32, 32)

        def forward(self, x):
            b, t, d = x.shape
            q, k, v = (y.view(b, t, 4, 8).transpose(1, 2) for y in self.c_attn(x).split(d, dim=2))
            score = q @ k.transpose(2, 3) / 8 ** 0.5
            score = score.masked_fill(torch.tril(torch.ones(t, t)) == 0, float("-inf"))
            return self.c_proj((score.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))

    class Mlp(nn.Module):
        def __init__(self):
            super().__init__()
            self.c_fc, self.c_proj = nn.Linear(32, 128), nn.Linear(128, 32)

        def forward(self, x):
            return self.c_proj(F.gelu(self.c_fc(x)))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln_1, self.attn, self.ln_2, self.mlp = nn.LayerNorm(32), Attention(), nn.LayerNorm(32), Mlp()

        def forward(self, x):
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.wte, self.wpe = nn.Embedding(61, 32), nn.Embedding(24, 32)
            self.h, self.ln_f = nn.ModuleList(Block() for _ in range(3)), nn.LayerNorm(32)

        def forward(self, tokens):
            x = self.wte(tokens) + self.wpe.weight[:tokens.shape[1]]
            for block in self.h:
                x = block(x)
            return self.ln_f(x) @ self.wte.weight.t()
    net = shake(Gpt()).float()
    tokens = np.random.default_rng(3).integers(0, 61, (3, 17)).astype(np.int32)
    want = net(torch.tensor(tokens.astype(np.int64))).detach().numpy()
    p = Program(nnc, os.path.join(here, "gpt2.nn"), "f32")
    save("gpt.safetensors", net.state_dict())
    near("GPT-2", export(p, "logits", "gpt.safetensors", tokens=tokens), want, 1e-5)
    # The published checkpoints keep these matrices the other way round; some of them are square, so a shape does not tell.
    turned = {k: v.t() if k.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")) else v for k, v in net.state_dict().items()}
    save("turned.safetensors", turned)
    with open("gpt2.map", "w") as f:
        f.write("# matrices that lie as here\nh.*.attn.c_attn.w = h.*.attn.c_attn.weight axes 0 1\n"
                "h.*.attn.c_proj.w = h.*.attn.c_proj.weight axes 0 1\n"
                "h.*.mlp.c_fc.w = h.*.mlp.c_fc.weight axes 0 1, h.*.mlp.c_proj.w = h.*.mlp.c_proj.weight axes 0 1\n")
    near("GPT-2, turned, by a map", export(p, "logits", "turned.safetensors", ["--map", "gpt2.map"], tokens=tokens), want, 1e-5)


def layers():
    class All(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.up1 = nn.Conv1d(3, 4, 3, padding=1), nn.ConvTranspose1d(4, 6, 2, stride=2, groups=2)
            self.up2, self.deep = nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), nn.Conv2d(6, 6, 3, groups=3)
            self.group, self.act = nn.GroupNorm(2, 6), nn.PReLU(6)
            self.rnn, self.gru, self.lstm = (kind(5, 6, num_layers=2, bidirectional=True, batch_first=True)
                                             for kind in (nn.RNN, nn.GRU, nn.LSTM))
            self.cell, self.att = nn.LSTMCell(5, 6), nn.MultiheadAttention(8, 2, batch_first=True)
            self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, batch_first=True), 2)
            self.dec = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 12, batch_first=True, norm_first=True), 2, nn.LayerNorm(8))
            self.head = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(96, 5), nn.ReLU(), nn.Linear(5, 5))
    net = shake(All()).float()
    save("all.safetensors", net.state_dict())
    p = Program(nnc, os.path.join(here, "layouts.nn"), "f32")

    def array(*shape):
        return number(*shape).astype(np.float32)

    def agree(what, got, want):
        near(what, got, want.detach().numpy(), 1e-5, 1e-6)
    x = array(2, 6, 3)
    agree("convolutions of sounds", np.moveaxis(export(p, "sounds", "all.safetensors", x=x), -1, 1), net.up1(net.conv(first(x))))
    x = array(2, 3, 4, 4)
    want = net.act(net.group(net.deep(net.up2(first(x)))))
    agree("convolutions of pictures", np.moveaxis(export(p, "pictures", "all.safetensors", x=x), -1, 1), want)
    x = array(2, 4, 5)
    want = torch.cat([layer(torch.tensor(x))[0] for layer in (net.rnn, net.gru, net.lstm)], dim=-1)
    agree("recurrent layers", export(p, "recurrent", "all.safetensors", x=x), want)
    x, h, c = array(3, 5), array(3, 6), array(3, 6)
    agree("a cell", export(p, "cell", "all.safetensors", x=x, h=h, c=c), net.cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))[0])
    x, y = array(2, 5, 8), array(2, 5, 8)
    want = net.att(torch.tensor(x), torch.tensor(y), torch.tensor(y), need_weights=False)[0]
    agree("attention", export(p, "attend", "all.safetensors", x=x, memory=y), want)
    mask = nn.Transformer.generate_square_subsequent_mask(5).float()
    want = net.dec(torch.tensor(y), net.enc(torch.tensor(x)), tgt_mask=mask)
    agree("transformer", export(p, "transform", "all.safetensors", x=x, y=y), want)
    x = array(3, 6, 8, 3)
    agree("a flattened picture", export(p, "classify", "all.safetensors", x=x), net.head(first(x)))


folder = tempfile.mkdtemp()
os.chdir(folder)
torch.set_grad_enabled(True)
{"resnet": resnet, "gpt": gpt, "layers": layers}[sys.argv[1]]()
for name in os.listdir(folder):
    os.unlink(os.path.join(folder, name))
os.rmdir(folder)
finish()
