# SPDX-License-Identifier: Apache-2.0
"""Every precision and encoding GIMP has, in RGB and grey; indexed images; values that are no colours."""
from support import *

PRECISIONS = [f"{depth}_{curve}" for depth in ("U8", "U16", "U32", "HALF", "FLOAT", "DOUBLE")
              for curve in ("LINEAR", "NON_LINEAR", "PERCEPTUAL")]


def as_stored(image, values, alpha=True):
    """What is read back of these values once they are stored with the image's precision."""
    layer = add_layer(image, values, "reference", alpha=alpha)
    stored = pixels(layer)
    image.remove_layer(layer)
    return stored


def check(precision, base):
    image = new_image(72, 48, base, getattr(Gimp.Precision, precision))
    source = add_layer(image, picture(72, 48, alpha=True))
    before = raw(source)
    layer = style(image, source)
    assert raw(source) == before
    assert layer.get_bpp() == source.get_bpp() and layer.type() == source.type()
    wanted = as_stored(image, styled_pixels(pixels(source)))
    same_painting(pixels(layer), wanted)
    untouched = style(image, source, strength=0.0)
    if precision[:3] in ("U8_", "U16"):
        assert raw(untouched) == before, "integers did not come back as they were"
    else:
        close(pixels(untouched), pixels(source), 1e-3 if precision.startswith("HALF") else 2e-6)


def rgb_test(precision):
    return lambda: check(precision, Gimp.ImageBaseType.RGB)


for each in PRECISIONS:
    globals()[f"test_{each.lower()}"] = rgb_test(each)


def test_grey():
    for precision in ("U8_NON_LINEAR", "U16_LINEAR", "FLOAT_LINEAR", "HALF_PERCEPTUAL"):
        image = new_image(72, 48, Gimp.ImageBaseType.GRAY, getattr(Gimp.Precision, precision))
        source = add_layer(image, picture(72, 48), alpha=False)
        layer = style(image, source)
        assert layer.type() == Gimp.ImageType.GRAYA_IMAGE, precision
        wanted = as_stored(image, styled_pixels(pixels(source)))
        same_painting(pixels(layer), wanted)
        close(pixels(style(image, source, strength=0.0)), pixels(source), 1e-3)


def test_filtered_layers_keep_their_precision():
    for precision in ("U16_LINEAR", "FLOAT_LINEAR"):
        image = new_image(72, 48, precision=getattr(Gimp.Precision, precision))
        source = add_layer(image, picture(72, 48))
        wanted = pixels(source)
        wanted[..., :3] = 1 - wanted[..., :3]
        add_filter(source, "gegl:invert-gamma")
        close(pixels(style(image, source, strength=0.0)), wanted, 1e-3)


def test_indexed_is_refused_with_what_to_do():
    image, source = simple()
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    refused(image, [source], "indexed", "RGB")


def test_values_that_are_no_colours():
    image = new_image(72, 48, precision=Gimp.Precision.FLOAT_LINEAR)
    source = add_layer(image, picture(72, 48))
    buffer = source.get_buffer()
    broken = pixels(source, "RGBA float")
    broken[10, 10] = (np.nan, np.inf, -np.inf, 1)
    broken[20, 20] = (60, -3, 1e30, 1)
    buffer.set(rectangle(source), "RGBA float", broken.tobytes())
    buffer.flush()
    found = pixels(style(image, source))
    assert np.isfinite(found).all() and found.min() > -0.01 and found.max() < 1.01


def test_bright_light_survives_where_nothing_is_painted():
    image = new_image(72, 48, precision=Gimp.Precision.FLOAT_LINEAR)
    values = picture(72, 48)
    values[10:14, 10:14, :3] = (4, 0.5, 2.5)
    source = add_layer(image, values)
    close(pixels(style(image, source, strength=0.0)), pixels(source), 5e-4)
