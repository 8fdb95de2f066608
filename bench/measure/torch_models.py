# SPDX-License-Identifier: MIT
"""torch_models.py: the models of bench/models in PyTorch, as a user of it would write them.

MODELS: name -> Model(net, x, y, loss, optimizer, pictures). x and y draw a batch of so many rows; a net of pictures may be told to keep
channels last. gan and vae have steps of their own (torch_child.py)."""
from collections import namedtuple

import torch
from torch import nn
from torch.nn import functional as F


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.f1, self.f2, self.f3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.f3(F.relu(self.f2(F.relu(self.f1(x.flatten(1))))))


def conv_norm(n_in, n_out, kernel, stride=1, pad=0):
    return [nn.Conv2d(n_in, n_out, kernel, stride, pad, bias=False), nn.BatchNorm2d(n_out)]


def average(n_in, n_out):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(n_in, n_out)]


def make_cnn():
    parts, n = [], 3
    for stage, width in enumerate((32, 64, 128)):
        for _ in range(2):
            parts += conv_norm(n, width, 3, pad=1) + [nn.ReLU(inplace=True)]
            n = width
        parts += [nn.MaxPool2d(2)] if stage < 2 else []
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(128, 10))


class DenseLayer(nn.Module):
    def __init__(self, n_in, growth):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(n_in), nn.Conv2d(n_in, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(F.relu(self.norm(x), inplace=True))], 1)


