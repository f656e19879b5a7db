"""What a model answers, how well its probabilities are calibrated, and when it had better say "unsure"."""
import numpy as np
import torch
import torch.nn.functional as F

import data
from precision import fast_products


@torch.no_grad()
def logits_of(model, photos, device, batch=500):
    """[n, C] float32; products in the type that is fastest here."""
    model.eval()
    rows = []
    for at in range(0, len(photos), batch):
        with fast_products(device):
            rows.append(model(data.normalise(photos.pixels[at : at + batch].to(device))).cpu())
    return torch.cat(rows)


def accuracy(logits, labels, k=1):
    best = logits.topk(min(k, logits.shape[1]), 1).indices
    return (best == labels.unsqueeze(1)).any(1).float().mean().item()


def calibration_error(probabilities, labels, bins=15):
    """Expected calibration error (Guo et al. 2017): equal-width bins of the best probability."""
    confidence, answer = probabilities.max(1)
    right = (answer == labels).float()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    error = 0.0
    for b in range(bins):
        inside = bin_of == b
        if inside.any():
            error += inside.float().mean().item() * abs(right[inside].mean() - confidence[inside].mean()).item()
    return error


def share(mask):
    """How much of a boolean tensor is true, to four decimals; None of an empty one."""
    return round(mask.float().mean().item(), 4) if mask.numel() else None


def fit_temperature(logits, labels):
    """The one number of 0.1 … 10 that minimises the negative log likelihood of `logits / temperature`; a search,
    since nothing but a bound stops a gradient where every answer is right."""
    candidates = torch.logspace(-1, 1, 801).tolist()
    return round(min(candidates, key=lambda t: F.cross_entropy(logits / t, labels).item()), 4)


def certainty(logits, temperature, method):
    """One number a photo, larger where the model is surer."""
    if method == 'energy':
        return logits.logsumexp(1)
    return (logits / temperature).softmax(1).max(1).values


def is_sure(logits, temperature, doubt):
    """bool [n]: whether a class is named. `doubt`: {"method", "threshold"}, or None: always."""
    if doubt is None:
        return torch.ones(len(logits), dtype=torch.bool)
    return certainty(logits, temperature, doubt['method']) >= doubt['threshold']


def fit_doubt(logits, labels, strangers, temperature, at_least=0.0):
    """The method and threshold that tell right answers best from the others: by which the share of right answers that
    are named exceeds most the share of wrong ones that are (and of answers about photos of no class, `strangers`,
    logits, or None; the mean of both). `at_least`: only among thresholds above which this share of the answers is right,
    where there are such. The energy has to win by 0.02: a probability is what people see beside the answer. None where
    there are no right answers to choose by."""
    right = logits.argmax(1) == labels
    if not right.any():
        return None
    found = []
    for method, handicap in (('max-probability', 0.0), ('energy', 0.02)):
        sure = certainty(logits, temperature, method)
        others = [sure[~right]] if strangers is None else [sure[~right], certainty(strangers, temperature, method)]
        for withheld in range(100):
            threshold = round(float(np.quantile(sure[right].numpy(), withheld / 100)), 4)
            named = [share(other >= threshold) or 0 for other in others]
            gain = share(sure[right] >= threshold) - np.mean(named) - handicap
            precise = (share(right[sure >= threshold]) or 0) >= at_least
            found.append((precise, gain, {'method': method, 'threshold': threshold}))
    return max(found, key=lambda one: one[:2])[2]


def confusions(logits, labels, classes, most=8):
    """[(class, answered, share of the class's photos)], most frequent first."""
    table = torch.zeros(len(classes), len(classes))
    for label, answer in zip(labels.tolist(), logits.argmax(1).tolist()):
        table[label, answer] += 1
    share = table / table.sum(1, keepdim=True).clamp_min(1)
    pairs = [(share[a, b].item(), a, b) for a in range(len(classes)) for b in range(len(classes)) if a != b]
    return [(classes[a], classes[b], round(s, 4)) for s, a, b in sorted(pairs, reverse=True)[:most]]
