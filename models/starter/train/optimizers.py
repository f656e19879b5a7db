"""AdamW, with Muon for the matrices of the blocks.

Muon (Jordan et al. 2024) takes the momentum of a matrix and makes it nearly orthogonal by five Newton–Schulz steps,
so that no direction is learnt much faster than another. The step's size is that of Liu et al. (2025, "Muon is scalable
for LLM training"), 0.2 · √(larger side), so that AdamW's learning rate and weight decay serve both.
"""
import torch


def orthogonal(g):
    """[B, m, n] with m ≤ n → the nearest matrices whose singular values lie about 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    x = x / (x.float().square().sum((1, 2), keepdim=True).sqrt() + 1e-7).bfloat16()
    for _ in range(5):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * gram + c * torch.bmm(gram, gram), x)
    return x.float()


class Muon(torch.optim.Optimizer):
    """`params`: matrices; one that is a multiple of its width tall, as queries, keys and values joined, is taken as so
    many square ones where `square` is set."""

    def __init__(self, params, momentum=0.95, weight_decay=0.05):
        super().__init__(params, {'lr': 0.0, 'momentum': momentum, 'weight_decay': weight_decay, 'square': False})

    @torch.no_grad()
    def step(self):
        alike = {}
        for group in self.param_groups:
            for value in group['params']:
                state = self.state[value]
                buffer = state.setdefault('momentum', torch.zeros_like(value))
                buffer.lerp_(value.grad, 1 - group['momentum'])
                g = value.grad.lerp(buffer, group['momentum'])
                width = value.shape[1]
                parts = g.split(width) if group['square'] else [g]
                for at, part in enumerate(parts):
                    flat = part.t() if part.shape[0] > part.shape[1] else part
                    alike.setdefault(flat.shape, []).append((group, value, at, flat))
        for shape, rows in alike.items():
            steps = orthogonal(torch.stack([flat for *_, flat in rows]))
            for (group, value, at, _), step in zip(rows, steps):
                width = value.shape[1]
                part = value[at * width : (at + 1) * width] if group['square'] else value
                if part.shape[0] > part.shape[1]:
                    step = step.t()
                part.mul_(1 - group['lr'] * group['weight_decay'])
                part.add_(step, alpha=-group['lr'] * 0.2 * max(part.shape) ** 0.5)


class Both:
    """Two optimizers as one."""

    def __init__(self, *parts):
        self.parts = parts

    @property
    def param_groups(self):
        return [group for part in self.parts for group in part.param_groups]

    def zero_grad(self, set_to_none=True):
        for part in self.parts:
            part.zero_grad(set_to_none=set_to_none)

    def step(self):
        for part in self.parts:
            part.step()

    def state_dict(self):
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states):
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)


def make_optimizer(model, others, recipe):
    """AdamW over all of `model` and `others`, or Muon over the matrices of the model's blocks and AdamW over the rest."""
    decay = recipe['weightDecay']
    inner = [(name, v) for name, v in model.named_parameters() if name.startswith('blocks.') and v.dim() == 2]
    names = {name for name, _ in inner} if recipe['muon'] else set()
    rest = [v for name, v in model.named_parameters() if name not in names]
    rest += [v for module in others for v in module.parameters()]
    groups = [
        {'params': [v for v in rest if v.dim() == 2], 'weight_decay': decay},
        {'params': [v for v in rest if v.dim() != 2], 'weight_decay': 0.0},
    ]
    adam = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.999))
    if not names:
        return adam
    square = [v for name, v in inner if 'qkv' in name or 'attn.proj' in name]
    whole = [v for name, v in inner if 'mlp' in name]
    return Both(adam, Muon([{'params': square, 'square': True}, {'params': whole}], weight_decay=decay))
