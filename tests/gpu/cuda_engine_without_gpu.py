# SPDX-License-Identifier: Apache-2.0
"""The CUDA engine on a machine without a GPU: auto paints on the CPU and says so, cuda is refused with a hint.
With a GPU: cuda paints. Usage: cuda_engine_without_gpu.py CUDA_ENGINE PINXIT MODELS PICTURE"""
import json
import os
import subprocess
import sys
import tempfile

engine, pinxit, models, picture = (os.path.abspath(path) for path in sys.argv[1:5])
with tempfile.TemporaryDirectory() as folder:
    environment = {**os.environ, "PINXIT_ENGINE": engine, "PINXIT_RUNTIME_DIR": folder, "PINXIT_MODEL_PATH": models,
                   "PINXIT_CONFIG_DIR": folder}

    def call(*arguments):
        return subprocess.run([pinxit, *arguments], env=environment, capture_output=True, text=True)

    out = os.path.join(folder, "out.png")
    try:
        auto = call("fast-style", picture, "-o", out, "--style", "great-wave", "--json")
        assert auto.returncode == 0 and os.path.getsize(out) > 0, auto.stderr
        status = json.loads(call("engine", "status").stdout)
        print("CUDA engine: LibTorch", status["libtorch"], "devices", status["devices"])
        os.unlink(out)
        cuda = call("fast-style", picture, "-o", out, "--style", "great-wave", "--device", "cuda")
        if "cuda:0" in status["devices"]:
            assert cuda.returncode == 0, cuda.stderr
        else:
            assert "painting on the CPU" in auto.stdout, auto.stdout
            assert cuda.returncode != 0 and "device-unavailable" in cuda.stderr and not os.path.exists(out), cuda.stderr
            assert "Choose the device" in cuda.stderr, cuda.stderr
    finally:
        call("engine", "stop")
print("1 passed, 0 failed")
