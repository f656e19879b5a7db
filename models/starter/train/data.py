"""A folder of class folders → tensors in memory: `folder/<class>/<photo>`, classes in alphabetical order."""
import os
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageOps

EXTENSIONS = ('.jpg', '.jpeg', '.png', '.webp', '.bmp', '.gif', '.tif', '.tiff')


@dataclass
class Photos:
    """`pixels` uint8 [n, 3, size, size]; `labels` int64 [n], -1: none of the classes; `files` relative paths in the same order."""

    pixels: torch.Tensor
    labels: torch.Tensor
    classes: list
    files: list

    def __len__(self):
        return len(self.files)


def read_photo(path, size):
    """Shorter side to `size` (bicubic, antialiased), centre crop: what Saccade does with a photo. uint8 [3, size, size]."""
    with Image.open(path) as opened:
        photo = ImageOps.exif_transpose(opened).convert('RGB')
    width, height = photo.size
    if min(width, height) != size:
        scale = size / min(width, height)
        photo = photo.resize((max(size, round(width * scale)), max(size, round(height * scale))), Image.BICUBIC)
    left, top = (photo.width - size) // 2, (photo.height - size) // 2
    photo = photo.crop((left, top, left + size, top + size))
    return np.asarray(photo).transpose(2, 0, 1)


def list_photos(folder):
    """[(relative path, class index)], classes: both sorted."""
    classes = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    found = []
    for index, name in enumerate(classes):
        for file in sorted(os.listdir(os.path.join(folder, name))):
            if file.lower().endswith(EXTENSIONS):
                found.append((f'{name}/{file}', index))
    if not found:
        raise SystemExit(f'Expected a folder of class folders with photos; found none in {folder}.')
    return found, classes


def load(folder, size, limit=None, seed=0):
    """Every photo of the folder, or `limit` of them drawn by `seed` (kept in the folder's order)."""
    found, classes = list_photos(folder)
    if limit and limit < len(found):
        chosen = np.random.default_rng(seed).permutation(len(found))[:limit]
        found = [found[i] for i in sorted(chosen)]
    pixels = np.empty((len(found), 3, size, size), np.uint8)
    for i, (file, _) in enumerate(found):
        pixels[i] = read_photo(os.path.join(folder, file), size)
    labels = torch.tensor([label for _, label in found])
    return Photos(torch.from_numpy(pixels), labels, classes, [file for file, _ in found])


def with_none(photos, strangers):
    """Both, the latter with the label -1: none of the classes."""
    labels = torch.cat([photos.labels, torch.full_like(strangers.labels, -1)])
    pixels = torch.cat([photos.pixels, strangers.pixels])
    return Photos(pixels, labels, photos.classes, photos.files + strangers.files)


def normalise(pixels):
    """uint8 or float 0 … 255 → -1 … 1 (mean and std 0.5)."""
    return pixels.float() / 127.5 - 1
