"""A plain Vision Transformer (Dosovitskiy et al. 2020) under timm's tensor names, as `models/vit.ts` reads them.

Shapes: B photos, N patches, T = N + 1 tokens ([CLS] first), D width, H heads.
"""
import re
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Shape:
    """`image`, `patch` in pixels; `width` is D; `mlp` the feed-forward's hidden width."""

    image: int
    patch: int
    width: int
    depth: int
    heads: int
    mlp: int
    classes: int

    @property
    def side(self):
        return self.image // self.patch

    def as_dict(self):
        return asdict(self)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each [B, H, T, D/H]
        weights = ((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.proj((weights.to(v.dtype) @ v).transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, shape, drop_path):
        super().__init__()
        self.norm1 = nn.LayerNorm(shape.width, eps=1e-6)
        self.attn = Attention(shape.width, shape.heads)
        self.norm2 = nn.LayerNorm(shape.width, eps=1e-6)
        self.mlp = Mlp(shape.width, shape.mlp)
        self.drop_path = drop_path

    def branch(self, x):
        """Stochastic depth (Huang et al. 2016): the branch is left out for some photos of the batch."""
        if not self.training or self.drop_path == 0:
            return x
        keep = (torch.rand(x.shape[0], 1, 1, device=x.device) >= self.drop_path).to(x.dtype)
        return x * (keep / (1 - self.drop_path))

    def forward(self, x):
        x = x + self.branch(self.attn(self.norm1(x)))
        return x + self.branch(self.mlp(self.norm2(x)))


class PatchEmbed(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.proj = nn.Conv2d(3, shape.width, shape.patch, shape.patch)

    def forward(self, pixels):
        """[B, 3, side·p, side·p] → [B, N, D]; a matrix product, which is much faster than a convolution on a CPU."""
        batch, channels, height, width = pixels.shape
        p = self.proj.kernel_size[0]
        patches = pixels.reshape(batch, channels, height // p, p, width // p, p)
        patches = patches.permute(0, 2, 4, 1, 3, 5).reshape(batch, -1, channels * p * p)
        return F.linear(patches, self.proj.weight.flatten(1), self.proj.bias)


class VisionTransformer(nn.Module):
    def __init__(self, shape, drop_path=0.0):
        super().__init__()
        self.shape = shape
        self.cls_token = nn.Parameter(torch.zeros(1, 1, shape.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, shape.side**2 + 1, shape.width))
        self.patch_embed = PatchEmbed(shape)
        last = max(1, shape.depth - 1)
        self.blocks = nn.ModuleList(Block(shape, drop_path * i / last) for i in range(shape.depth))
        self.norm = nn.LayerNorm(shape.width, eps=1e-6)
        self.head = nn.Linear(shape.width, shape.classes)
        for name, value in self.named_parameters():
            if value.dim() > 1 and not name.startswith('head'):
                nn.init.trunc_normal_(value, std=0.02)
            elif name.endswith('bias') or name.startswith('head'):
                nn.init.zeros_(value)

    def tokens(self, pixels, drop=0.0):
        """[B, 3, image, image], normalised → the final tokens [B, T, D], [CLS] first, and which patches they are,
        int64 [B, T - 1]. `drop`: share of patches left out."""
        x = self.patch_embed(pixels) + self.pos_embed[:, 1:]
        kept = torch.arange(x.shape[1], device=x.device).expand(x.shape[0], -1)
        if drop > 0:  # which patches stay is drawn per photo (He et al. 2021; Liu et al. 2022, PatchDropout)
            kept = torch.rand(x.shape[:2], device=x.device).argsort(1)[:, : round(x.shape[1] * (1 - drop))]
            x = x.gather(1, kept.unsqueeze(-1).expand(-1, -1, x.shape[2]))
        cls = (self.cls_token + self.pos_embed[:, :1]).to(x.dtype).expand(x.shape[0], -1, -1)
        x = torch.cat([cls, x], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x), kept

    def forward(self, pixels):
        return self.head(self.tokens(pixels)[0][:, 0]).float()


def kernel_of(kernel, patch):
    """[D, 3, p, p] for patches of another size that is a multiple or a fraction of p: the same answer as before to the
    photo shrunk by averaging, or enlarged bilinearly within each patch (FlexiViT, Beyer et al. 2023)."""
    old = kernel.shape[-1]
    if patch % old == 0:
        times = patch // old
        return kernel.repeat_interleave(times, 2).repeat_interleave(times, 3) / times**2
    if old % patch:
        raise SystemExit(f'--init: patches of {old} pixels are no multiple or fraction of {patch}.')
    pixels = torch.eye(patch * patch).reshape(-1, 1, patch, patch)
    enlarged = F.interpolate(pixels, (old, old), mode='bilinear', align_corners=False).flatten(1)
    return (kernel.flatten(2) @ enlarged.T).unflatten(2, (patch, patch))


def deepened(tensors, depth):
    """Weights of fewer blocks than `depth` → of so many: each block is followed by copies of itself whose last products
    are zero, so that the answers stay the same until these have learnt (Wu et al. 2024, LLaMA Pro). And how many blocks
    there were."""
    block = re.compile(r'blocks\.(\d+)\.(.*)')
    found = 1 + max((int(match[1]) for match in map(block.match, tensors) if match), default=-1)
    if not 0 < found < depth:
        return tensors, found
    sources = [at * found // depth for at in range(depth)]
    grown = {name: value for name, value in tensors.items() if not block.match(name)}
    for at, source in enumerate(sources):
        copy = source in sources[:at]
        for name, value in tensors.items():
            match = block.match(name)
            if match and int(match[1]) == source:
                silent = copy and match[2].startswith(('attn.proj.', 'mlp.fc2.'))
                grown[f'blocks.{at}.{match[2]}'] = torch.zeros_like(value) if silent else value
    return grown, found


def load_into(model, tensors):
    """Starts from other weights: a head of another size begins at zero, positions of another grid are resized,
    a patch that is a multiple or a fraction as large gets the same kernel, drawn wider or closer, more blocks begin as
    copies that add nothing.

    Returns the sentences that say what was changed. `tensors`: timm names → float tensors.
    """
    changed = []
    own = model.state_dict()
    tensors, found = deepened(tensors, model.shape.depth)
    if found > model.shape.depth:  # without its last blocks a model is another one
        raise SystemExit(f'--init: the weights have {found} blocks, this configuration {model.shape.depth}: give it as many or more.')
    if 0 < found < model.shape.depth:
        changed.append(f'{found} blocks taken as {model.shape.depth}')
    tensors = {name: value.float() for name, value in tensors.items() if name in own}
    if (head := tensors.get('head.weight')) is not None and head.shape != own['head.weight'].shape:
        changed.append(f'head of {head.shape[0]} classes replaced by one of {model.shape.classes}')
        tensors.pop('head.weight'), tensors.pop('head.bias', None)
    position = tensors.get('pos_embed')
    if position is not None and position.shape[1] != own['pos_embed'].shape[1]:
        old = round((position.shape[1] - 1) ** 0.5)
        grid = position[:, 1:].reshape(1, old, old, -1).permute(0, 3, 1, 2)
        size = (model.shape.side,) * 2
        grid = F.interpolate(grid, size=size, mode='bicubic', align_corners=False, antialias=True)
        tensors['pos_embed'] = torch.cat([position[:, :1], grid.permute(0, 2, 3, 1).flatten(1, 2)], 1)
        changed.append(f'positions resized from {old} × {old} to {size[0]} × {size[1]}')
    kernel = tensors.get('patch_embed.proj.weight')
    if kernel is not None and kernel.shape[-1] != model.shape.patch:
        tensors['patch_embed.proj.weight'] = kernel_of(kernel, model.shape.patch)
        changed.append(f'patches of {kernel.shape[-1]} pixels taken as patches of {model.shape.patch}')
    for name in list(tensors):
        if tensors[name].shape != own[name].shape:
            found, expected = tuple(tensors[name].shape), tuple(own[name].shape)
            raise SystemExit(f'--init: "{name}" has shape {found}, this configuration needs {expected}.')
    missing = [name for name in own if name not in tensors and not name.startswith('head.')]
    if missing:
        raise SystemExit(f'--init: these tensors are missing: {", ".join(missing[:5])} …')
    model.load_state_dict({**own, **tensors})
    return changed
