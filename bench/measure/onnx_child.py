# SPDX-License-Identifier: MIT
"""onnx_child.py MODEL: ONNX Runtime as a peer: the PyTorch model exported with a fixed batch, run on a session of so many threads.
Asked line by line, like torch_child.py; ENTRY is predict."""
import json
import os
import sys

import onnxruntime
import torch

from timing import peak_bytes, time_calls, warm
from torch_models import MODELS

BATCHES = 4


def export(name, rows):
    model = MODELS[name]
    net, batches = model.net().eval(), [model.x(rows) for _ in range(BATCHES)]
    path = os.path.join(os.environ["OUT"], "%s-%d.onnx" % (name, rows))
    with torch.no_grad():
        torch.onnx.export(net, (batches[0],), path, opset_version=17, input_names=["x"], output_names=["y"], dynamo=False)
    return path, [b.numpy() for b in batches]


def make(name, threads, rows):
    path, batches = export(name, rows)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda i: session.run(None, {"x": batches[i % BATCHES]})


def main():
    calls = {}
    for line in sys.stdin:
        if line == "memory\n":
            answer = {"peak": peak_bytes()}
        else:
            _, threads, rows, seconds, _ = line.split()
            key = int(threads), int(rows)
            if key not in calls:
                calls[key] = make(sys.argv[1], *key)
                warm(calls[key])
            answer = time_calls(calls[key], float(seconds))
        print(json.dumps(answer), flush=True)


main()
