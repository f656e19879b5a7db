"""The Vision Transformer of timm's names in PyTorch, float64, a part of it left out in each of the usual ways."""

import json
import sys

import numpy
import torch
from torch.nn.functional import conv2d, gelu, layer_norm, linear


def read(path):
    """safetensors, F32 only"""
    data = open(path, 'rb').read()
    size = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8 : 8 + size])
    header.pop('__metadata__', None)
    body = data[8 + size :]
    return {
        name: torch.from_numpy(
            numpy.frombuffer(body[slice(*tensor['data_offsets'])], '<f4').reshape(tensor['shape']).astype('f8')
        )
        for name, tensor in header.items()
    }


class Answer:
    """Of photos [B, 3, side, side]. Without [CLS] the head reads the mean of the patches that are there.

    kept: indices of the patches whose tokens are in the sequence; masked: those that nobody attends to.
    """

    def __init__(self, weights, pixels, heads, epsilon, kept=None, masked=None, head_mask=None):
        depth = 1 + max(int(name.split('.')[1]) for name in weights if name.startswith('blocks.'))
        norm = lambda x, name: layer_norm(x, x.shape[-1:], weights[f'{name}.weight'], weights[f'{name}.bias'], epsilon)
        apply = lambda x, name: linear(x, weights[f'{name}.weight'], weights[f'{name}.bias'])
        kernel = weights['patch_embed.proj.weight']
        x = conv2d(pixels, kernel, weights['patch_embed.proj.bias'], stride=kernel.shape[-1]).flatten(2).transpose(1, 2)
        nothing = torch.zeros(1, 0, x.shape[-1], dtype=torch.float64)
        cls = weights.get('cls_token', nothing)
        x = torch.cat([cls.expand(len(x), -1, -1), x], 1) + weights['pos_embed']
        # Registers come behind [CLS] and have no position.
        registers = weights.get('reg_token', nothing).expand(len(x), -1, -1)
        x = torch.cat([x[:, : cls.shape[1]], registers, x[:, cls.shape[1] :]], 1)
        special = cls.shape[1] + registers.shape[1]
        if kept is not None:
            x = x[:, [*range(special), *(special + patch for patch in kept)]]
        self.attentions, self.values = [], []
        for layer in range(depth):
            block = f'blocks.{layer}'
            batch, tokens, width = x.shape
            qkv = apply(norm(x, f'{block}.norm1'), f'{block}.attn.qkv')
            q, k, v = qkv.reshape(batch, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            scores = q @ k.transpose(-2, -1) / (width // heads) ** 0.5
            if masked is not None:
                scores[..., [special + patch for patch in masked]] = -numpy.inf
            attention = scores.softmax(-1)
            self.attentions.append(attention)
            self.values.append(v)
            if head_mask is not None:
                attention = attention * head_mask[layer].reshape(1, heads, 1, 1)
            scale = lambda name: weights.get(f'{block}.{name}.gamma', torch.ones(width, dtype=torch.float64))
            mixed = (attention @ v).transpose(1, 2).reshape(batch, tokens, width)
            x = x + apply(mixed, f'{block}.attn.proj') * scale('ls1')
            hidden = gelu(apply(norm(x, f'{block}.norm2'), f'{block}.mlp.fc1'))
            x = x + apply(hidden, f'{block}.mlp.fc2') * scale('ls2')
        there = [special + patch for patch in range(x.shape[1] - special) if patch not in (masked or [])]
        normed = norm(x, 'norm')
        self.last = x
        self.logits = apply(normed[:, 0] if cls.shape[1] else normed[:, there].mean(1), 'head')

    def attention(self):
        """[B, L, H, T, T]"""
        return torch.stack(self.attentions, 1)

    def class_map(self, weights, heads, epsilon, index):
        """[L, N] of the first photo: what each patch adds to the class's logit directly through attention to it."""
        x = self.last[0, 0]
        row = weights['head.weight'][index] * weights['norm.weight']
        direction = (row - row.mean()) / (x.var(unbiased=False) + epsilon).sqrt()
        rows = []
        for layer, (attention, values) in enumerate(zip(self.attentions, self.values)):
            width = len(direction)
            bias = weights[f'blocks.{layer}.attn.qkv.bias'][2 * width :].reshape(heads, 1, -1)
            out = weights[f'blocks.{layer}.attn.proj.weight'].reshape(width, heads, -1)
            scale = weights.get(f'blocks.{layer}.ls1.gamma', torch.ones(width, dtype=torch.float64))
            told = torch.einsum('hnd,ohd,o->hn', values[0] - bias, out, direction * scale)
            rows.append((attention[0, :, 0] * told).sum(0)[1:])
        return torch.stack(rows)


def estimate(scores, kept):
    """What a patch matters: mean score with it minus that without it, and Welch's standard error. [N] each"""
    means, errors = [], []
    for patch in kept.T:
        there, gone = scores[patch], scores[~patch]
        means.append(there.mean() - gone.mean())
        errors.append((there.var(ddof=1) / len(there) + gone.var(ddof=1) / len(gone)) ** 0.5)
    return means, errors


def main():
    asked = json.load(sys.stdin)
    weights = read(asked['weights'])
    side, heads, epsilon = asked['side'], asked['heads'], asked['epsilon']
    photos = torch.from_numpy(numpy.fromfile(asked['pixels'], '<f4').astype('f8').reshape(-1, 3, side, side))
    patches = weights['pos_embed'].shape[1] - ('cls_token' in weights)
    answers = []
    for case in asked['cases']:
        pixels = photos[case.get('photo', 0) :][:1]
        mask = torch.tensor(case['headMask'], dtype=torch.float64) if 'headMask' in case else None
        run = lambda **how: Answer(weights, pixels, heads, epsilon, head_mask=mask, **how)
        if 'passes' in case:
            sets = case['passes']
            scores = [run(kept=kept).logits[0, case['class']].item() for kept in sets]
            there = numpy.array([[patch in kept for patch in range(patches)] for kept in map(set, sets)])
            values, errors = estimate(numpy.array(scores), there)
            answers.append({'scores': scores, 'values': values, 'errors': errors})
            continue
        kept = case.get('kept', range(patches))
        dropped = run(kept=kept)
        masked = run(masked=[patch for patch in range(patches) if patch not in kept])
        answers.append({'dropped': dropped.logits.tolist(), 'masked': masked.logits.tolist()})
        if 'query' in case:
            attention = masked.attention()
            answers[-1]['row'] = attention[0, :, :, case['query']].tolist()
            rows = attention[0, :, :, -patches:, -patches:]
            across = round(patches**0.5)
            at = torch.stack([torch.arange(patches) // across, torch.arange(patches) % across], 1).double()
            far = torch.cdist(at, at) * (side / across)
            answers[-1]['distance'] = ((rows * far).sum(-1) / rows.sum(-1)).mean(-1).tolist()
        if 'class' in case:
            answers[-1]['classMap'] = masked.class_map(weights, heads, epsilon, case['class']).tolist()
    json.dump(answers, sys.stdout)


if __name__ == '__main__':
    main()
