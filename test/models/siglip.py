"""SigLIP by transformers' names in PyTorch, float64: both towers, as models/siglip/modeling_siglip.py describes them."""

import json
import sys
from pathlib import Path

import numpy
import torch
from torch.nn.functional import conv2d, embedding, gelu, layer_norm, linear

sys.path.insert(0, str(Path(__file__).parent))
from vit import read


class Tower:
    """The encoder of `prefix`, every token of which sees every other."""

    def __init__(self, weights, prefix, heads, epsilon):
        self.weights, self.prefix, self.heads, self.epsilon = weights, prefix, heads, epsilon
        start = f'{prefix}.encoder.layers.'
        self.depth = 1 + max(int(name[len(start) :].split('.')[0]) for name in weights if name.startswith(start))
        self.attentions = []

    def norm(self, x, name):
        weight, bias = (self.weights[f'{self.prefix}.{name}.{part}'] for part in ('weight', 'bias'))
        return layer_norm(x, x.shape[-1:], weight, bias, self.epsilon)

    def apply(self, x, name):
        return linear(x, *(self.weights[f'{self.prefix}.{name}.{part}'] for part in ('weight', 'bias')))

    def mlp(self, x, name):
        return self.apply(gelu(self.apply(x, f'{name}.fc1'), approximate='tanh'), f'{name}.fc2')

    def encode(self, x):
        batch, tokens, width = x.shape
        for layer in range(self.depth):
            block = f'encoder.layers.{layer}'
            h = self.norm(x, f'{block}.layer_norm1')
            q, k, v = (
                self.apply(h, f'{block}.self_attn.{which}_proj')
                .reshape(batch, tokens, self.heads, width // self.heads)
                .transpose(1, 2)
                for which in 'qkv'
            )
            attention = (q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5).softmax(-1)
            self.attentions.append(attention)
            mixed = (attention @ v).transpose(1, 2).reshape(batch, tokens, width)
            x = x + self.apply(mixed, f'{block}.self_attn.out_proj')
            x = x + self.mlp(self.norm(x, f'{block}.layer_norm2'), f'{block}.mlp')
        return x


def image_tower(weights, pixels, heads, epsilon):
    tower = Tower(weights, 'vision_model', heads, epsilon)
    kernel = weights['vision_model.embeddings.patch_embedding.weight']
    x = conv2d(pixels, kernel, weights['vision_model.embeddings.patch_embedding.bias'], stride=kernel.shape[-1])
    x = x.flatten(2).transpose(1, 2) + weights['vision_model.embeddings.position_embedding.weight']
    x = tower.norm(tower.encode(x), 'post_layernorm')
    mean = x.mean(1)
    head = 'vision_model.head.attention'
    pool = torch.nn.MultiheadAttention(x.shape[-1], heads, batch_first=True, dtype=torch.float64)
    pool.load_state_dict({name: weights[f'{head}.{name}'] for name in pool.state_dict()})
    probe = weights['vision_model.head.probe'].expand(len(x), -1, -1)
    x, gathering = pool(probe, x, x, average_attn_weights=False)
    x = x + tower.mlp(tower.norm(x, 'head.layernorm'), 'head.mlp')
    return x[:, 0], mean, torch.stack(tower.attentions, 1), gathering[:, :, 0]


def text_tower(weights, ids, heads, epsilon):
    tower = Tower(weights, 'text_model', heads, epsilon)
    x = embedding(ids, weights['text_model.embeddings.token_embedding.weight'])
    x = x + weights['text_model.embeddings.position_embedding.weight']
    x = tower.norm(tower.encode(x), 'final_layer_norm')
    return tower.apply(x[:, -1], 'head')


with torch.no_grad():
    asked = json.load(sys.stdin)
    weights, epsilon = read(asked['weights']), asked['epsilon']
    side = asked['side']
    pixels = torch.from_numpy(numpy.fromfile(asked['pixels'], '<f4').reshape(-1, 3, side, side).astype('f8'))
    feature, mean, attention, gathering = image_tower(weights, pixels, asked['imageHeads'], epsilon)
    images = feature / feature.norm(dim=-1, keepdim=True)
    texts = text_tower(weights, torch.tensor(asked['ids']), asked['textHeads'], epsilon)
    texts = texts / texts.norm(dim=-1, keepdim=True)
    logits = images @ texts.T * weights['logit_scale'].exp() + weights['logit_bias']
    answer = {
        'feature': feature,
        'mean': mean,
        'texts': texts,
        'probabilities': logits.sigmoid(),
        # The mean of the patches' rows: there is no [CLS] that looks.
        'attention': attention.mean(-2),
        'gathering': gathering.mean(1),
    }
    print(json.dumps({name: value.flatten().tolist() for name, value in answer.items()}))
