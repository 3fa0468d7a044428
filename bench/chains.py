"""The chains of OperatorChains.cs from Python; prints the median seconds of each as one JSON object."""
import json
import os
import time

import torch
import torch.nn.functional as F

SECONDS_EACH = 1.0
torch.manual_seed(0)
torch.set_num_threads(int(os.environ.get("SEMSAM_THREADS", os.cpu_count())))


def median(run):
    run()
    times = []
    end = time.perf_counter() + SECONDS_EACH
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    times.sort()
    return times[len(times) // 2]


x, w1, b1 = torch.randn(4096, 256), torch.randn(1024, 256), torch.randn(1024)
w2, b2, g = torch.randn(256, 1024), torch.randn(256), torch.randn(256)
q, k, v, bias = torch.randn(196, 49, 32), torch.randn(196, 49, 32), torch.randn(196, 49, 32), torch.randn(1, 49, 49)
map_, kernel, scale, shift = torch.randn(1, 128, 80, 80), torch.randn(128, 128, 3, 3), torch.randn(128), torch.randn(128)
values, grid, weights = torch.randn(8, 32, 60, 80), torch.rand(8, 4800, 4, 2) * 2 - 1, torch.rand(8, 1, 4800, 4)
small = torch.randn(8, 8)
masks = torch.randn(1, 12, 120, 160)


def two_hundred_small():
    t = small
    for _ in range(50):
        t = ((t + small) * 0.5).transpose(0, 1).contiguous()


chains = {
    "feed forward": lambda: F.linear(F.gelu(F.linear(x, w1, b1)), w2, b2),
    "layer norm": lambda: F.layer_norm(x + x, [256], g, b2),
    "window attention": lambda: F.softmax((q * 0.1768).bmm(k.transpose(1, 2)) + bias, -1).bmm(v),
    "convolution": lambda: F.relu(F.group_norm(F.conv2d(map_, kernel, None, [1, 1], [1, 1]), 32, scale, shift)),
    "sampling": lambda: (F.grid_sample(values, grid, "bilinear", "zeros", False) * weights).sum(-1),
    "two hundred small": two_hundred_small,
    "mask upsampling": lambda: (F.interpolate(masks, size=[480, 640], mode="bilinear", align_corners=False) > 0).to(torch.uint8),
}
with torch.no_grad():
    print(json.dumps({name: median(run) for name, run in chains.items()}))
