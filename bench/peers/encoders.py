"""The image encoders of SAM and MobileSAM in plain PyTorch, for export to ONNX: written for this purpose after the papers
(arXiv 2304.02643, 2306.14289, 2207.10666), with the parameter names of the published checkpoints."""
import torch
from torch import nn
from torch.nn import functional as F


class LayerNorm2d(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):  # [B, C, H, W]
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-6) * self.weight[:, None, None] + self.bias[:, None, None]


def neck(channels, output):
    return nn.Sequential(nn.Conv2d(channels, output, 1, bias=False), LayerNorm2d(output),
                         nn.Conv2d(output, output, 3, padding=1, bias=False), LayerNorm2d(output))


def sizes(x):
    """As numbers: a traced size would be computed in the exported network, where the remainder of a negative number is another one."""
    return tuple(int(n) for n in x.shape)


def cut(x, window):
    """[B, H, W, C] -> [B * windows, window, window, C], padded with zeros."""
    b, h, w, c = sizes(x)
    down, right = -h % window, -w % window
    x = F.pad(x, (0, 0, 0, right, 0, down))
    rows, columns = (h + down) // window, (w + right) // window
    return x.reshape(b, rows, window, columns, window, c).transpose(2, 3).reshape(-1, window, window, c)


def merge(windows, batch, h, w):
    side = sizes(windows)[1]
    rows, columns = -(-h // side), -(-w // side)
    x = windows.reshape(batch, rows, columns, side, side, -1).transpose(2, 3).reshape(batch, rows * side, columns * side, -1)
    return x[:, :h, :w]


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.lin1 = nn.Linear(width, hidden)
        self.lin2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.lin2(F.gelu(self.lin1(x)))


class ViTAttention(nn.Module):
    """Attention with decomposed relative positions."""

    def __init__(self, width, heads, side):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, width // heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, width // heads))
        places = torch.arange(side)
        self.register_buffer("distances", places[:, None] - places[None, :] + side - 1, persistent=False)

    def forward(self, x):  # [B, H, W, C]
        b, h, w, c = sizes(x)
        q, k, v = self.qkv(x).reshape(b, h * w, 3, self.heads, -1).permute(2, 0, 3, 1, 4).reshape(3, b * self.heads, h * w, -1).unbind(0)
        scores = (q * sizes(q)[-1] ** -0.5) @ k.transpose(1, 2)  # [B * heads, H * W, H * W]
        grid = q.reshape(b * self.heads, h, w, -1)
        rows = torch.einsum("bhwc,hkc->bhwk", grid, self.rel_pos_h[self.distances])
        columns = torch.einsum("bhwc,wkc->bhwk", grid, self.rel_pos_w[self.distances])
        scores = (scores.reshape(-1, h, w, h, w) + rows[..., :, None] + columns[..., None, :]).reshape(-1, h * w, h * w)
        seen = (scores.softmax(-1) @ v).reshape(b, self.heads, h, w, -1).permute(0, 2, 3, 1, 4).reshape(b, h, w, c)
        return self.proj(seen)


class ViTBlock(nn.Module):
    def __init__(self, width, heads, window, grid):
        super().__init__()
        self.window = window
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = ViTAttention(width, heads, window or grid)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width, 4 * width)

    def forward(self, x):
        b, h, w, _ = sizes(x)
        y = self.norm1(x)
        x = x + (merge(self.attn(cut(y, self.window)), b, h, w) if self.window else self.attn(y))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, 16, stride=16)

    def forward(self, x):
        return self.proj(x).permute(0, 2, 3, 1)


class ImageEncoderViT(nn.Module):
    def __init__(self, width, depth, heads, global_blocks, side=1024):
        super().__init__()
        grid = side // 16
        self.patch_embed = PatchEmbed(width)
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, width))
        self.blocks = nn.ModuleList(ViTBlock(width, heads, 0 if i in global_blocks else 14, grid) for i in range(depth))
        self.neck = neck(width, 256)

    def forward(self, x):
        x = self.patch_embed(x) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.neck(x.permute(0, 3, 1, 2))


