# SPDX-License-Identifier: Apache-2.0
"""TransformerNet for the peers: weights, PyTorch eager, and the same net as an ONNX graph."""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from safetensors_file import read_tensors, write_tensors  # noqa: E402


def read_weights(path):
    """Tensors of a safetensors file as float32 arrays."""
    return {name: tensor.astype(np.float32) for name, tensor in read_tensors(path).items()}


def write_random_weights(path):
    """A TransformerNet of the usual widths with random weights: speed does not depend on them."""
    random = np.random.default_rng(1)
    tensors = {}

    def layer(name, norm, cout, cin, k):
        tensors[f"{name}.conv2d.weight"] = random.normal(0, (cin * k * k) ** -0.5, (cout, cin, k, k))
        tensors[f"{name}.conv2d.bias"] = np.zeros(cout)
        if norm:
            tensors[f"{norm}.weight"], tensors[f"{norm}.bias"] = np.ones(cout), np.zeros(cout)

    layer("conv1", "in1", 32, 3, 9), layer("conv2", "in2", 64, 32, 3), layer("conv3", "in3", 128, 64, 3)
    for block in range(1, 6):
        layer(f"res{block}.conv1", f"res{block}.in1", 128, 128, 3)
        layer(f"res{block}.conv2", f"res{block}.in2", 128, 128, 3)
    layer("deconv1", "in4", 64, 128, 3), layer("deconv2", "in5", 32, 64, 3), layer("deconv3", None, 3, 32, 9)
    write_tensors(path, tensors)


def torch_net(weights):
    """A function from [1, 3, H, W] to the styled picture, eager, the module's own operations in their order."""
    import torch
    import torch.nn.functional as F
    w = {name: torch.from_numpy(value) for name, value in weights.items()}

    def conv(x, name, stride=1):
        kernel = w[f"{name}.conv2d.weight"]
        pad = kernel.shape[2] // 2
        return F.conv2d(F.pad(x, (pad,) * 4, mode="reflect"), kernel, w[f"{name}.conv2d.bias"], stride)

    def norm(x, name):
        return F.instance_norm(x, weight=w[f"{name}.weight"], bias=w[f"{name}.bias"], eps=1e-5)

    def net(x):
        for i, stride in ((1, 1), (2, 2), (3, 2)):
            x = F.relu(norm(conv(x, f"conv{i}", stride), f"in{i}"))
        for block in (f"res{i}." for i in range(1, 6)):
            y = F.relu(norm(conv(x, block + "conv1"), block + "in1"))
            x = norm(conv(y, block + "conv2"), block + "in2") + x
        for i in (1, 2):
            x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = F.relu(norm(conv(x, f"deconv{i}"), f"in{i + 3}"))
        return conv(x, "deconv3")

    return net


def onnx_model(weights, height, width):
    """The same net as an ONNX model (opset 13) for one input size."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    nodes, constants, count = [], [], [0]

    def constant(value, name=None):
        count[0] += 1
        name = name or f"constant{count[0]}"
        constants.append(numpy_helper.from_array(value, name))
        return name

    def node(op, *inputs, **attributes):
        count[0] += 1
        nodes.append(helper.make_node(op, list(inputs), [f"value{count[0]}"], **attributes))
        return f"value{count[0]}"

    def conv(x, name, stride=1):
        kernel = weights[f"{name}.conv2d.weight"]
        pad = kernel.shape[2] // 2
        x = node("Pad", x, constant(np.array([0, 0, pad, pad] * 2, np.int64)), mode="reflect")
        return node("Conv", x, constant(kernel), constant(weights[f"{name}.conv2d.bias"]), strides=[stride] * 2)

    def norm(x, name):
        return node("InstanceNormalization", x, constant(weights[f"{name}.weight"]),
                    constant(weights[f"{name}.bias"]), epsilon=1e-5)

    x = "picture"
    for i, stride in ((1, 1), (2, 2), (3, 2)):
        x = node("Relu", norm(conv(x, f"conv{i}", stride), f"in{i}"))
    for block in (f"res{i}." for i in range(1, 6)):
        y = node("Relu", norm(conv(x, block + "conv1"), block + "in1"))
        x = node("Add", norm(conv(y, block + "conv2"), block + "in2"), x)
    for i in (1, 2):
        x = node("Resize", x, "", constant(np.array([1, 1, 2, 2], np.float32)), mode="nearest",
                 coordinate_transformation_mode="asymmetric", nearest_mode="floor")
        x = node("Relu", norm(conv(x, f"deconv{i}"), f"in{i + 3}"))
    x = conv(x, "deconv3")
    graph = helper.make_graph(
        nodes, "transformernet", [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, height, width])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, None)], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
