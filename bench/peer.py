# peer.py MODEL [SECONDS]: the models of bench/*.nn in PyTorch, one thread, for bench/run.
# One step: zero the gradients, forward, mean loss, backward, update; four batches in memory, taken in turn.
# Prints like step.c: median ms, least ms, steps, CPU of other programs during the measurement (1 = one core).
import os
import resource
import statistics
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    sys.exit(3)
torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)


class LastStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(32, 128, 2)           # time first: what the library is fastest with
        self.out = nn.Linear(128, 10)

    def forward(self, x):
        y, _ = self.gru(x)
        return self.out(y[-1])


def make_mlp():
    net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    return net, 64, lambda n: torch.randn(n, 784), lambda p, **k: torch.optim.SGD(p, 0.01, momentum=0.9, **k)


def make_lenet():
    net = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    return net, 64, lambda n: torch.randn(n, 1, 28, 28), lambda p, **k: torch.optim.Adam(p, 1e-3, **k)


def make_gru():
    return LastStep(), 32, lambda n: torch.randn(64, n, 32), lambda p, **k: torch.optim.Adam(p, 1e-3, **k)


def own_cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def all_cpu():
    with open("/proc/stat") as f:
        n = [int(v) for v in f.readline().split()[1:8]]
    return (n[0] + n[1] + n[2] + n[5] + n[6]) / os.sysconf("SC_CLK_TCK")


def main():
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    net, rows, draw, make = {"mlp": make_mlp, "lenet": make_lenet, "gru": make_gru}[sys.argv[1]]()
    try:
        optimizer = make(net.parameters(), foreach=True)
    except TypeError:                           # older versions
        optimizer = make(net.parameters())
    batches = [(draw(rows), torch.randint(10, (rows,))) for _ in range(4)]

    def step(i):
        x, y = batches[i % 4]
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

    for i in range(20):
        step(i)
    took, cpu, everyone, begin = [], own_cpu(), all_cpu(), time.perf_counter()
    while len(took) < 5 or time.perf_counter() - begin < limit:
        t = time.perf_counter()
        step(len(took))
        took.append(time.perf_counter() - t)
    wall = time.perf_counter() - begin
    others = max(0.0, (all_cpu() - everyone - (own_cpu() - cpu)) / wall)
    print("%.4f %.4f %d %.2f" % (1e3 * statistics.median(took), 1e3 * min(took), len(took), others))


main()