class ConvNorm(nn.Module):
    def __init__(self, source, target, kernel=1, stride=1, groups=1):
        super().__init__()
        self.c = nn.Conv2d(source, target, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(target)

    def forward(self, x):
        return self.bn(self.c(x))


class ConvBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = ConvNorm(width, 4 * width), ConvNorm(4 * width, 4 * width, 3, groups=4 * width), ConvNorm(4 * width, width)

    def forward(self, x):
        return F.gelu(self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x))))) + x)


class Merging(nn.Module):
    def __init__(self, source, target):
        super().__init__()
        self.conv1 = ConvNorm(source, target)
        self.conv2 = ConvNorm(target, target, 3, stride=1 if target in (320, 448, 576) else 2, groups=target)
        self.conv3 = ConvNorm(target, target)

    def forward(self, x):  # [B, C, H, W] -> [B, H, W, C]
        return self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x))))).permute(0, 2, 3, 1)


class TinyAttention(nn.Module):
    def __init__(self, width, heads, window):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.attention_biases = nn.Parameter(torch.zeros(heads, window * window))
        y, x = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
        y, x = y.flatten(), x.flatten()
        self.register_buffer("offsets", (y[:, None] - y).abs() * window + (x[:, None] - x).abs(), persistent=False)

    def forward(self, x):  # [windows, cells, C]
        n, cells, c = sizes(x)
        q, k, v = self.qkv(self.norm(x)).reshape(n, cells, self.heads, 3, -1).permute(3, 0, 2, 1, 4).unbind(0)
        scores = (q @ k.transpose(-1, -2)) * sizes(q)[-1] ** -0.5 + self.attention_biases[:, self.offsets]
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, cells, c))


class TinyMlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(self.norm(x))))


class TinyBlock(nn.Module):
    def __init__(self, width, heads, window):
        super().__init__()
        self.window = window
        self.attn = TinyAttention(width, heads, window)
        self.local_conv = ConvNorm(width, width, 3, groups=width)
        self.mlp = TinyMlp(width)

    def forward(self, x):  # [B, H, W, C]
        b, h, w, c = sizes(x)
        seen = self.attn(cut(x, self.window).reshape(-1, self.window ** 2, c)).reshape(-1, self.window, self.window, c)
        x = x + merge(seen, b, h, w)
        x = self.local_conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return x + self.mlp(x)


class Stage(nn.Module):
    def __init__(self, blocks, downsample):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x, by_channel):
        for block in self.blocks:
            x = block(x)
        if self.downsample is None:
            return x
        return self.downsample(x if by_channel else x.permute(0, 3, 1, 2))


class Stem(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.seq = nn.Sequential(ConvNorm(3, width // 2, 3, 2), nn.GELU(), ConvNorm(width // 2, width, 3, 2))

    def forward(self, x):
        return self.seq(x)


class TinyViT(nn.Module):
    def __init__(self, widths=(64, 128, 160, 320), depths=(2, 2, 6, 2), heads=(2, 4, 5, 10), windows=(7, 7, 14, 7)):
        super().__init__()
        self.patch_embed = Stem(widths[0])
        self.layers = nn.ModuleList(
            Stage([ConvBlock(widths[0]) if s == 0 else TinyBlock(widths[s], heads[s], windows[s]) for _ in range(depths[s])],
                  Merging(widths[s], widths[s + 1]) if s < 3 else None) for s in range(4))
        self.norm_head = nn.LayerNorm(widths[3])  # of the classifier it was trained as; in the checkpoints, not used
        self.head = nn.Linear(widths[3], 1000)
        self.neck = neck(widths[3], 256)

    def forward(self, x):
        x = self.patch_embed(x)
        for s, stage in enumerate(self.layers):
            x = stage(x, by_channel=s == 0)
        return self.neck(x.permute(0, 3, 1, 2))


def create(model):
    if model == "mobile-sam":
        return TinyViT()
    width, depth, heads, global_blocks = {
        "vit-b": (768, 12, 12, (2, 5, 8, 11)),
        "vit-l": (1024, 24, 16, (5, 11, 17, 23)),
        "vit-h": (1280, 32, 16, (7, 15, 23, 31)),
    }[model]
    return ImageEncoderViT(width, depth, heads, global_blocks)
