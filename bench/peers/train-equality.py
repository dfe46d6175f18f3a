"""The PyTorch side of training-equality.ts.

usage: train-equality.py <folder of the case> <settings.json> <out folder>

Writes losses.json (the loss of every step) and gradients.bin (each weight's gradient of the first batch, before clipping, in
the order and orientation of the case).
"""

import json
import sys

import torch
from torch_case import Case
from transformers import get_scheduler

folder, settings_file, out = sys.argv[1:4]
with open(settings_file) as file:
    settings = json.load(file)
with open(f"{folder}/case.json") as file:
    transposed = {entry["name"]: entry["transposed"] for entry in json.load(file)["weights"]}

case = Case(folder)
parameters = case.parameters()
optimizer = torch.optim.AdamW(parameters.values(), lr=settings["learningRate"], weight_decay=settings["weightDecay"])
scheduler = get_scheduler(settings["schedule"], optimizer, settings["warmupSteps"], settings["steps"])
losses = []
for step in range(settings["steps"]):
    loss = case.loss(case.batches[step % len(case.batches)])
    loss.backward()
    losses.append(loss.item())
    if step == 0:
        with open(f"{out}/gradients.bin", "wb") as file:
            for name, parameter in parameters.items():
                gradient = parameter.grad.t() if transposed[name] else parameter.grad
                file.write(gradient.contiguous().numpy().tobytes())
    torch.nn.utils.clip_grad_norm_(parameters.values(), settings["clipNorm"])
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad(set_to_none=True)
with open(f"{out}/losses.json", "w") as file:
    json.dump(losses, file)
