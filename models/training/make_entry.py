#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the catalogue entry (model.json), thumbnail and contact sheet of a trained Fast Style net.

    python3 make_entry.py ../fast-style/great-wave --title "The Great Wave" \\
        --description "..." --source "..." --painting painting.jpg --square 130 8 380 --sheet *.png

The folder's name is the id and FOLDER/<id>.safetensors the weights.  --square LEFT TOP SIDE is the
part of the painting that becomes the thumbnail (256 x 256 pixels), --sheet the photos for sheet.jpg:
the painting, then photo | result pairs.
"""
import argparse
import hashlib
import json
import math
import pathlib

import torch
from PIL import Image

from train_slim import SlimNet, as_image, as_tensor

TILE = (384, 256)


def fit(image):
    """Reduced to the tile; of an upright picture only the middle."""
    if image.height > image.width:
        top = (image.height - image.width * 2 // 3) // 2
        image = image.crop((0, top, image.width, top + image.width * 2 // 3))
    return image.resize(TILE, Image.LANCZOS)


def draw_sheet(path, weights, painting, names):
    net = SlimNet()
    net.load(weights)
    tiles = [fit(painting), Image.new("RGB", TILE, "white")]
    for name in names:
        photo = Image.open(name).convert("RGB")
        with torch.no_grad():
            result = as_image(net(as_tensor(photo))[:, :, :photo.height, :photo.width])
        tiles += [fit(photo), fit(result)]
    sheet = Image.new("RGB", (4 * TILE[0], math.ceil(len(tiles) / 4) * TILE[1]), "white")
    for i, tile in enumerate(tiles):
        sheet.paste(tile, (i % 4 * TILE[0], i // 4 * TILE[1]))
    sheet.save(path, quality=74)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("folder", type=pathlib.Path)
    add("--title", required=True)
    add("--description", required=True, help="one sentence a painter understands")
    add("--source", required=True, help="who trained it, after which painting")
    add("--painting", required=True)
    add("--square", required=True, type=int, nargs=3, metavar=("LEFT", "TOP", "SIDE"))
    add("--sheet", nargs="*", default=[], metavar="PHOTO")
    args = parser.parse_args()

    name = args.folder.resolve().name
    weights = args.folder / f"{name}.safetensors"
    data = weights.read_bytes()
    painting = Image.open(args.painting).convert("RGB")
    left, top, side = args.square
    picture = painting.crop((left, top, left + side, top + side))
    picture.resize((256, 256), Image.LANCZOS).save(args.folder / "thumbnail.jpg", quality=88)
    if args.sheet:
        draw_sheet(args.folder / "sheet.jpg", weights, painting, args.sheet)
    entry = {
        "pinxit": 1,
        "id": name,
        "kind": "slimnet",
        "operation": "fast-style",
        "title": args.title,
        "description": args.description,
        "files": [{"role": "weights", "path": weights.name, "bytes": len(data),
                   "sha256": hashlib.sha256(data).hexdigest()}],
        "thumbnail": "thumbnail.jpg",
        "licence": {"id": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "source": args.source,
    }
    (args.folder / "model.json").write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
