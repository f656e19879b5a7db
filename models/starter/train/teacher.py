"""What a teacher says of the training photos, computed once and kept in a file: its answers (Touvron et al. 2020,
DeiT) and its tokens, patch by patch.

The teacher is frozen. A linear head over its [CLS] and the mean of its patches is fitted to the training labels in
`folds` parts, and every photo gets the answer of the head that did not see its label; no mapping between label lists
is needed. The teacher sees the photo at the size where its patches lie on the student's, or at `--side` patches a
side, which it may know better: its tokens are then averaged over the student's patches.

    python3 teacher.py --teacher FOLDER_OR_SAFETENSORS --config cifar10.json --data cifar10/train --out soft.npz
"""
import argparse
import json
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

import data
import weights
from model import Shape, VisionTransformer, load_into
from precision import fast_products


def open_teacher(path, side, heads=None, patch=None):
    """Any timm or Hugging Face ViT, its positions resized to `side` × `side` patches of `patch` pixels, or of its own;
    its shape is read off the tensors. `heads` None: 64 numbers a head."""
    file = os.path.join(path, 'model.safetensors') if os.path.isdir(path) else path
    tensors = weights.from_hugging_face(weights.read(file))
    width, _, own, _ = tensors['patch_embed.proj.weight'].shape
    patch = patch or own
    depth = sum(name.endswith('.norm1.weight') for name in tensors)
    mlp, classes = tensors['blocks.0.mlp.fc1.bias'].shape[0], tensors['head.bias'].shape[0]
    model = VisionTransformer(Shape(side * patch, patch, width, depth, heads or width // 64, mlp, classes))
    load_into(model, tensors)
    return model.eval()


@torch.no_grad()
def tokens(model, photos, side, device, kept, batch=64):
    """[n, 1 + side², D] float16, [CLS] first: the teacher's final tokens, its patches averaged to `side` × `side`.

    They lie in the file `kept` as they come, since they take longest: what was cut off goes on there.
    """
    shape = (len(photos), 1 + side * side, model.shape.width)
    size, start = (model.shape.image,) * 2, time.time()
    rows = np.lib.format.open_memmap(kept, 'r+' if os.path.exists(kept) else 'w+', np.float16, shape)
    first = int((rows[:, 0] != 0).any(1).sum()) // batch * batch
    for at in range(first, len(photos), batch):
        pixels = data.normalise(photos.pixels[at : at + batch].to(device))
        pixels = F.interpolate(pixels, size=size, mode='bicubic', align_corners=False).clamp(-1, 1)
        with fast_products(device):
            seen = model.tokens(pixels)[0].float()
        maps = seen[:, 1:].transpose(1, 2).unflatten(2, (model.shape.side,) * 2)
        patches = F.adaptive_avg_pool2d(maps, side).flatten(2).transpose(1, 2)
        rows[at : at + batch] = torch.cat([seen[:, :1], patches], 1).cpu().half().numpy()
        if at // batch % 10 == 0:
            rows.flush()
            print(f'{at} of {len(photos)} photos, {time.time() - start:.0f} s', flush=True)
    rows.flush()
    return torch.from_numpy(np.array(rows))


def fit_head(x, y, classes, penalty=1e-4):
    """Multinomial logistic regression by L-BFGS. Returns weight [D, C] and bias [C]."""
    weight = torch.zeros(x.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], lr=1, max_iter=150, line_search_fn='strong_wolfe')

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ weight + bias, y) + penalty * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach(), bias.detach()


def cross_fit(x, y, classes, folds, seed):
    """Logits [n, C], each photo's from a head fitted without it."""
    x = (x - x.mean(0)) / x.std(0).clamp_min(1e-6)
    part = torch.from_numpy(np.random.default_rng(seed).permutation(len(y)) % folds)
    logits = torch.empty(len(y), classes)
    for fold in range(folds):
        weight, bias = fit_head(x[part != fold], y[part != fold], classes)
        logits[part == fold] = x[part == fold] @ weight + bias
    return logits


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--teacher', required=True)
    options.add_argument('--data', required=True)
    options.add_argument('--config', required=True, help="the student's, for its image and its patches")
    options.add_argument('--heads', type=int)
    options.add_argument('--side', type=int, help="patches a side that the teacher sees; the student's if not given")
    options.add_argument('--folds', type=int, default=5)
    options.add_argument('--seed', type=int, default=0)
    options.add_argument('--limit', type=int)
    options.add_argument('--out', required=True)
    given = options.parse_args()
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    with open(given.config) as file:
        student = json.load(file)['model']
    photos = data.load(given.data, student['image'], given.limit, given.seed)
    side = student['image'] // student['patch']
    teacher = open_teacher(given.teacher, given.side or side, given.heads).to(device)
    kept = given.out + '.tokens.npy'
    seen = tokens(teacher, photos, side, device, kept)
    features = torch.cat([seen[:, 0].float(), seen[:, 1:].float().mean(1)], 1)
    logits = cross_fit(features, photos.labels, len(photos.classes), given.folds, given.seed)
    accuracy = (logits.argmax(1) == photos.labels).float().mean().item()
    np.savez(given.out, logits=logits.numpy().astype(np.float16), tokens=seen.numpy(), files=np.array(photos.files))
    os.remove(kept)
    print(f'{len(photos)} photos; the teacher is right on {accuracy:.1%} (photos it was not fitted to): {given.out}')


if __name__ == '__main__':
    main()
