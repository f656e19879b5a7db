"""What the student takes from a teacher: its answers, blended with the labels, and its tokens, patch by patch."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from precision import fast_products


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
    """`targets` [n, C] probabilities; `tokens` float16 [n, T, E] or None: what a teacher said of each photo, once
    (`soft`). `teacher`: a model of the same classes that is asked about each picture as it is after augmentation (Beyer
    et al. 2022, "A good teacher is patient and consistent"). Photos of no class (label -1) have every class as their
    target alike, and no tokens (Hendrycks et al. 2018, Outlier Exposure)."""

    def __init__(self, photos, recipe, soft=None, teacher=None):
        classes, self.tokens, self.teacher = len(photos.classes), None, teacher
        self.share, self.temperature, self.imitates = recipe['soft'], recipe['softTemperature'], recipe['imitate'] > 0
        if teacher and (soft or bool((photos.labels < 0).any())):
            raise SystemExit('--teacher answers for every picture itself: leave --soft and --none out.')
        if teacher and teacher.shape.classes != classes:
            raise SystemExit(f'--teacher knows {teacher.shape.classes} classes, the photos have {classes}: train it on them.')
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
            self.targets = self.blended(self.targets, torch.from_numpy(stored['logits'])[self.rows].float())
            if self.imitates:
                if 'tokens' not in stored:
                    raise SystemExit(f'--soft: {soft} holds no tokens; run teacher.py again, or set "imitate" to 0.')
                self.tokens = torch.from_numpy(stored['tokens'])
        self.targets[none] = 1 / classes

    @property
    def width(self):
        """Of the tokens that are imitated; None: none are."""
        if self.teacher:
            return self.teacher.shape.width if self.imitates else None
        return None if self.tokens is None else self.tokens.shape[2]

    def blended(self, targets, logits):
        return (1 - self.share) * targets + self.share * (logits / self.temperature).softmax(1)

    @torch.no_grad()
    def seen(self, pixels, targets, cls, maps):
        """The four that augmentation gives, with what the teacher says of these pictures, if there is one to ask."""
        if self.teacher is None:
            return pixels, targets, cls, maps
        size, shown = self.teacher.shape.image, pixels
        if pixels.shape[-1] != size:  # at the size that the teacher knows best
            shown = F.interpolate(pixels, size=size, mode='bicubic', align_corners=False).clamp(-1, 1)
        with fast_products(pixels.device.type):
            tokens = self.teacher.tokens(shown)[0]
            logits = self.teacher.head(tokens[:, 0]).float()
        tokens = F.layer_norm(tokens.float(), tokens.shape[-1:])
        maps = tokens[:, 1:].transpose(1, 2).unflatten(2, (self.teacher.shape.side,) * 2)
        return pixels, self.blended(targets, logits), tokens[:, 0], maps

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
