"""Weights → a model folder that Saccade opens: model.safetensors (fp16) and model.json, with what was measured.

    python3 export.py WEIGHTS --config cifar10.json --test FOLDER [--everyday FOLDER] [--strangers FOLDER] --out ../

Photos are halved by their order: the temperature and the threshold of doubt are fitted to the even ones, and
calibration and doubt are reported on the odd ones. Accuracy is over all. `--everyday`: photos of the classes, or of
some of them, from elsewhere than the training photos and nearer to what people bring; where they are given, the
temperature and the threshold are fitted to them, not to the test photos, on which a model is surer than it should be
anywhere else.
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


def answers_to(logits, labels, temperature, doubt):
    """Accuracy over all photos; calibration and doubt on the odd ones."""
    odd, labels_odd = logits[1::2], labels[1::2]
    right = odd.argmax(1) == labels_odd
    named = evaluate.is_sure(odd, temperature, doubt)
    return {
        'top1': round(evaluate.accuracy(logits, labels), 4),
        'top5': round(evaluate.accuracy(logits, labels, 5), 4),
        'calibrationErrorBefore': round(evaluate.calibration_error(odd.softmax(1), labels_odd), 4),
        'calibrationErrorAfter': round(evaluate.calibration_error((odd / temperature).softmax(1), labels_odd), 4),
        'unsureOfRight': evaluate.share(~named[right]),
        'unsureOfWrong': evaluate.share(~named[~right]),
        'rightWhereSure': evaluate.share(right[named]),
    }


def measure(model, test, everyday, strangers, device, right_where_named=0.0):
    """Everything the card reports that needs only PyTorch. `everyday`, `strangers`: photos, or None."""
    logits = evaluate.logits_of(model, test, device)
    nearer, nearer_labels = logits, test.labels
    if everyday:
        nearer = evaluate.logits_of(model, everyday, device)
        nearer_labels = torch.tensor([test.classes.index(name) for name in everyday.classes])[everyday.labels]
    strange = evaluate.logits_of(model, strangers, device) if strangers else None
    temperature = evaluate.fit_temperature(nearer[::2], nearer_labels[::2])
    strange_half = strange[::2] if strangers else None
    doubt = evaluate.fit_doubt(nearer[::2], nearer_labels[::2], strange_half, temperature, right_where_named)
    return {
        'temperature': temperature,
        'doubt': doubt,
        **answers_to(logits, test.labels, temperature, doubt),
        'everyday': answers_to(nearer, nearer_labels, temperature, doubt) if everyday else None,
        'unsureOfStrangers': evaluate.share(~evaluate.is_sure(strange[1::2], temperature, doubt)) if strangers else None,
        'confusions': evaluate.confusions(logits, test.labels, test.classes),
    }


def export(weights_file, config, test_folder, out, everyday=None, strangers=None):
    """Writes the model folder and returns what was measured. `everyday`, `strangers`: folders, or None."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    size = config.get('readAt', config['model']['image'])
    test = data.load(test_folder, size)
    others = [data.load(folder, size) if folder else None for folder in (everyday, strangers)]
    model = VisionTransformer(Shape(**{**config['model'], 'image': size}, classes=len(test.classes)))
    load_into(model, weights.read(weights_file))
    os.makedirs(out, exist_ok=True)
    file = os.path.join(out, 'model.safetensors')
    weights.write(file, model.state_dict())
    load_into(model, weights.read(file))  # what is measured is what ships: rounded to fp16
    measured = measure(model.to(device), test, *others, device, config.get('rightWhereNamed', 0.0))
    with open(os.path.join(out, 'model.json'), 'w') as opened:
        json.dump(manifest(model, config, test.classes, measured, file), opened, indent=2, ensure_ascii=False, allow_nan=False)
        opened.write('\n')
    return measured


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('weights', help='a .safetensors file with timm names')
    options.add_argument('--config', required=True)
    options.add_argument('--test', required=True, help='class folders, never trained on')
    options.add_argument('--everyday', help='class folders of other photos of the classes')
    options.add_argument('--strangers', help='class folders of none of the classes')
    options.add_argument('--out', required=True)
    given = options.parse_args()
    with open(given.config) as file:
        config = json.load(file)
    measured = export(given.weights, config, given.test, given.out, given.everyday, given.strangers)
    print(json.dumps(measured, indent=2, ensure_ascii=False))


if __name__ == '__main__':
    main()
