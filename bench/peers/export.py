#!/usr/bin/env python3
"""Exports the image encoders to ONNX, for `dotnet run -c Release --project bench -- --filter '*Onnx*'`.

    apt-get install python3-torch libopenblas0-pthread    # PyTorch 1.13, newer ones work as well; without OpenBLAS a trace takes long
    dotnet run -c Release --project bench -- --write-weights artifacts/peers mobile-sam vit-b vit-l vit-h
    /usr/bin/python3 bench/peers/export.py artifacts/peers mobile-sam vit-b vit-l vit-h

reads MODEL/encoder.safetensors from the folder (seeded random weights, so that both sides compute the same numbers) and writes
MODEL/encoder.onnx beside it; what is larger than 2 GB (ViT-H) becomes many files, which belong together. Exported files are large
(23 MB to 2.6 GB) and are not committed. ViT-L and ViT-H take four minutes of a core together, and 12 GB of memory, if OpenBLAS knows the processor: where it does
not (in some virtual machines), OPENBLAS_CORETYPE=SKYLAKEX or HASWELL tells it; with what it took otherwise ViT-L alone was not traced in two minutes of a core.
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
    data = np.memmap(path, np.uint8, "r")  # several GB: only what is copied out is read
    length = struct.unpack("<Q", data[:8].tobytes())[0]
    types = {"F32": np.float32, "I64": np.int64}
    return {
        name: torch.from_numpy(np.frombuffer(data, types[t["dtype"]], offset=8 + length + t["data_offsets"][0],
                                             count=int(np.prod(t["shape"], dtype=np.int64))).reshape(t["shape"]).copy())
        for name, t in json.loads(data[8:8 + length].tobytes()).items() if name != "__metadata__"
    }


def main(folder, *models):
    for model in models:
        network = create(model).eval()
        network.load_state_dict(load(folder / model / "encoder.safetensors"))
        target = folder / model / "encoder.onnx"
        with torch.no_grad():
            torch.onnx.export(network, torch.zeros(1, 3, 1024, 1024), str(target), opset_version=16, input_names=["pixels"], output_names=["embedding"])
        size = sum(f.stat().st_size for f in target.parent.iterdir() if f.suffix != ".safetensors")
        print(f"wrote {target}, {size / 1e6:.0f} MB in all", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
