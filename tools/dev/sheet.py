# SPDX-License-Identifier: Apache-2.0
"""A sheet of Neural Style results to be looked at: pairs of photo and painting, each preset, each encoder.

usage: sheet.py OUT_FOLDER SHARED_FOLDER [--size 256] [--pairs 8] [--presets best,classic,…] [--iterations 10]

Pictures that are there already are not painted again. Needs `pinxit` on the path.
"""
import argparse
import pathlib
import subprocess
import sys
import time

from PIL import Image, ImageDraw

PAIRS = [("kodim23", "van-gogh_starry-night_1889"), ("kodim15", "munch_the-scream_1893"),
         ("kodim19", "hokusai_great-wave_c1831"), ("kodim21", "turner_shipwreck-of-the-minotaur_c1810"),
         ("kodim04", "delaunay_portrait_1906"), ("kodim07", "monet_bain-a-la-grenouillere_1869"),
         ("kodim12", "seurat_la-grande-jatte_1886"), ("kodim05", "kandinsky_composition-vii_1913")]
PRESETS = "best,crowsonkb,classic,pycasso,picstylist"
GAP, HEAD = 6, 22


def paint(out, content, style, preset, encoder, size, iterations):
    if out.exists():
        return
    start = time.monotonic()
    # PicStylist's authors start from noise.
    from_noise = ["--start", "noise"] if preset == "picstylist" else []
    subprocess.run(["pinxit", "neural-style", str(content), "--style", str(style), "-o", str(out), "--preset", preset,
                    "--encoder", str(encoder), "--size", str(size), "--iterations", str(iterations), *from_noise],
                   check=True, stdout=subprocess.DEVNULL)
    print(f"{out.name}: {time.monotonic() - start:.0f} s", flush=True)


def cell(path, height):
    picture = Image.open(path).convert("RGB")
    return picture.resize((round(picture.width * height / picture.height), height), Image.LANCZOS)


def row(pictures):
    """[(caption, picture)] side by side under their captions."""
    height = max(picture.height for _, picture in pictures)
    strip = Image.new("RGB", (sum(p.width + GAP for _, p in pictures), height + HEAD), "white")
    x, pen = 0, ImageDraw.Draw(strip)
    for caption, picture in pictures:
        pen.text((x + 2, 5), caption, "black")
        strip.paste(picture, (x, HEAD))
        x += picture.width + GAP
    return strip


def stack(strips):
    page = Image.new("RGB", (max(s.width for s in strips), sum(s.height + GAP for s in strips)), "white")
    y = 0
    for strip in strips:
        page.paste(strip, (0, y))
        y += strip.height + GAP
    return page


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    parser.add_argument("--presets", default=PRESETS)
    parser.add_argument("--iterations", type=int, default=10)
    given = parser.parse_args()
    if not (given.shared / "images").is_dir():
        sys.exit("the sheet needs the photos and paintings of ../shared/images")
    given.out.mkdir(parents=True, exist_ok=True)
    encoders = {"vgg19-16x": given.shared / "models/vgg19/vgg19-16x.safetensors", "pinxit-small": "pinxit-small"}
    for number, (photo, painting) in enumerate(PAIRS[:given.pairs], 1):
        content = given.shared / "images/content" / f"{photo}.png"
        style = next((given.shared / "images/styles").glob(f"{painting}.*"))
        small = given.out / f"{number}-content.png"
        cell(content, given.size).save(small)
        strips = []
        for name, encoder in encoders.items():
            pictures = [("photo" if not strips else "", cell(small, given.size)),
                        (painting if not strips else "", cell(style, given.size))]
            for preset in given.presets.split(","):
                out = given.out / f"{number}-{preset}-{name}.png"
                paint(out, small, style, preset, encoder, 0, given.iterations)
                pictures.append((f"{preset}, {name}", cell(out, given.size)))
            strips.append(row(pictures))
        stack(strips).save(given.out / f"sheet-{number}.png")
        print(given.out / f"sheet-{number}.png", flush=True)


main()