def make_densenet():
    parts, n = [nn.Conv2d(3, 24, 3, padding=1, bias=False)], 24
    for block in range(3):
        for _ in range(4):
            parts.append(DenseLayer(n, 12))
            n += 12
        if block < 2:
            parts += [nn.BatchNorm2d(n), nn.ReLU(inplace=True), nn.Conv2d(n, n // 2, 1, bias=False), nn.AvgPool2d(2)]
            n //= 2
    return nn.Sequential(*parts, nn.BatchNorm2d(n), nn.ReLU(inplace=True), *average(n, 10))


class Residual(nn.Module):
    def __init__(self, n_in, n_out, stride, path):
        super().__init__()
        self.path = nn.Sequential(*path)
        self.skip = nn.Identity() if stride == 1 and n_in == n_out else nn.Sequential(*conv_norm(n_in, n_out, 1, stride))

    def forward(self, x):
        return F.relu(self.path(x) + self.skip(x), inplace=True)


def basic(n_in, n_out, stride):
    path = conv_norm(n_in, n_out, 3, stride, 1) + [nn.ReLU(inplace=True)] + conv_norm(n_out, n_out, 3, 1, 1)
    return Residual(n_in, n_out, stride, path)


def bottleneck(n_in, n_out, stride):
    n = n_out // 4
    path = conv_norm(n_in, n, 1) + [nn.ReLU(inplace=True)] + conv_norm(n, n, 3, stride, 1) + [nn.ReLU(inplace=True)]
    return Residual(n_in, n_out, stride, path + conv_norm(n, n_out, 1))


def stages(block, n, plan):
    parts = []
    for width, depth, stride in plan:
        for i in range(depth):
            parts.append(block(n, width, stride if i == 0 else 1))
            n = width
    return parts


def make_resnet20():
    blocks = stages(basic, 16, ((16, 3, 1), (32, 3, 2), (64, 3, 2)))
    return nn.Sequential(*conv_norm(3, 16, 3, pad=1), nn.ReLU(inplace=True), *blocks, *average(64, 10))


def make_resnet50():
    stem = conv_norm(3, 64, 7, 2, 3) + [nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    blocks = stages(bottleneck, 64, ((256, 3, 1), (512, 4, 2), (1024, 6, 2), (2048, 3, 2)))
    return nn.Sequential(*stem, *blocks, *average(2048, 1000))


class LastState(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(32, 128, 2), nn.Linear(128, 10)     # time first: what the library is fastest with

    def forward(self, x):
        y, _ = self.gru(x)
        return self.out(y[-1])


class LetterModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.gru, self.out = nn.Embedding(96, 64), nn.GRU(64, 256), nn.Linear(256, 96)

    def forward(self, x):
        y, _ = self.gru(self.embed(x))
        return self.out(y)


class Block(nn.Module):
    def __init__(self, d, heads, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.l1, self.qkv, self.proj = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.l2, self.f1, self.f2 = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def attend(self, q, k, v, mask):
        if self.fused:
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return F.softmax((q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5 + mask, -1) @ v

    def forward(self, x, mask):
        b, t, d = x.shape
        q, k, v = [a.view(b, t, self.heads, d // self.heads).transpose(1, 2) for a in self.qkv(self.l1(x)).split(d, 2)]
        x = x + self.proj(self.attend(q, k, v, mask).transpose(1, 2).reshape(b, t, d))
        return x + self.f2(F.gelu(self.f1(self.l2(x))))


class Transformer(nn.Module):
    def __init__(self, letters, d, depth, t, heads):
        super().__init__()
        fused = hasattr(F, "scaled_dot_product_attention")
        self.embed, self.pos = nn.Embedding(letters, d), nn.Parameter(torch.randn(t, d) * 0.02)
        self.block = nn.ModuleList([Block(d, heads, fused) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, letters, bias=False)
        self.register_buffer("mask", torch.full((t, t), float("-inf")).triu(1))

    def forward(self, x):
        x = self.embed(x) + self.pos
        for block in self.block:
            x = block(x, self.mask)
        return self.head(self.norm(x))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.f, self.b0 = nn.Linear(64, 3136), nn.BatchNorm2d(64)
        self.c1, self.b1 = nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32)
        self.c2 = nn.ConvTranspose2d(32, 1, 4, 2, 1)

    def forward(self, z):
        x = F.relu(self.b0(self.f(z).view(-1, 64, 7, 7)))
        return torch.tanh(self.c2(F.relu(self.b1(self.c1(x)))))


def make_discriminator():
    return nn.Sequential(nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2),
                         nn.Flatten(), nn.Linear(3136, 1))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.mean, self.spread = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.decode = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

    def encode(self, x):
        h = F.relu(self.hidden(x))
        return self.mean(h), self.spread(h)

    def forward(self, x):
        return torch.sigmoid(self.decode(self.encode(x)[0]))


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Embedding(50000, 256), nn.Linear(256, 10)

    def forward(self, x):
        return self.out(self.embed(x).mean(1))


def picture(channels, side):
    return lambda rows: torch.randn(rows, channels, side, side)


def classes(n):
    return lambda rows: torch.randint(n, (rows,))


def letters(n, *shape):
    """Of so many rows: the axis None of the shape."""
    return lambda rows: torch.randint(n, tuple(rows if s is None else s for s in shape))


def of_letters(out, y):
    return F.cross_entropy(out.reshape(-1, out.shape[-1]), y.reshape(-1))


def momentum(rate):
    return lambda weights, **more: torch.optim.SGD(weights, rate, momentum=0.9, **more)


def adam(rate):
    return lambda weights, **more: torch.optim.Adam(weights, rate, **more)


def adamw(weights, **more):
    return torch.optim.AdamW(weights, 3e-4, weight_decay=0.01, **more)


def make_mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))


Model = namedtuple("Model", "net x y loss optimizer pictures")
CE = F.cross_entropy
MODELS = {
    "mlp": Model(make_mlp, lambda n: torch.randn(n, 784), classes(10), CE, momentum(0.01), False),
    "lenet": Model(LeNet, picture(1, 28), classes(10), CE, adam(1e-3), True),
    "cnn": Model(make_cnn, picture(3, 32), classes(10), CE, adam(1e-3), True),
    "densenet": Model(make_densenet, picture(3, 32), classes(10), CE, momentum(0.1), True),
    "resnet20": Model(make_resnet20, picture(3, 32), classes(10), CE, momentum(0.1), True),
    "resnet50": Model(make_resnet50, picture(3, 224), classes(1000), CE, momentum(0.1), True),
    "gru": Model(LastState, lambda n: torch.randn(64, n, 32), classes(10), CE, adam(1e-3), False),
    "gru1000": Model(LastState, lambda n: torch.randn(1000, n, 32), classes(10), CE, adam(1e-3), False),
    "grulm": Model(LetterModel, letters(96, 64, None), letters(96, 64, None), of_letters, adam(1e-3), False),
    "transformer": Model(lambda: Transformer(96, 128, 4, 128, 4), letters(96, None, 128), letters(96, None, 128), of_letters, adamw, False),
    "gpt": Model(lambda: Transformer(8192, 512, 8, 256, 8), letters(8192, None, 256), letters(8192, None, 256), of_letters, adamw, False),
    "gan": Model(Generator, lambda n: torch.randn(n, 64), None, None, adam(2e-4), True),
    "vae": Model(Autoencoder, lambda n: torch.rand(n, 784), None, None, adam(1e-3), False),
    "emb": Model(Bag, letters(50000, None, 32), classes(10), CE, adam(1e-3), False),
}
