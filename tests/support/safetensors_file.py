# SPDX-License-Identifier: Apache-2.0
"""Safetensors files with NumPy alone: what tests and benchmarks hand to the engine, and read from it.

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
    from safetensors_file import read_tensors, write_tensors
    write_tensors("net.safetensors", {"conv.weight": weight, "conv.bias": bias})
    read_tensors("net.safetensors")["conv.bias"]
"""
import json
import pathlib
import struct

import numpy as np

KINDS = {"F16": "<f2", "F32": "<f4"}


def read_tensors(path):
    """{name: array} of the file's own types, in its order; read only."""
    content = memoryview(pathlib.Path(path).read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(bytes(content[8:8 + length])), content[8 + length:]
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], KINDS[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def write_tensors(path, tensors, metadata=None):
    """All as float32, in the order given; `metadata` are texts by name."""
    header, parts, size = {"__metadata__": metadata} if metadata else {}, [], 0
    for name, tensor in tensors.items():
        raw = np.asarray(tensor).astype(KINDS["F32"]).tobytes()
        header[name] = {"dtype": "F32", "shape": list(np.shape(tensor)), "data_offsets": [size, size + len(raw)]}
        parts.append(raw)
        size += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of eight
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
