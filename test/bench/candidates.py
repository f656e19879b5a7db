"""Maps of a Vision Transformer that need gradients or whole matrices of attention, for docs/faithfulness.md.

They are made outside the application, in PyTorch, for the table of candidates; `candidates.ts` beside this file prepares
the photos, takes the curves and prints the table. Reads DIR/pixels/*.f32 (float32 [3, side, side], normalised), writes
DIR/maps/*.f32 (float32 [maps, patches]) and DIR/maps/names.json. A photo that is done is not done again.

AttnLRP: Achtibat et al. 2024. LibraGrad: Mehri et al. 2025. Relevance by gradient x attention: Chefer et al. 2021.
Norms of what tokens mix: Kobayashi et al. 2021.
"""

import json
import os
import sys

import numpy
import torch
from torch.nn.functional import conv2d, gelu, linear


def read(path):
    """safetensors, F32 only"""
    data = open(path, 'rb').read()
    size = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8 : 8 + size])
    header.pop('__metadata__', None)
    body = data[8 + size :]
    return {
        name: torch.from_numpy(
            numpy.frombuffer(body[slice(*tensor['data_offsets'])], '<f4').reshape(tensor['shape']).copy()
        )
        for name, tensor in header.items()
    }


class Gamma(torch.autograd.Function):
    """A linear layer whose backward pass is the generalised gamma rule: relevance = input x what comes back."""

    @staticmethod
    def forward(ctx, x, weight, bias, gamma):
        y = linear(x, weight, bias)
        ctx.save_for_backward(x, weight, bias, y)
        ctx.gamma = gamma
        return y

    @staticmethod
    def backward(ctx, grad):
        x, weight, bias, y = ctx.saved_tensors
        up = weight + ctx.gamma * weight.clamp(min=0)
        down = weight + ctx.gamma * weight.clamp(max=0)
        high = bias + ctx.gamma * bias.clamp(min=0)
        low = bias + ctx.gamma * bias.clamp(max=0)
        positive, negative = x.clamp(min=0), x.clamp(max=0)
        above = positive @ up.T + negative @ down.T + high
        below = positive @ down.T + negative @ up.T + low
        steady = lambda z: z + torch.where(z >= 0, 1e-6, -1e-6)
        first = torch.where(y > 0, grad * y / steady(above), torch.zeros_like(y))
        second = torch.where(y <= 0, grad * y / steady(below), torch.zeros_like(y))
        for_positive = first @ up + second @ down
        for_negative = first @ down + second @ up
        return torch.where(x >= 0, for_positive, for_negative), None, None, None


def halved(x):
    """The same forwards; half the gradient backwards."""
    return x * 0.5 + (x * 0.5).detach()


