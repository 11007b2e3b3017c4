"""The networks of bench/training.ts in PyTorch, eager, trained by SGD with momentum from the same weights on the same batches.

Reads task.json, weights.bin, images.bin and labels.bin from the folder given; tries memory formats and forms of the optimizer for a short
while and keeps the fastest and the one that is PyTorch's default; then, for each line with one of these and a number of steps, runs them
and answers with a line of JSON.
"""

import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.fc1 = nn.Linear(800, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2)
        x = F.max_pool2d(self.conv2(x), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class LeNet300(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 300)
        self.fc2 = nn.Linear(300, 100)
        self.fc3 = nn.Linear(100, 10)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.stride = stride
        self.extra = (out - channels) // 2

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        if self.extra:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.extra, self.extra))
        return F.relu(y + x, inplace=True)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.stage(16, 16, 1)
        self.layer2 = self.stage(16, 32, 2)
        self.layer3 = self.stage(32, 64, 2)
        self.fc = nn.Linear(64, 10)

    @staticmethod
    def stage(channels, out, stride):
        return nn.Sequential(Block(channels, out, stride), Block(out, out, 1), Block(out, out, 1))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


networks = {"lenet-5": LeNet5, "lenet-300-100": LeNet300, "resnet-20": ResNet20}


class Training:
    def __init__(self, folder, task, channels_last, optimizer):
        self.net = networks[task["network"]]()
        flat = np.fromfile(os.path.join(folder, "weights.bin"), np.float32)
        state, at = {}, 0
        for weight in task["weights"]:
            size = int(np.prod(weight["dims"]))
            state[weight["name"]] = torch.from_numpy(flat[at : at + size].reshape(weight["dims"]).copy())
            at += size
        missing, unexpected = self.net.load_state_dict(state, strict=False)
        wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + list(unexpected)
        if wrong or at != len(flat):
            raise SystemExit(f"weights that do not fit: {wrong}")
        images = np.fromfile(os.path.join(folder, "images.bin"), np.float32).reshape([task["batches"], *task["dims"]])
        labels = np.fromfile(os.path.join(folder, "labels.bin"), np.int32).reshape([task["batches"], task["batch"]])
        self.images = [torch.from_numpy(x.copy()) for x in images]
        self.labels = [torch.from_numpy(y.astype(np.int64)) for y in labels]
        if channels_last:
            self.net = self.net.to(memory_format=torch.channels_last)
            self.images = [x.contiguous(memory_format=torch.channels_last) for x in self.images]
        self.sgd = torch.optim.SGD(self.net.parameters(), lr=task["rate"], momentum=task["momentum"], **optimizer)
        self.at = 0

    def run(self, steps):
        losses = []
        begin = time.perf_counter()
        for _ in range(steps):
            k = self.at % len(self.images)
            self.sgd.zero_grad(set_to_none=True)
            loss = F.cross_entropy(self.net(self.images[k]), self.labels[k])
            loss.backward()
            self.sgd.step()
            losses.append(loss.item())
            self.at += 1
        return losses, 1e3 * (time.perf_counter() - begin)


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "task.json")) as file:
        task = json.load(file)
    torch.set_num_threads(task["threads"])
    formats = {"contiguous": False, "channels_last": True}
    optimizers = {"for loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
    variants = {
        f"{a}, {b}": (formats[a], optimizers[b])
        for a in formats
        for b in optimizers
        if a == "contiguous" or task["network"] != "lenet-300-100"
    }
    tried = {}
    trainings = {name: Training(folder, task, *variant) for name, variant in variants.items()}
    for training in trainings.values():
        training.run(3)
    for _ in range(5):
        for name, training in trainings.items():
            tried[name] = min(tried.get(name, 1e9), training.run(5)[1] / 5)
    best = min(tried, key=lambda name: tried[name])
    del trainings
    print(json.dumps({"torch": torch.__version__, "variant": best, "tried": tried}), flush=True)
    chosen = {"default": Training(folder, task, False, {}), "fastest": Training(folder, task, *variants[best])}
    for line in sys.stdin:
        name, steps = line.split()
        losses, ms = chosen[name].run(int(steps))
        print(json.dumps({"losses": losses, "ms": ms}), flush=True)


main()
