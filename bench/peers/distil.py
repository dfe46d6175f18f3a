"""The PyTorch side of training-tasks.ts, task distill: the same student, batches, loss and optimizer; prints each step's loss.

usage: distil.py <folder of the case> <threads>
"""

import json
import sys

import torch
from torch_case import Case

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
case = Case(folder)
with open(f"{folder}/case.json", encoding="utf-8") as file:
    settings = json.load(file)["settings"]
parameters = list(case.parameters().values())
optimizer = torch.optim.AdamW(
    [
        {"params": [value for value in parameters if value.dim() >= 2], "weight_decay": settings["weightDecay"]},
        {"params": [value for value in parameters if value.dim() < 2], "weight_decay": 0},
    ],
    lr=settings["learningRate"],
)
steps, warm_up = settings["steps"], settings["warmUpSteps"]


def factor(step):
    return step / warm_up if step < warm_up else max(0, (steps - step) / max(1, steps - warm_up))


schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
losses = []
for batch in case.batches:
    student, teacher = case.model.vectors(batch, "row"), batch["row.targets"]
    direction = 1 - (student * teacher).sum(-1).mean()
    structure = (student @ student.T - teacher @ teacher.T).square().mean()
    loss = direction + 10 * structure
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, settings["clipNorm"])
    optimizer.step()
    schedule.step()
    optimizer.zero_grad(set_to_none=True)
    losses.append(loss.item())
print(json.dumps(losses))