class Model:
    def __init__(self, weights, heads, epsilon):
        self.weights, self.heads, self.epsilon = weights, heads, epsilon
        self.depth = 1 + max(int(name.split('.')[1]) for name in weights if name.startswith('blocks.'))

    def norm(self, x, name, kept):
        centred = x - x.mean(-1, keepdim=True)
        deviation = (centred.pow(2).mean(-1, keepdim=True) + self.epsilon).sqrt()
        deviation = deviation.detach() if kept else deviation
        return centred / deviation * self.weights[f'{name}.weight'] + self.weights[f'{name}.bias']

    def apply(self, x, name, gamma):
        weight, bias = self.weights[f'{name}.weight'], self.weights[f'{name}.bias']
        return linear(x, weight, bias) if gamma is None else Gamma.apply(x, weight, bias, gamma)

    def run(self, pixels, rules='gradient', gamma=None):
        """rules: 'gradient', 'attnlrp' or 'libra'. What is seen on the way, and the logits [C]."""
        weights, heads = self.weights, self.heads
        kept = rules != 'gradient'
        kernel = weights['patch_embed.proj.weight']
        x = conv2d(pixels[None], kernel, weights['patch_embed.proj.bias'], stride=kernel.shape[-1])
        x = torch.cat([weights['cls_token'], x.flatten(2).transpose(1, 2)], 1) + weights['pos_embed']
        seen = {'tokens': [], 'attention': [], 'values': [], 'mlp': []}
        for layer in range(self.depth):
            block = f'blocks.{layer}'
            x = x.detach().requires_grad_() if layer == 0 else x
            x.retain_grad()
            seen['tokens'].append(x)
            _, tokens, width = x.shape
            qkv = self.apply(self.norm(x, f'{block}.norm1', kept), f'{block}.attn.qkv', gamma)
            q, k, v = qkv.reshape(1, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            if rules == 'attnlrp':
                q, k = halved(q), halved(k)
            attention = (q @ k.transpose(-2, -1) / (width // heads) ** 0.5).softmax(-1)
            if rules == 'libra':
                # Grows with the input once, not three times: the weights are taken as they were.
                attention = attention.detach().requires_grad_()
            attention.retain_grad()
            seen['attention'].append(attention)
            seen['values'].append(v)
            mixed = halved(attention) @ halved(v) if rules == 'attnlrp' else attention @ v
            x = x + self.apply(mixed.transpose(1, 2).reshape(1, tokens, width), f'{block}.attn.proj', gamma)
            hidden = self.apply(self.norm(x, f'{block}.norm2', kept), f'{block}.mlp.fc1', gamma)
            active = gelu(hidden)
            if kept:
                gate = (active / torch.where(hidden.abs() > 1e-6, hidden, torch.full_like(hidden, 1e-6))).detach()
                active = hidden * gate
            added = self.apply(active, f'{block}.mlp.fc2', gamma)
            seen['mlp'].append(added)
            x = x + added
        seen['last'] = x
        logits = linear(self.norm(x, 'norm', kept)[0, 0], weights['head.weight'], weights['head.bias'])
        return seen, logits


def evidence(model, seen, label):
    """[L, N + 1] what attention brings [CLS] along the class, by token, without the value's bias; [L, N + 1] its MLPs' sum."""
    weights, heads = model.weights, model.heads
    last = seen['last'][0, 0]
    deviation = (last.var(unbiased=False) + model.epsilon).sqrt()
    direction = weights['head.weight'][label] * weights['norm.weight']
    direction = (direction - direction.mean()) / deviation
    width = len(direction)
    direct, through = [], []
    for layer in range(model.depth):
        along = (weights[f'blocks.{layer}.attn.proj.weight'].T @ direction).reshape(heads, -1)
        bias = weights[f'blocks.{layer}.attn.qkv.bias'][2 * width :].reshape(heads, 1, -1)
        attention, values = seen['attention'][layer][0], seen['values'][layer][0] - bias
        brought = attention[:, 0] * torch.einsum('htd,hd->ht', values, along)
        direct.append(brought.sum(0))
        # What the MLP makes of it: shared out as [CLS]'s attention of that layer is.
        added = seen['mlp'][layer][0, 0] @ direction
        through.append(added * attention[:, 0].mean(0))
    return torch.stack(direct), torch.stack(through)


def mixing(model, seen, layer, by):
    """[T, T], rows sum to 1: where each token of a layer came from."""
    attention = seen['attention'][layer][0]
    tokens = attention.shape[-1]
    if by == 'attention':
        return (attention.mean(0) + torch.eye(tokens)) / 2
    # Norm of what each token gave each other, the token itself among it.
    block = f'blocks.{layer}'
    out = model.weights[f'{block}.attn.proj.weight']
    values = seen['values'][layer][0]
    heads, _, size = values.shape
    projected = torch.stack([values[h] @ out[:, h * size : (h + 1) * size].T for h in range(heads)])
    x = seen['tokens'][layer][0]
    own = torch.einsum('htd,td->ht', projected, x)
    same = torch.einsum('htd,gtd->hgt', projected, projected)
    squares = torch.einsum('hij,gij,hgj->ij', attention, attention, same)
    diagonal = torch.arange(tokens)
    squares[diagonal, diagonal] += x.pow(2).sum(-1) + 2 * (attention[:, diagonal, diagonal] * own).sum(0)
    mixed = squares.clamp(min=0).sqrt()
    return mixed / mixed.sum(-1, keepdim=True)


def followed(model, seen, terms, by):
    """Each layer's evidence given to the tokens that its tokens came from."""
    total, way = torch.zeros(terms.shape[1]), torch.eye(terms.shape[1])
    for layer in range(model.depth):
        total = total + terms[layer] @ way
        way = mixing(model, seen, layer, by) @ way
    return total, way


def standardised(x):
    return (x - x.mean()) / (x.std(unbiased=False) + 1e-12)


def maps_of(model, pixels):
    seen, logits = model.run(pixels)
    label = int(logits.argmax())
    logits[label].backward()
    found = {}
    with torch.no_grad():
        direct, through = evidence(model, seen, label)
        relevance = torch.eye(direct.shape[1])
        for attention in seen['attention']:
            relevance = relevance + (attention.grad[0] * attention[0]).clamp(min=0).mean(0) @ relevance
        back, way = followed(model, seen, direct, 'attention')
        by_norms, norms = followed(model, seen, direct, 'norms')
        total = direct.sum(0)
        found['rollout'] = way[0]
        found['[CLS] attention, last layer'] = seen['attention'][-1][0, :, 0].mean(0)
        found['evidence, all layers'] = total
        found['evidence, last 6 layers'] = direct[-6:].sum(0)
        found['evidence plus MLPs, each standardised'] = standardised(total) + standardised(through.sum(0))
        found['evidence times rollout'] = total * way[0]
        found['evidence, followed back by attention'] = back
        found['evidence, followed back by norms'] = by_norms
        found['rollout of norms'] = norms[0]
        found['evidence plus the same followed back'] = standardised(total) + standardised(by_norms)
        found['gradient x attention'] = relevance[0]
    for name, rules, gamma in [('AttnLRP', 'attnlrp', None), ('AttnLRP, gamma 0.25', 'attnlrp', 0.25)]:
        seen, logits = model.run(pixels, rules, gamma)
        logits[label].backward()
        found[name] = (seen['tokens'][0] * seen['tokens'][0].grad)[0].sum(-1)
    seen, logits = model.run(pixels, 'libra')
    logits[label].backward()
    products = torch.stack([(x * x.grad)[0].sum(-1) for x in seen['tokens']])
    found['LibraGrad, input x gradient'] = products[0]
    found['LibraGrad, all layers (FullGrad+)'] = products.sum(0)
    found['LibraGrad, before layer 7'] = products[6]
    relevance = torch.eye(products.shape[1])
    for attention in seen['attention']:
        relevance = relevance + (attention.grad[0] * attention[0]).clamp(min=0).mean(0) @ relevance
    found['LibraGrad, gradient x attention'] = relevance[0]
    return label, {name: values.detach()[1:].numpy().astype('<f4') for name, values in found.items()}


def main(place, weights, heads, epsilon, most='100000'):
    torch.set_num_threads(1)
    model = Model(read(weights), int(heads), float(epsilon))
    os.makedirs(f'{place}/maps', exist_ok=True)
    side = model.weights['patch_embed.proj.weight'].shape[-1] * round((model.weights['pos_embed'].shape[1] - 1) ** 0.5)
    for name in sorted(os.listdir(f'{place}/pixels'))[: int(most)]:
        target = f'{place}/maps/{name}'
        if os.path.exists(target):
            continue
        pixels = torch.from_numpy(numpy.fromfile(f'{place}/pixels/{name}', '<f4').reshape(3, side, side))
        label, found = maps_of(model, pixels)
        json.dump(list(found), open(f'{place}/maps/names.json', 'w'))
        numpy.stack(list(found.values())).tofile(f'{target}.part')
        os.rename(f'{target}.part', target)
        print(name, label, flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
