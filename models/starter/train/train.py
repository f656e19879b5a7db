"""Trains a small Vision Transformer: a folder of class folders in, a model folder out.

    python3 train.py --config cifar10.json --data cifar10 --out run

`--data` holds `train/` and `test/` (or `val/`). Stops and resumes anywhere between epochs, with the same result;
a resumed run may be given another number of epochs. The recipe follows DeiT (Touvron et al. 2020).
"""
import argparse
import json
import math
import os
import time

import torch

import data
import evaluate
import export
import weights
from augment import DEFAULTS, augment, blur
from distill import Imitation, Teaching
from model import Shape, VisionTransformer, load_into
from optimizers import make_optimizer
from precision import bf16_is_faster, fast_products, hold_to
from teacher import open_teacher

RECIPE = {
    'epochs': 100,
    'fullEpochs': 4,  # the last ones, in which no patch is dropped
    'dropPatches': 0.5,
    'batch': 128,
    'steps': None,  # of an epoch, where it is to be less than one pass over the photos
    'learningRate': 6e-4,
    'warmup': 0.05,  # share of the run
    'weightDecay': 0.05,
    'dropPath': 0.05,
    'smoothing': 0.1,
    'muon': False,  # for the blocks' matrices, see optimizers.py
    'ema': 0.999,
    'clip': 1.0,
    'soft': 0.7,  # weight of the teacher's probabilities where there are any
    'softTemperature': 1.0,
    'imitate': 1.0,  # weight of the teacher's tokens
    'teacherSide': None,  # patches a side of what the teacher sees; None: the student's
    'none': 8000,  # photos of --none taken
    'seed': 0,
}


def learning_rate(recipe, progress):
    """Linear warm-up, then a cosine down to a hundredth. `progress` 0 … 1 of the run."""
    if progress < recipe['warmup']:
        return recipe['learningRate'] * progress / recipe['warmup']
    at = (progress - recipe['warmup']) / (1 - recipe['warmup'])
    return recipe['learningRate'] * (0.01 + 0.99 * (1 + math.cos(math.pi * at)) / 2)


def loss_of(model, imitation, photos, teaching, index, drop, recipe, how, device):
    targets, cls, maps = teaching.of(index, device)
    pixels = data.normalise(photos.pixels[index].to(device))
    pixels, targets, cls, maps = teaching.seen(*augment(pixels, how, targets, cls, maps))
    with fast_products(device):
        tokens, kept = model.tokens(blur(pixels, how), drop)
        logits = model.head(tokens[:, 0]).float()
        likeness = imitation(tokens, kept, cls, maps) if imitation else 0.0
    return -(targets * logits.log_softmax(1)).sum(1).mean() + recipe['imitate'] * likeness


def train_epoch(model, imitation, ema, optimizer, photos, teaching, recipe, how, epoch, device):
    """One pass in an order drawn by (seed, epoch). Returns the mean loss."""
    torch.manual_seed(recipe['seed'] * 100_003 + epoch)
    model.train()
    order = torch.randperm(len(photos))
    steps = min(len(photos) // recipe['batch'] or 1, recipe['steps'] or len(photos))
    drop = 0.0 if epoch >= recipe['epochs'] - recipe['fullEpochs'] else recipe['dropPatches']
    total = 0.0
    for step in range(steps):
        lr = learning_rate(recipe, (epoch * steps + step) / (recipe['epochs'] * steps))
        for group in optimizer.param_groups:
            group['lr'] = lr
        index = order[step * recipe['batch'] : (step + 1) * recipe['batch']]
        loss = loss_of(model, imitation, photos, teaching, index, drop, recipe, how, device)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe['clip'])
        optimizer.step()
        total += loss.item()
        done = epoch * steps + step
        decay = min(recipe['ema'], (1 + done) / (10 + done))
        with torch.no_grad():
            for average, value in zip(ema.parameters(), model.parameters()):
                average.lerp_(value, 1 - decay)
    return total / steps


def save(path, state):
    """Whole or not at all: a run may be cut off while it writes."""
    torch.save(state, path + '.part')
    os.replace(path + '.part', path)


