"""Networks as PyTorch trains and exports them, for bench/squeeze.ts, beside those of bench/networks.ts.

networks_torch.py CIFAR10.tar.gz FOLDER [NAME...]: writes FOLDER/NAME/model.onnx, and for the text model its own test.npy and calibration/.
A residual network in several forms (opset 13 with batch norm folded by the exporter, opset 11 without, opset 18 by the newer exporter, float16),
an LSTM over the rows of an image, a byte-level language model with a tied embedding, trained on Python's own library.
Needs torch, onnx, onnxscript, numpy and pillow.
"""

import io
import os
import pathlib
import sys
import tarfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
CONTEXT = 32


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.silu(self.bn1(self.conv1(x)))
        return F.silu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(32)
        self.blocks = nn.Sequential(Block(32, 32, 1), Block(32, 64, 2), Block(64, 128, 2))
        self.fc = nn.Linear(128, 10)

    def forward(self, x):
        return self.fc(self.blocks(F.silu(self.norm(self.stem(x)))).mean((2, 3)))


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(48, 96, num_layers=2, batch_first=True)
        self.fc = nn.Linear(96, 10)

    def forward(self, x):
        rows = x.permute(0, 2, 1, 3).flatten(2)
        return self.fc(self.lstm(rows)[0][:, -1])


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.register_buffer("future", torch.full((CONTEXT, CONTEXT), -1e9).triu(1))

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + self.future
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, width))


class Text(nn.Module):
    def __init__(self, width=64, depth=3, heads=4, letters=128):
        super().__init__()
        self.letters = nn.Embedding(letters, width)
        self.positions = nn.Parameter(0.02 * torch.randn(CONTEXT, width))
        nn.init.normal_(self.letters.weight, std=0.02)
        block = lambda: nn.ModuleList(
            [nn.LayerNorm(width), Attention(width, heads), nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)]
        )
        self.blocks = nn.ModuleList(block() for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens):
        x = self.letters(tokens) + self.positions
        for norm1, attention, norm2, fc1, fc2 in self.blocks:
            x = x + attention(norm1(x))
            x = x + fc2(F.gelu(fc1(norm2(x))))
        return F.linear(self.norm(x), self.letters.weight)


class Half(nn.Module):
    """Weights and arithmetic in float16, input and output in float32."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner.half()

    def forward(self, x):
        return self.inner(x.half()).float()


def images(archive):
    """The training part at 16×16, as bench/networks.ts has it."""
    pixels, labels, classes = [], [], {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.name.endswith(".jpg") or "train" not in member.name.split("/"):
                continue
            picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB").resize((16, 16), Image.BOX)
            pixels.append(((np.asarray(picture, np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1).astype(np.float32))
            labels.append(classes.setdefault(member.name.split("/")[-2], len(classes)))
    return torch.from_numpy(np.stack(pixels)), torch.tensor(labels)


def text():
    folder = pathlib.Path(os.__file__).parent
    letters = b"\n".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return torch.from_numpy(np.frombuffer(letters, np.uint8).copy()).long().clamp(max=127)


def train(net, steps, batch, rate):
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(steps):
        x, y = batch()
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(x).flatten(0, -2), y.flatten())
        loss.backward()
        optimizer.step()
        schedule.step()
    print(type(net).__name__, "loss", round(loss.item(), 3), flush=True)
    return net.eval()


def export(net, example, path, opset, newer=False, **options):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    names = {"input_names": ["input"], "output_names": ["logits"]}
    if newer:
        shapes = {"dynamic_shapes": ({0: torch.export.Dim("batch", min=1, max=1024)},)}
        torch.onnx.export(net, (example,), path, opset_version=opset, dynamo=True, external_data=False, **shapes, **names)
    else:
        axes = {"input": {0: "batch"}, "logits": {0: "batch"}}
        torch.onnx.export(net, (example,), path, opset_version=opset, dynamo=False, dynamic_axes=axes, **names, **options)
    print(path, os.path.getsize(path), flush=True)


def main():
    archive, folder, *only = sys.argv[1:]
    wanted = lambda name: not only or name in only
    torch.manual_seed(7)
    torch.set_num_threads(1)
    draw = torch.Generator().manual_seed(7)
    at = lambda name: os.path.join(folder, name, "model.onnx")
    if wanted("resnet") or wanted("lstm"):
        seen, labels = images(archive)

        def batch():
            chosen = torch.randint(len(seen), (64,), generator=draw)
            return seen[chosen], labels[chosen]

        if wanted("resnet"):
            net, keep = train(ResNet(), 250, batch, 4e-3), torch.onnx.TrainingMode.PRESERVE
            export(net, seen[:2], at("torch-resnet-13-folded"), 13)
            export(net, seen[:2], at("torch-resnet-11"), 11, training=keep, do_constant_folding=False)
            export(net, seen[:2], at("torch-resnet-18"), 18, newer=True)
            export(Half(net), seen[:2], at("torch-resnet-half"), 17)
        if wanted("lstm"):
            export(train(Rows(), 300, batch, 3e-3), seen[:2], at("torch-lstm"), 17)
    if wanted("text"):
        letters = text()
        windows = letters[: len(letters) // (CONTEXT + 1) * (CONTEXT + 1)].view(-1, CONTEXT + 1)
        windows = windows[torch.randperm(len(windows), generator=draw)]
        kept, held = windows[1500:], windows[:1500]

        def lines():
            chosen = kept[torch.randint(len(kept), (32,), generator=draw)]
            return chosen[:, :-1], chosen[:, 1:]

        export(train(Text(), 600, lines, 3e-3), held[:2, :-1], at("torch-text"), 18, newer=True)
        beside = os.path.join(folder, "torch-text")
        os.makedirs(os.path.join(beside, "calibration"), exist_ok=True)
        np.save(os.path.join(beside, "test.npy"), held[:1000, :-1].numpy())
        for i, sample in enumerate(kept[:256, :-1].numpy()):
            np.save(os.path.join(beside, "calibration", f"{i:03}.npy"), sample[None])


main()
