"""Reads and writes safetensors: 8 bytes header length, a JSON header, then the tensors' bytes."""
import json
import struct

import numpy as np
import torch

NUMPY = {'F32': np.float32, 'F16': np.float16, 'F64': np.float64, 'I64': np.int64, 'U8': np.uint8, 'I32': np.int32}


def read(path):
    """Every tensor of the file by name; BF16 becomes float32."""
    with open(path, 'rb') as file:
        (length,) = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, info in header.items():
        if name == '__metadata__':
            continue
        begin, end = info['data_offsets']
        if info['dtype'] == 'BF16':
            bits = np.frombuffer(data[begin:end], np.uint16).astype(np.uint32) << 16
            array = bits.view(np.float32)
        else:
            array = np.frombuffer(data[begin:end], NUMPY[info['dtype']])
        tensors[name] = torch.from_numpy(array.reshape(info['shape']).copy())
    return tensors


def write(path, tensors, half=True):
    """fp16 (or fp32) tensors in the order given; the header is padded with spaces to a multiple of 8 bytes."""
    header, chunks, position = {}, [], 0
    for name, value in tensors.items():
        array = value.detach().float().cpu().numpy().astype(np.float16 if half else np.float32)
        end = position + array.nbytes
        header[name] = {'dtype': 'F16' if half else 'F32', 'shape': list(array.shape), 'data_offsets': [position, end]}
        chunks.append(array.tobytes())
        position = end
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for chunk in chunks:
            file.write(chunk)


def from_hugging_face(tensors):
    """Hugging Face's ViT names → timm's; timm's pass through unchanged."""
    if not any('.encoder.layer.' in name or name.startswith('encoder.layer.') for name in tensors):
        return tensors
    names = {
        'embeddings.cls_token': 'cls_token',
        'embeddings.position_embeddings': 'pos_embed',
        'embeddings.patch_embeddings.projection.weight': 'patch_embed.proj.weight',
        'embeddings.patch_embeddings.projection.bias': 'patch_embed.proj.bias',
        'layernorm.weight': 'norm.weight',
        'layernorm.bias': 'norm.bias',
    }
    parts = {
        'layernorm_before': 'norm1',
        'layernorm_after': 'norm2',
        'attention.output.dense': 'attn.proj',
        'intermediate.dense': 'mlp.fc1',
        'output.dense': 'mlp.fc2',
    }
    result, qkv = {}, {}
    for name, value in tensors.items():
        bare = name.split('.', 1)[1] if name.startswith(('vit.', 'deit.')) else name
        if bare in names:
            result[names[bare]] = value
        elif bare.startswith('classifier.'):
            result['head.' + bare.split('.')[1]] = value
        elif bare.startswith('encoder.layer.'):
            _, _, index, rest = bare.split('.', 3)
            part, kind = rest.rsplit('.', 1)
            if part.startswith('attention.attention.'):
                qkv.setdefault((index, kind), {})[part.rsplit('.', 1)[1]] = value
            else:
                result[f'blocks.{index}.{parts[part]}.{kind}'] = value
    for (index, kind), found in qkv.items():
        result[f'blocks.{index}.attn.qkv.{kind}'] = torch.cat([found['query'], found['key'], found['value']])
    return result
