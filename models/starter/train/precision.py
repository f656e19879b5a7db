"""The number type that products are fastest in. On one CPU bf16 ones are five times as fast as fp32, on another a
tenth: it depends on whether the processor has instructions for them."""
import contextlib
import time

import torch


def seconds(kind):
    a, b = torch.ones(1024, 256, dtype=kind), torch.ones(256, 1024, dtype=kind)
    taken = []
    for _ in range(24):  # so many that one of them is left alone by whatever else computes here
        start = time.perf_counter()
        a @ b
        taken.append(time.perf_counter() - start)
    return min(taken)


decided = {}


def bf16_is_faster(device):
    if device not in decided:
        decided[device] = device == 'cuda' or seconds(torch.bfloat16) < seconds(torch.float32)
    return decided[device]


def hold_to(device, bf16):
    """What a run was begun with: rounded otherwise it would end elsewhere."""
    decided[device] = bf16


def fast_products(device):
    """A context in which products are computed in bf16 where that is faster."""
    return torch.autocast(device, torch.bfloat16) if bf16_is_faster(device) else contextlib.nullcontext()
