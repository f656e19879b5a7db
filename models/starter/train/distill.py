"""What the student takes from a teacher: its answers, blended with the labels, and its tokens, patch by patch."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Imitation(nn.Module):
    """The student's tokens, through one linear layer, against the teacher's: what Li et al. (2022, Locality Guidance)
    show to spare a small Vision Transformer most of what it lacks on small data. The layer is not part of the model."""

    def __init__(self, width, wanted, side):
        super().__init__()
        self.side = side
        self.proj = nn.Linear(width, wanted)

    def forward(self, tokens, kept, cls, maps):
        """Mean squared error. `tokens` [B, T, D] and `kept` [B, T - 1] as the model gives them; `cls` [B, E] and
        `maps` [B, E, S, S]: the teacher's, normalised, drawn to the student's grid; a photo without them is all zeros
        and counts nothing."""
        if maps.shape[-1] != self.side:
            maps = F.interpolate(maps, (self.side, self.side), mode='bilinear', align_corners=False)
        patches = maps.flatten(2).transpose(1, 2)
        patches = patches.gather(1, kept.unsqueeze(-1).expand(-1, -1, patches.shape[2]))
        wanted = torch.cat([cls.unsqueeze(1), patches], 1)
        known = (cls.abs().sum(1) > 0).float()
        error = (self.proj(tokens).float() - wanted).square().mean((1, 2))
        return (error * known).sum() / known.sum().clamp_min(1)


class Teaching:
    """`targets` [n, C] probabilities; `tokens` float16 [n, T, E] or None. Photos of no class (label -1) have every
    class as their target alike, and no tokens (Hendrycks et al. 2018, Outlier Exposure)."""

    def __init__(self, photos, recipe, soft=None):
        classes, self.tokens = len(photos.classes), None
        none = photos.labels < 0
        targets = F.one_hot(photos.labels.clamp_min(0), classes).float()
        self.targets = targets * (1 - recipe['smoothing']) + recipe['smoothing'] / classes
        if soft:
            stored = np.load(soft)
            row_of = {file: row for row, file in enumerate(stored['files'].tolist())}
            unknown = next((f for f, absent in zip(photos.files, none) if not absent and f not in row_of), None)
            if unknown:
                raise SystemExit(f'--soft: {soft} has no answer for {unknown}; run teacher.py on this folder.')
            self.rows = torch.tensor([-1 if absent else row_of[f] for f, absent in zip(photos.files, none)])
            answers = torch.from_numpy(stored['logits'])[self.rows].float() / recipe['softTemperature']
            self.targets = (1 - recipe['soft']) * self.targets + recipe['soft'] * answers.softmax(1)
            if recipe['imitate'] > 0:
                if 'tokens' not in stored:
                    raise SystemExit(f'--soft: {soft} holds no tokens; run teacher.py again, or set "imitate" to 0.')
                self.tokens = torch.from_numpy(stored['tokens'])
        self.targets[none] = 1 / classes

    def of(self, index, device):
        """(targets [B, C], cls [B, E], maps [B, E, side, side]) of some photos; the latter two None without tokens."""
        targets = self.targets[index].to(device)
        if self.tokens is None:
            return targets, None, None
        rows = self.rows[index]
        tokens = self.tokens[rows].to(device).float()
        tokens = F.layer_norm(tokens, tokens.shape[-1:]) * (rows >= 0).to(device).float()[:, None, None]
        side = round((tokens.shape[1] - 1) ** 0.5)
        return targets, tokens[:, 0], tokens[:, 1:].transpose(1, 2).unflatten(2, (side, side))
