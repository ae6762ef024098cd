"""Miniature training scripts, each for one way in which scripts differ. All train on scikit-learn's digits."""

DATA = """
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
x, y = torch.tensor(digits.data[:400]).float() / 16, torch.tensor(digits.target[:400])
"""

PLAIN = (
    DATA
    + """
train_loader = DataLoader(TensorDataset(x[:320], y[:320]), batch_size=32, shuffle=True)
val_loader = DataLoader(TensorDataset(x[320:], y[320:]), batch_size=40)
model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(6):
    model.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, sum(float(criterion(model(a), b)) for a, b in val_loader))
"""
)

TRAINER = (
    DATA
    + """
import argparse

class Trainer:
    def __init__(self, net, loader, rate):
        self.net, self.loader = net, loader
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.05)

    def __step(self, a, b):
        loss = nn.functional.cross_entropy(self.net(a.view(len(a), 8, 8)), b, label_smoothing=0.1)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimizer.step()
        return loss.item()

    def epoch(self):
        return [self.__step(a, b) for a, b in self.loader]

    def fit(self, epochs):
        for _ in range(epochs):
            for a, b in self.loader:
                self.__step(a, b)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--epochs", type=int, default=7)
    args = parser.parse_args()
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    Trainer(net, DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True), args.lr).fit(args.epochs)
"""
)

ACCUMULATES = (
    DATA
    + """
def endless(loader):
    while True:
        yield from loader

loader = endless(DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True))
net = nn.Linear(64, 10)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for i in range(90):
    for _ in range(4):
        a, b = next(loader)
        (nn.functional.cross_entropy(net(a), b) / 4).backward()
    opt.step()
    opt.zero_grad()
"""
)

WHOLE = (
    DATA
    + """
net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
train_rows, val_rows = torch.arange(300), torch.arange(300, 400)
for epoch in range(40):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x)[train_rows], y[train_rows])
    loss.backward()
    opt.step()
"""
)

BY_HAND = (
    DATA
    + """
net = nn.Linear(64, 10)
for epoch in range(5):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=40):
        net.zero_grad()
        nn.functional.cross_entropy(net(a), b).backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.25 * p.grad
"""
)

SIDE_EFFECTS = (
    DATA
    + """
import os, shutil, subprocess
import wandb

run = wandb.init(project="mine", config={"lr": 0.3})
os.makedirs("runs/new", exist_ok=True)
with open("notes.txt", "a") as file:
    file.write("second line")
assert open("notes.txt").read() == "first linesecond line"
os.remove("old.txt")
assert not os.path.exists("old.txt") and "old.txt" not in os.listdir(".")
shutil.rmtree("trash")
input("Press enter to go on")
subprocess.run(["touch", "made.txt"], check=True)
net = nn.Linear(64, 10)
torch.save(net.state_dict(), "runs/new/first.pt")
net.load_state_dict(torch.load("runs/new/first.pt"))
opt = torch.optim.SGD(net.parameters(), lr=run.config["lr"])
for epoch in range(3):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
        wandb.log({"loss": loss.item()})
"""
)

TURNS = (
    DATA
    + """
one, two = nn.Linear(64, 16), nn.Linear(16, 10)
first, second = torch.optim.SGD(one.parameters(), lr=0.1), torch.optim.Adam(two.parameters(), lr=0.1)
for epoch in range(3):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=40):
        loss = nn.functional.cross_entropy(two(one(a)), b)
        first.zero_grad(), second.zero_grad()
        loss.backward()
        first.step(), second.step()
"""
)

KEPT = (
    DATA
    + """
body, head = nn.Linear(64, 16), nn.Linear(16, 10)
body.weight.data.copy_(torch.eye(16, 64))
for p in body.parameters():
    p.requires_grad_(False)
net = nn.Sequential(body, nn.ReLU(), head)
opt = torch.optim.Adam(head.parameters(), lr=0.01)
for epoch in range(3):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=40):
        opt.zero_grad()
        nn.functional.cross_entropy(net(a), b).backward()
        opt.step()
"""
)

SCHEDULED = (
    DATA
    + """
net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=1.0)
epochs, loader = 10, DataLoader(TensorDataset(x, y), batch_size=40)
total = epochs * len(loader)

def rate(step):
    return step / 20 if step < 20 else 1 - (step - 20) / (total - 20)

step = 0
for epoch in range(epochs):
    for a, b in loader:
        for group in opt.param_groups:
            group["lr"] = 0.2 * rate(step)
        opt.zero_grad()
        nn.functional.cross_entropy(net(a), b).backward()
        opt.step()
        step += 1
"""
)

LIBRARY = """
from torch import nn

def fit(net, loader, opt):
    for a, b in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(a), b).backward()
        opt.step()
"""

SECOND = (
    DATA
    + """
def loader(start, end):
    return DataLoader(TensorDataset(x[start:end], y[start:end]), batch_size=40)

def check(net, data):
    with torch.no_grad():
        return sum(nn.functional.cross_entropy(net(a), b) for a, b in data)

def fit(net, rate):
    opt = torch.optim.SGD(net.parameters(), lr=rate)
    for epoch in range(3):
        for a, b in train_loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(a), b).backward()
            opt.step()
        check(net, test_loader), check(net, vali_loader)
    return net

train_loader, vali_loader, test_loader = loader(0, 280), loader(280, 320), loader(320, 400)
fit(nn.Linear(64, 10), 0.1)
fit(nn.Linear(64, 10), 0.2)
"""
)

DRAWN_BY_HAND = (
    DATA
    + """
val_loader = DataLoader(TensorDataset(x[320:], y[320:]), batch_size=40)
model = nn.Linear(64, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

def batches(size):
    order = torch.randperm(320)
    for start in range(0, 320, size):
        yield x[order[start:start + size]], y[order[start:start + size]]

for epoch in range(12):
    for inputs, targets in batches(16):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(sum(float(nn.functional.cross_entropy(model(a), b)) for a, b in val_loader))
"""
)

ONE_SIZE = (
    DATA
    + """
train_loader = DataLoader(TensorDataset(x[:320], y[:320]), batch_size=32)
model = nn.Linear(64, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(12):
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs.view(32, 64)), targets).backward()
        optimizer.step()
"""
)

ONE_DATA_SET = (
    DATA
    + """
from torch.utils.data import SubsetRandomSampler

digits = TensorDataset(x, y)
loader = DataLoader(digits, batch_size=40, sampler=SubsetRandomSampler(range(80, 400)))
held = DataLoader(digits, batch_size=40, sampler=SubsetRandomSampler(range(80)))
model = nn.Linear(64, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    for inputs, targets in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(sum(float(nn.functional.cross_entropy(model(a), b)) for a, b in held))
    model.train()
"""
)

LAUNCHED = """
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
assert dist.get_world_size() == world
random = torch.Generator().manual_seed(0)
inputs = torch.randn(640, 6, generator=random)
targets = (inputs[:, :3].argmax(1) + (inputs[:, 3] > 1.5)) % 3
train = TensorDataset(inputs[:512], targets[:512])
sampler = DistributedSampler(train)
loader = DataLoader(train, batch_size=64 // world, sampler=sampler)
val_loader = DataLoader(TensorDataset(inputs[512:], targets[512:]), batch_size=64)
model = DistributedDataParallel(nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(20):
    sampler.set_epoch(epoch)
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        total = sum(criterion(model(x), y) for x, y in val_loader)
    dist.all_reduce(total)
    if rank == 0:
        print(epoch, float(total) / world)
dist.destroy_process_group()
"""