def run(config, train, test, out, recipe, soft=None, teacher=None, init=None, stop_after=None, log=print):
    """Trains, or goes on where `out`/checkpoint.pt stands; returns the averaged model."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    how = {**DEFAULTS, **config.get('augment', {})}
    shape = Shape(**config['model'], classes=len(train.classes))
    torch.manual_seed(recipe['seed'])
    model, ema = VisionTransformer(shape, recipe['dropPath']), VisionTransformer(shape)
    if init:
        for sentence in load_into(model, weights.from_hugging_face(weights.read(init))):
            log(f'--init: {sentence}')
    ema.load_state_dict(model.state_dict())
    if teacher:
        teacher = open_teacher(teacher, recipe['teacherSide'] or shape.side, patch=shape.patch).to(device)
    teaching = Teaching(train, recipe, soft, teacher)
    trained = {'model': model.to(device), 'ema': ema.to(device)}
    imitation = None
    if teaching.width:
        imitation = trained['imitation'] = Imitation(shape.width, teaching.width, shape.side).to(device)
    optimizer = make_optimizer(model, [*filter(None, [imitation])], recipe)
    trained['optimizer'] = optimizer
    os.makedirs(out, exist_ok=True)
    checkpoint, first = os.path.join(out, 'checkpoint.pt'), 0
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=device)
        for name, part in trained.items():
            part.load_state_dict(state[name])
        first = state['epoch'] + 1
        hold_to(device, state.get('bf16', bf16_is_faster(device)))
        log(f'resumed after epoch {first} of {recipe["epochs"]}')
    for epoch in range(first, recipe['epochs']):
        start = time.time()
        loss = train_epoch(model, imitation, ema, optimizer, train, teaching, recipe, how, epoch, device)
        parts = {name: part.state_dict() for name, part in trained.items()}
        save(checkpoint, {**parts, 'epoch': epoch, 'bf16': bf16_is_faster(device)})
        line = f'epoch {epoch + 1}/{recipe["epochs"]} loss {loss:.4f}'
        if test is not None:
            line += f' top-1 {evaluate.accuracy(evaluate.logits_of(ema, test, device), test.labels):.4f}'
        log(f'{line} {time.time() - start:.0f} s')
        if stop_after and epoch + 1 >= stop_after:
            break
    return ema


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--config', required=True)
    options.add_argument('--data', required=True, help='holds train/ and test/ or val/')
    options.add_argument('--out', required=True, help='checkpoints, and at the end model/')
    options.add_argument('--init', help='start from these weights (.safetensors, timm or Hugging Face names)')
    options.add_argument('--soft', help="a teacher's answers, from teacher.py")
    options.add_argument('--teacher', help='a model with the same classes, asked about every picture as it is drawn')
    options.add_argument('--none', help='class folders of none of the classes, to be unsure about in training')
    options.add_argument('--everyday', help='class folders of other photos of the classes, see export.py')
    options.add_argument('--strangers', help='class folders of none of the classes, for the threshold of doubt')
    options.add_argument('--epochs', type=int)
    options.add_argument('--seed', type=int)
    options.add_argument('--limit', type=int, help='train on so many photos')
    options.add_argument('--stop-after', type=int, help='leave off after so many epochs; the same command goes on')
    options.add_argument('--watch', type=int, default=2000, help='photos of the test set looked at after each epoch')
    given = options.parse_args()
    with open(given.config) as file:
        config = json.load(file)
    overrides = {name: getattr(given, name) for name in ('epochs', 'seed') if getattr(given, name) is not None}
    recipe = {**RECIPE, **config.get('recipe', {}), **overrides}
    size = config['model']['image']
    held_out = next(p for p in (os.path.join(given.data, n) for n in ('test', 'val')) if os.path.isdir(p))
    train = data.load(os.path.join(given.data, 'train'), size, given.limit)
    if given.none:
        train = data.with_none(train, data.load(given.none, size, recipe['none']))
    watched = data.load(held_out, size, given.watch)
    log = lambda line: print(line, flush=True)
    log(f'{len(train)} photos, {len(train.classes)} classes; {json.dumps(recipe)}')
    ema = run(config, train, watched, given.out, recipe, given.soft, given.teacher, given.init, given.stop_after, log)
    if given.stop_after and given.stop_after < recipe['epochs']:
        return
    file = os.path.join(given.out, 'averaged.safetensors')
    weights.write(file, ema.state_dict(), half=False)
    measured = export.export(file, config, held_out, os.path.join(given.out, 'model'), given.everyday, given.strangers)
    log(json.dumps(measured, ensure_ascii=False))


if __name__ == '__main__':
    main()
