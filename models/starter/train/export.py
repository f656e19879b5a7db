"""Weights → a model folder that Saccade opens: model.safetensors (fp16) and model.json, with what was measured.

    python3 export.py WEIGHTS --config cifar10.json --test TEST_FOLDER [--strangers FOLDER] --out ../

The test photos are halved by their order: the temperature and the threshold of doubt are fitted to the even ones,
and calibration and doubt are reported on the odd ones. Accuracy is over all.
"""
import argparse
import hashlib
import json
import os

import torch

import data
import evaluate
import weights
from model import Shape, VisionTransformer, load_into


def labels_of(classes, known):
    """Class folders → labels; `known`: {class: {"name", "names"}} of the configuration."""
    return [{'id': name, 'name': name.replace('_', ' '), **known.get(name, {})} for name in classes]


def manifest(model, config, classes, measured, file):
    shape = model.shape
    with open(file, 'rb') as opened:
        content = opened.read()
    size = {'height': shape.image, 'width': shape.image}
    return {
        'format': 1,
        'id': config['id'],
        'name': config['name'],
        'kind': 'vit',
        'architecture': {
            'family': 'vit',
            'keys': 'timm',
            'prefix': '',
            'imageSize': size,
            'patchSize': shape.patch,
            'width': shape.width,
            'depth': shape.depth,
            'heads': shape.heads,
            'mlpWidth': shape.mlp,
            'norm': 'pre',
            'epsilon': 1e-6,
            'activation': 'gelu',
            'qkvBias': True,
            'layerScale': False,
            'clsToken': True,
            'distillation': False,
            'registers': 0,
            'positions': {'rows': shape.side, 'columns': shape.side, 'special': True},
            'positionResize': {'antialias': True},
            'pool': 'cls',
            'finalNorm': 'tokens',
            'classes': shape.classes,
        },
        'input': size,
        'grid': {'rows': shape.side, 'columns': shape.side, 'patchSize': shape.patch},
        'preprocessing': {
            'resize': {'mode': 'shortest-edge', 'size': shape.image},
            'interpolation': 'bicubic',
            'crop': size,
            'mean': [0.5, 0.5, 0.5],
            'std': [0.5, 0.5, 0.5],
        },
        'labels': labels_of(classes, config.get('labels', {})),
        'calibration': {'temperature': measured['temperature']},
        'doubt': measured['doubt'],
        'parameters': sum(value.numel() for value in model.parameters()),
        'licence': config['licence'],
        'source': config['source'],
        'weights': {
            'files': ['model.safetensors'],
            'dtype': 'F16',
            'sha256': hashlib.sha256(content).hexdigest(),
            'bytes': len(content),
        },
        'card': 'CARD.md',
    }


def measure(model, test, strangers, device):
    """Everything the card reports that needs only PyTorch."""
    logits, labels = evaluate.logits_of(model, test, device), test.labels
    strange = evaluate.logits_of(model, strangers, device) if strangers else None
    fit, report = slice(0, None, 2), slice(1, None, 2)
    temperature = evaluate.fit_temperature(logits[fit], labels[fit])
    doubt = evaluate.fit_doubt(logits[fit], labels[fit], strange[fit] if strangers else None, temperature)
    sure = lambda some: evaluate.certainty(some, temperature, doubt['method']) >= doubt['threshold']
    right = logits[report].argmax(1) == labels[report]
    named = sure(logits[report]) if doubt else torch.ones_like(right)
    return {
        'top1': round(evaluate.accuracy(logits, labels), 4),
        'top5': round(evaluate.accuracy(logits, labels, 5), 4),
        'temperature': temperature,
        'doubt': doubt,
        'calibrationErrorBefore': round(evaluate.calibration_error(logits[report].softmax(1), labels[report]), 4),
        'calibrationErrorAfter': round(
            evaluate.calibration_error((logits[report] / temperature).softmax(1), labels[report]), 4
        ),
        'unsureOfRight': evaluate.share(~named[right]),
        'unsureOfWrong': evaluate.share(~named[~right]),
        'unsureOfStrangers': evaluate.share(~sure(strange[report])) if strangers and doubt else None,
        'rightWhereSure': evaluate.share(right[named]),
        'confusions': evaluate.confusions(logits, labels, test.classes),
    }


def export(weights_file, config, test_folder, strangers_folder, out):
    """Writes the model folder and returns what was measured."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    size = config['model']['image']
    test = data.load(test_folder, size)
    strangers = data.load(strangers_folder, size) if strangers_folder else None
    model = VisionTransformer(Shape(**config['model'], classes=len(test.classes)))
    load_into(model, weights.read(weights_file))
    os.makedirs(out, exist_ok=True)
    file = os.path.join(out, 'model.safetensors')
    weights.write(file, model.state_dict())
    load_into(model, weights.read(file))  # what is measured is what ships: rounded to fp16
    measured = measure(model.to(device), test, strangers, device)
    with open(os.path.join(out, 'model.json'), 'w') as opened:
        json.dump(manifest(model, config, test.classes, measured, file), opened, indent=2, ensure_ascii=False, allow_nan=False)
        opened.write('\n')
    return measured


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('weights', help='a .safetensors file with timm names')
    options.add_argument('--config', required=True)
    options.add_argument('--test', required=True, help='class folders, never trained on')
    options.add_argument('--strangers', help='class folders of none of the classes')
    options.add_argument('--out', required=True)
    given = options.parse_args()
    with open(given.config) as file:
        config = json.load(file)
    measured = export(given.weights, config, given.test, given.strangers, given.out)
    print(json.dumps(measured, indent=2, ensure_ascii=False))


if __name__ == '__main__':
    main()
