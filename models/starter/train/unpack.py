"""Unpacks a data set into a folder of class folders: a .tar.gz, or .bin files with their .json.gz lists.

    python3 unpack.py cifar10.tar.gz --out cifar10
    python3 unpack.py everyday120/part-a.bin everyday120/part-b.bin --out everyday120 [--size 32]
"""
import argparse
import gzip
import io
import json
import os
import tarfile

from PIL import Image


def inside(folder, path):
    """The path within `folder`; refuses names that lead out of it."""
    target = os.path.realpath(os.path.join(folder, path))
    if not target.startswith(os.path.realpath(folder) + os.sep):
        raise SystemExit(f'Refused: the archive names "{path}", which lies outside {folder}.')
    os.makedirs(os.path.dirname(target), exist_ok=True)
    return target


def members(archive):
    """(path, bytes) of every photo."""
    if archive.endswith('.bin'):
        with gzip.open(archive[: -len('.bin')] + '.json.gz') as listing, open(archive, 'rb') as photos:
            for path, offset, length in json.load(listing):
                photos.seek(offset)
                yield path, photos.read(length)
    else:
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile():
                    yield member.name, tar.extractfile(member).read()


def shrunk(content, size):
    """The photo with its shorter side at `size` pixels, as PNG, so that it is not compressed twice."""
    photo = Image.open(io.BytesIO(content)).convert('RGB')
    scale = size / min(photo.size)
    photo = photo.resize([max(size, round(side * scale)) for side in photo.size], Image.BICUBIC)
    out = io.BytesIO()
    photo.save(out, 'PNG')
    return out.getvalue()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('archives', nargs='+')
    options.add_argument('--out', required=True)
    options.add_argument('--size', type=int, help='shrink the shorter side to so many pixels')
    given = options.parse_args()
    count = 0
    for archive in given.archives:
        for path, content in members(archive):
            if given.size:
                path, content = os.path.splitext(path)[0] + '.png', shrunk(content, given.size)
            with open(inside(given.out, path), 'wb') as file:
                file.write(content)
            count += 1
    print(f'{count} photos in {given.out}')


if __name__ == '__main__':
    main()
