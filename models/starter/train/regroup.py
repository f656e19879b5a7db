"""Sorts class folders of one data set under the classes of another, and apart what is none of them.

    python3 regroup.py everyday120/val --by everyday-as-cifar10.json --out everyday

`--by`: {"classes": {folder: class}, "near": [folder …]}. Photos of "classes" are copied to OUT/classes/<class>, those
of "near", which are too like one of the classes to be either, nowhere. The other folders, in alphabetical order, go
by turns to OUT/none-a and OUT/none-b: what is learned from the one can be measured on the other.
"""
import argparse
import json
import os
import shutil


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('folder', help='of class folders')
    options.add_argument('--by', required=True)
    options.add_argument('--out', required=True)
    given = options.parse_args()
    with open(given.by) as file:
        by = json.load(file)
    others, counts = 0, {}
    for name in sorted(entry.name for entry in os.scandir(given.folder) if entry.is_dir()):
        if name in by['near']:
            continue
        if name in by['classes']:
            part, target = 'classes', by['classes'][name]
        else:
            part, target = ('none-a', 'none-b')[others % 2], name
            others += 1
        folder = os.path.join(given.out, part, target)
        os.makedirs(folder, exist_ok=True)
        for photo in sorted(os.listdir(os.path.join(given.folder, name))):
            shutil.copyfile(os.path.join(given.folder, name, photo), os.path.join(folder, f'{name}-{photo}'))
            counts[part] = counts.get(part, 0) + 1
    print(f'{counts} photos in {given.out}')


if __name__ == '__main__':
    main()
