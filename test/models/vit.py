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


def answer(weights, pixels, heads, epsilon, kept=None, masked=None, head_mask=None):
    """kept: indices of the patches whose tokens are in the sequence; masked: those that nobody attends to."""
    depth = 1 + max(int(name.split('.')[1]) for name in weights if name.startswith('blocks.'))
    norm = lambda x, name: layer_norm(x, x.shape[-1:], weights[f'{name}.weight'], weights[f'{name}.bias'], epsilon)
    apply = lambda x, name: linear(x, weights[f'{name}.weight'], weights[f'{name}.bias'])
    kernel = weights['patch_embed.proj.weight']
    x = conv2d(pixels, kernel, weights['patch_embed.proj.bias'], stride=kernel.shape[-1]).flatten(2).transpose(1, 2)
    x = torch.cat([weights['cls_token'], x], 1) + weights['pos_embed']
    # Registers come behind [CLS] and have no position.
    registers = weights.get('reg_token', torch.zeros(1, 0, x.shape[-1], dtype=torch.float64))
    x = torch.cat([x[:, :1], registers, x[:, 1:]], 1)
    special = 1 + registers.shape[1]
    if kept is not None:
        x = x[:, [*range(special), *(special + patch for patch in kept)]]
    attentions = []
    for layer in range(depth):
        block = f'blocks.{layer}'
        batch, tokens, width = x.shape
        qkv = apply(norm(x, f'{block}.norm1'), f'{block}.attn.qkv')
        q, k, v = qkv.reshape(batch, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / (width // heads) ** 0.5
        if masked is not None:
            scores[..., [special + patch for patch in masked]] = -numpy.inf
        attention = scores.softmax(-1)
        attentions.append(attention)
        if head_mask is not None:
            attention = attention * head_mask[layer].reshape(1, heads, 1, 1)
        scale = lambda name: weights.get(f'{block}.{name}.gamma', torch.ones(width, dtype=torch.float64))
        mixed = (attention @ v).transpose(1, 2).reshape(batch, tokens, width)
        x = x + apply(mixed, f'{block}.attn.proj') * scale('ls1')
        hidden = gelu(apply(norm(x, f'{block}.norm2'), f'{block}.mlp.fc1'))
        x = x + apply(hidden, f'{block}.mlp.fc2') * scale('ls2')
    logits = apply(norm(x, 'norm')[:, 0], 'head')
    return logits, torch.stack(attentions, 1)  # [B, L, H, T, T]


def main():
    asked = json.load(sys.stdin)
    weights = read(asked['weights'])
    side = asked['side']
    pixels = torch.from_numpy(numpy.fromfile(asked['pixels'], '<f4').astype('f8').reshape(-1, 3, side, side))
    patches = weights['pos_embed'].shape[1] - 1
    answers = []
    for case in asked['cases']:
        mask = torch.tensor(case['headMask'], dtype=torch.float64) if 'headMask' in case else None
        run = lambda **how: answer(weights, pixels, asked['heads'], asked['epsilon'], head_mask=mask, **how)
        kept = case.get('kept', range(patches))
        dropped, _ = run(kept=kept)
        masked, attention = run(masked=[patch for patch in range(patches) if patch not in kept])
        answers.append({'dropped': dropped.tolist(), 'masked': masked.tolist()})
        if 'query' in case:
            answers[-1]['row'] = attention[0, :, :, case['query']].tolist()
            rows = attention[0, :, :, -patches:, -patches:]
            across = round(patches**0.5)
            at = torch.stack([torch.arange(patches) // across, torch.arange(patches) % across], 1).double()
            far = torch.cdist(at, at) * (side / across)
            answers[-1]['distance'] = ((rows * far).sum(-1) / rows.sum(-1)).mean(-1).tolist()
    json.dump(answers, sys.stdout)


main()
