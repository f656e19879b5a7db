"""Augmentation of a whole batch at once, on whatever device it lies: no worker processes, no per-photo Python.

Stands in for RandAugment: crop, flip, rotation and shear in one resampling, brightness, contrast, saturation and
loss of colour in one pass; then random erasing (Zhong et al. 2017), mixup (Zhang et al. 2017), CutMix (Yun et al. 2019).
"""
import math

import torch
import torch.nn.functional as F

DEFAULTS = {
    'crop': [0.5, 1.0],  # share of the photo's area
    'rotate': 10,  # degrees to either side
    'shear': 0.1,
    'flip': 0.5,
    'colour': 0.3,  # factors are drawn from 1 - colour … 1 + colour
    'grey': 0.05,
    'erase': 0.1,
    'blur': 0.0,  # share of the photos that the student sees as if they were smaller
    'mixup': 0.8,  # Beta(alpha, alpha)
    'cutmix': 1.0,
    'mixing': 0.5,  # share of the batches that are mixed, half of them by either way
}


def between(batch, low, high, device):
    return torch.rand(batch, device=device) * (high - low) + low


def geometry(pixels, how, maps=None):
    """[B, 3, S, S] → the same, resampled through one affine map a photo; reflection beyond the edge. `maps`
    [B, E, side, side], something known of every patch, is resampled alike."""
    batch, device = pixels.shape[0], pixels.device
    scale = between(batch, *how['crop'], device).sqrt()
    ratio = torch.exp(between(batch, math.log(3 / 4), math.log(4 / 3), device) / 2)
    flip = torch.where(torch.rand(batch, device=device) < how['flip'], -1.0, 1.0)
    angle = between(batch, -1, 1, device) * math.radians(how['rotate'])
    shear = between(batch, -1, 1, device) * how['shear']
    wide, high = (scale * ratio).clamp(max=1), (scale / ratio).clamp(max=1)
    right, down = between(batch, -1, 1, device) * (1 - wide), between(batch, -1, 1, device) * (1 - high)
    cos, sin = angle.cos(), angle.sin()
    rows = [cos * wide * flip, (-sin + shear) * high, right, sin * wide * flip, cos * high, down]
    theta = torch.stack(rows, 1).reshape(batch, 2, 3)

    def resample(x):
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, mode='bilinear', padding_mode='reflection', align_corners=False)

    return resample(pixels), None if maps is None else resample(maps)


def colour(pixels, how):
    """`pixels` in -1 … 1."""
    batch, device, s = pixels.shape[0], pixels.device, how['colour']
    factor = lambda: between(batch, 1 - s, 1 + s, device).reshape(batch, 1, 1, 1)
    grey = pixels.mean(1, keepdim=True)
    lost = (torch.rand(batch, device=device) < how['grey']).reshape(batch, 1, 1, 1)
    pixels = grey + (pixels - grey) * torch.where(lost, torch.zeros(1, device=device), factor())
    mean = pixels.mean((1, 2, 3), keepdim=True)
    return ((pixels - mean) * factor() + (mean + 1) * factor() - 1).clamp(-1, 1)


def box(batch, size, low, high, device):
    """[B, 1, S, S] bool: one rectangle a photo that covers `low` … `high` of the area."""
    area = between(batch, low, high, device)
    ratio = torch.exp(between(batch, math.log(0.5), math.log(2), device) / 2)
    wide, tall = (area.sqrt() * ratio).clamp(max=1) / 2, (area.sqrt() / ratio).clamp(max=1) / 2
    at = (torch.arange(size, device=device) + 0.5) / size
    x, y = torch.rand(batch, device=device), torch.rand(batch, device=device)
    columns = (at - x[:, None]).abs() < wide[:, None]
    rows = (at - y[:, None]).abs() < tall[:, None]
    return (rows[:, :, None] & columns[:, None, :]).unsqueeze(1)


def erase(pixels, how):
    batch, size, device = pixels.shape[0], pixels.shape[-1], pixels.device
    chosen = (torch.rand(batch, device=device) < how['erase']).reshape(batch, 1, 1, 1)
    return torch.where(box(batch, size, 0.02, 0.25, device) & chosen, torch.randn_like(pixels), pixels)


def blur(pixels, how):
    """[B, 3, S, S] → the same, some of them as if they had been enlarged from a third to two thirds of the size. No part of
    `augment`: a teacher is asked about the sharp ones."""
    if how['blur'] == 0:
        return pixels
    batch, size, device = pixels.shape[0], pixels.shape[-1], pixels.device
    small = F.interpolate(pixels, size=int(torch.randint(size // 3, size * 2 // 3, ()).item()), mode='area')
    large = F.interpolate(small, size=size, mode='bicubic', align_corners=False).clamp(-1, 1)
    chosen = (torch.rand(batch, device=device) < how['blur']).reshape(batch, 1, 1, 1)
    return torch.where(chosen, large, pixels)


def mix(pixels, how, *beside):
    """Joins each photo, and the rows of every tensor in `beside`, with those of another photo of the batch: all mixed
    by the same share, but maps [B, E, side, side] cut as the photo is."""
    if torch.rand(()) >= how['mixing']:
        return pixels, *beside
    other = torch.randperm(len(pixels), device=pixels.device)
    share, inside = torch.distributions.Beta(how['mixup'], how['mixup']).sample().item(), None
    if torch.rand(()) >= 0.5:
        cut = 1 - torch.distributions.Beta(how['cutmix'], how['cutmix']).sample().item()
        inside = box(len(pixels), pixels.shape[-1], cut, cut + 1e-6, pixels.device)
        share = 1 - inside.float().mean((1, 2, 3))

    def join(x):
        if x is None:
            return None
        part = share if inside is None else share.reshape(-1, *[1] * (x.dim() - 1))
        if inside is not None and x.dim() == 4:
            part = 1 - F.interpolate(inside.float(), x.shape[2:], mode='area')
        return part * x + (1 - part) * x[other]

    return join(pixels), *(join(x) for x in beside)


def augment(pixels, how, targets, cls=None, maps=None):
    """`pixels` [B, 3, S, S] in -1 … 1; `targets` [B, C] probabilities; `cls` [B, E] and `maps` [B, E, side, side]: a
    teacher's tokens, or None; `how`: DEFAULTS, overridden. Returns all four."""
    pixels, maps = geometry(pixels, how, maps)
    return mix(erase(colour(pixels, how), how), how, targets, cls, maps)
