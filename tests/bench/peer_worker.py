# SPDX-License-Identifier: Apache-2.0
"""One peer in a process of its own, spoken to as bench_worker.cpp is: size W H, run.

usage: peer_worker.py torch|onnxruntime|"openvino f32"|"openvino bf16" WEIGHTS THREADS
"""
import os
import sys
import time

import numpy as np

from transformernet import onnx_model, read_weights, torch_net


def torch_runner(weights, threads):
    import torch
    torch.set_num_threads(threads)
    net = torch_net(weights)

    def prepare(picture):
        tensor = torch.from_numpy(picture)

        def run():
            with torch.inference_mode():
                return net(tensor).numpy()
        return run
    return prepare


def onnxruntime_runner(weights, threads):
    import onnxruntime

    def prepare(picture):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        model = onnx_model(weights, *picture.shape[2:]).SerializeToString()
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"picture": picture})[0]
    return prepare


def openvino_runner(weights, threads, precision):
    import openvino

    def prepare(picture):
        core = openvino.Core()
        model = core.read_model(onnx_model(weights, *picture.shape[2:]).SerializeToString())
        compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                                                       "INFERENCE_PRECISION_HINT": precision})
        return lambda: compiled([picture])[0]
    return prepare


def main():
    kind, weights, threads = sys.argv[1], read_weights(sys.argv[2]), int(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print does not get between the answers
    prepare = {"torch": torch_runner, "onnxruntime": onnxruntime_runner,
               "openvino f32": lambda *given: openvino_runner(*given, "f32"),
               "openvino bf16": lambda *given: openvino_runner(*given, "bf16")}[kind](weights, threads)
    run = None
    for line in sys.stdin:
        words = line.split()
        if words[0] == "size":
            width, height = int(words[1]), int(words[2])
            i = np.arange(width * height, dtype=np.float64)
            picture = np.stack([(0.5 + 0.5 * np.sin(i * (c + 1) / 97)) * 255 for c in range(3)])
            run = prepare(np.ascontiguousarray(picture.reshape(1, 3, height, width).astype(np.float32)))
            print("ok", file=answers, flush=True)
        elif words[0] == "run":
            start = time.perf_counter()
            run()
            print((time.perf_counter() - start) * 1000, file=answers, flush=True)


main()
