#!/usr/bin/env python3
"""Exports the image encoders to ONNX, for `dotnet run -c Release --project bench -- --filter '*Onnx*'`.

    apt-get install python3-torch          # PyTorch 1.13; newer ones work as well
    dotnet run -c Release --project bench -- --write-weights artifacts/peers mobile-sam vit-b
    /usr/bin/python3 bench/peers/export.py artifacts/peers mobile-sam vit-b

reads MODEL.safetensors from the folder (seeded random weights, so that both sides compute the same numbers) and writes MODEL.onnx
beside it. Exported files are large (40 MB to 2.6 GB) and are not committed.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch

from encoders import create


def load(path):
    """A .safetensors file of float32 and int64 tensors."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    types = {"F32": np.float32, "I64": np.int64}
    return {
        name: torch.from_numpy(np.frombuffer(data, types[t["dtype"]], offset=8 + length + t["data_offsets"][0],
                                             count=int(np.prod(t["shape"], dtype=np.int64))).reshape(t["shape"]).copy())
        for name, t in json.loads(data[8:8 + length]).items() if name != "__metadata__"
    }


def main(folder, *models):
    for model in models:
        network = create(model).eval()
        network.load_state_dict(load(folder / f"{model}.safetensors"))
        target = folder / f"{model}.onnx"
        with torch.no_grad():
            torch.onnx.export(network, torch.zeros(1, 3, 1024, 1024), str(target), opset_version=16, input_names=["pixels"], output_names=["embedding"])
        print(f"wrote {target}, {target.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
