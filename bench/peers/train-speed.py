"""The PyTorch side of training-speed.ts: makes as many steps as each line of its input says, and prints their times.

usage: train-speed.py <folder of the case> <threads> <float32 | bfloat16>
"""

import json
import resource
import sys
import time

import torch
from torch_case import Case

folder, threads, precision = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(0)
case = Case(folder)
optimizer = torch.optim.AdamW(case.parameters().values(), lr=1e-5, weight_decay=0.01, fused=True)
done = 0


def step():
    global done
    batch = case.batches[done % len(case.batches)]
    done += 1
    began = time.perf_counter()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
        loss = case.loss(batch)
    forward = time.perf_counter()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    loss = loss.item()
    ended = time.perf_counter()
    return {"milliseconds": (ended - began) * 1e3, "forwardMilliseconds": (forward - began) * 1e3, "loss": loss}


def gemm_rate():
    left, right = torch.rand(1024, 384), torch.rand(384, 1536)
    times = []
    for _ in range(60):
        began = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - began)
    return 2 * 1024 * 384 * 1536 / min(times) / 1e9


for line in sys.stdin:
    if line.strip() == "gemm":
        print(json.dumps({"gflops": gemm_rate()}), flush=True)
        continue
    steps = [step() for _ in range(int(line))]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"steps": steps, "peakBytes": peak}), flush=True)
