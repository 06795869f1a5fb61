# SPDX-License-Identifier: Apache-2.0
"""Colour profiles made for tests, as bytes of ICC version 2 files."""
import struct

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
SRGB_TO_XYZ = np.array([[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169],
                        [0.0139322, 0.0971045, 0.7141733]])


def s15f16(values):
    return b"".join(struct.pack(">i", round(float(v) * 65536)) for v in values)


def profile(description, tags):
    text = description.encode() + b"\0"
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
            b"cprt": b"text\0\0\0\0none\0", b"wtpt": b"XYZ \0\0\0\0" + s15f16(D50)} | tags
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    connection = b"Lab " if b"A2B0" in tags else b"XYZ "
    header = (struct.pack(">I", at + len(body)) + bytes(4) + struct.pack(">I", 0x02400000) + b"mntrRGB " + connection +
              struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + s15f16(D50) + bytes(48))
    return header + struct.pack(">I", len(tags)) + table + body


def matrix_profile(description, primaries_to_xyz, gamma):
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = {}
    for name, column in zip((b"r", b"g", b"b"), np.array(primaries_to_xyz).T):
        tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + s15f16(column)
        tags[name + b"TRC"] = curve
    return profile(description, tags)


def prophoto():
    return matrix_profile("Wide gamut for tests", [[0.7976749, 0.1351917, 0.0313534], [0.2880402, 0.7118741, 0.0000857],
                                                   [0.0, 0.0, 0.8252100]], 1.8)


def srgb_decode(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def srgb_encode(v):
    v = np.clip(v, 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def lab_of_xyz(xyz):
    t = xyz / D50
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def xyz_of_lab(lab):
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], -1)
    return np.where(f > 6 / 29, f ** 3, (116 * f - 16) * 27 / 24389) * D50


def lut(grid):
    """A lut16Type of n×n×n×3 numbers 0..1, straight curves around it."""
    n = grid.shape[0]
    ends = struct.pack(">6H", *(0, 65535) * 3)
    numbers = np.clip(np.round(grid * 65535), 0, 65535).astype(">u2").tobytes()
    return (b"mft2\0\0\0\0" + bytes([3, 3, n, 0]) + s15f16([1, 0, 0, 0, 1, 0, 0, 0, 1]) + struct.pack(">HH", 2, 2) +
            ends + numbers + ends)


def swapped_table_profile(points=41):
    """Tables instead of a matrix: sRGB with red and blue exchanged."""
    axis = np.linspace(0, 1, points)
    device = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    lab = lab_of_xyz(srgb_decode(device[..., ::-1]) @ SRGB_TO_XYZ.T)
    to_lab = np.stack([lab[..., 0] / 100, (lab[..., 1] + 128) / 255, (lab[..., 2] + 128) / 255], -1) * 65280 / 65535
    coded = device * 65535 / 65280
    asked = np.stack([coded[..., 0] * 100, coded[..., 1] * 255 - 128, coded[..., 2] * 255 - 128], -1)
    to_device = srgb_encode(xyz_of_lab(asked) @ np.linalg.inv(SRGB_TO_XYZ).T)[..., ::-1]
    return profile("Tables for tests", {b"A2B0": lut(to_lab), b"B2A0": lut(to_device)})


def one_way_profile():
    """Tables that lead to colours and none that lead back: with it a picture can be seen but not painted."""
    axis = np.linspace(0, 1, 2)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    return profile("A scanner's", {b"A2B0": lut(grid)})
