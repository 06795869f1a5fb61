# SPDX-License-Identifier: Apache-2.0
"""Colour profiles: the same colours give the same painting, whatever numbers stand for them."""
import icc
from support import *


def with_profile(data, precision=Gimp.Precision.U16_NON_LINEAR):
    image = new_image(72, 48, precision=precision)
    assert image.set_color_profile(Gimp.ColorProfile.new_from_icc_profile(data))
    return image


def check_wide_gamut(image):
    source = add_layer(image, picture(72, 48, alpha=True))
    before = raw(source)
    layer = style(image, source)
    assert raw(source) == before
    same_painting(pixels(layer), styled_pixels(pixels(source)))
    # The numbers are others than those of sRGB: the profile was not merely ignored.
    numbers = np.frombuffer(raw(source), np.uint16 if len(before) == 72 * 48 * 8 else np.float32)
    scale = 65535 if numbers.dtype == np.uint16 else 1
    assert np.abs(numbers.reshape(48, 72, 4) / scale - pixels(source))[..., :3].mean() > 0.02


def test_wide_gamut():
    check_wide_gamut(with_profile(icc.prophoto()))


def test_wide_gamut_linear_float():
    check_wide_gamut(with_profile(icc.prophoto(), Gimp.Precision.FLOAT_LINEAR))


def test_colours_outside_srgb_survive_where_nothing_is_painted():
    image = with_profile(icc.prophoto())
    source = add_layer(image, picture(72, 48))
    values = np.zeros((48, 72, 4), np.float32)
    values[..., 1:] = 1
    values[..., 0] = -0.5
    values[..., 2] = np.linspace(0, 0.5, 72)
    paint(source, values)
    assert pixels(source)[..., 0].max() < -0.1, pixels(source)[0, ::20]
    green = np.frombuffer(raw(source), np.uint16).astype(int)
    found = np.frombuffer(raw(style(image, source, strength=0.0)), np.uint16).astype(int)
    assert np.abs(found - green).max() <= 2, np.abs(found - green).max()


def test_built_in_adobe_profile():
    image = new_image(72, 48, precision=Gimp.Precision.U8_NON_LINEAR)
    image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
    source = add_layer(image, picture(72, 48))
    same_painting(pixels(style(image, source)), styled_pixels(pixels(source)))
    assert raw(style(image, source, strength=0.0)) == raw(source)


def numbers_of(drawable):
    return np.frombuffer(raw(drawable), np.uint16).reshape(drawable.get_height(), drawable.get_width(), 4) / 65535


def test_profile_made_of_tables():
    image = with_profile(icc.swapped_table_profile())
    values = picture(72, 48, alpha=True)
    source = add_layer(image, values)
    numbers = numbers_of(source)
    seen = numbers[..., [2, 1, 0, 3]].astype(np.float32)
    layer = style(image, source)
    wanted = styled_pixels(seen)[..., [2, 1, 0, 3]]
    same_painting(numbers_of(layer), wanted)
    close(numbers_of(style(image, source, strength=0.0)), numbers, 3 / 255, share=0.998)


def test_grey_profile():
    image = new_image(72, 48, Gimp.ImageBaseType.GRAY, Gimp.Precision.U16_NON_LINEAR)
    image.set_color_profile(Gimp.ColorProfile.new_d50_gray_lab_trc())
    source = add_layer(image, picture(72, 48))
    close(pixels(style(image, source, strength=0.0)), pixels(source), 5e-4)
