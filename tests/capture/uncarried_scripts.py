"""Miniature training scripts that do something in their training which a first loss does not show."""

from tests.capture.scripts import DATA

UNSEEN = (
    DATA
    + """
class Average:
    def update(self):
        pass

net, ema = nn.Linear(64, 10), Average()
opt = torch.optim.Adam(net.parameters(), lr=0.1, eps=1e-4)
scaler = torch.amp.GradScaler("cpu")
beta = 0.0
for epoch in range(4):
    beta = epoch / 4
    for a, b in DataLoader(TensorDataset(x, y), batch_size=40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b) + beta * net.weight.abs().sum()
        scaler.scale(loss).backward()
        for p in net.parameters():
            p.grad.mul_(0.5)
        scaler.step(opt)
        scaler.update()
        ema.update()
        with torch.no_grad():
            net.weight.clamp_(-0.1, 0.1)
    net.bias.requires_grad_(epoch < 1)
    opt.param_groups[0]["weight_decay"] = 0.1
"""
)

BESIDE = (
    DATA
    + """
labelled = DataLoader(TensorDataset(x[:160], y[:160]), batch_size=40)
unlabelled = DataLoader(TensorDataset(x[160:]), batch_size=60, shuffle=True)
net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(5):
    for (a, b), (c,) in zip(labelled, unlabelled):
        opt.zero_grad()
        (nn.functional.cross_entropy(net(a), b) - 0.1 * net(c).softmax(1).pow(2).mean()).backward()
        opt.step()
"""
)

AHEAD = (
    DATA
    + """
splits = {"train": (x[:320], y[:320]), "val": (x[320:], y[320:])}

def get_batch(split):
    a, b = splits[split]
    rows = torch.randint(len(a), (20,))
    return a[rows], b[rows]

net = nn.Linear(64, 10)
opt = torch.optim.AdamW(net.parameters(), lr=1e-2)
a, b = get_batch("train")
for step in range(60):
    for part in range(2):
        loss = nn.functional.cross_entropy(net(a), b) / 2
        a, b = get_batch("train")
        loss.backward()
    opt.step()
    opt.zero_grad()
    if step % 20 == 19:
        with torch.no_grad():
            print([nn.functional.cross_entropy(net(get_batch(s)[0]), get_batch(s)[1]) for s in ("train", "val")])
"""
)

PARTS = (
    DATA
    + """
net = nn.Linear(64, 10)
opt = torch.optim.AdamW(net.parameters(), lr=1e-2)
for step in range(50):
    rows = torch.randint(400, (32,))
    a, b = x[rows], y[rows]
    opt.zero_grad()
    for part in range(2):
        (nn.functional.cross_entropy(net(a[part::2]), b[part::2]) / 2).backward()
    opt.step()
"""
)

AFTERWARDS = (
    DATA
    + """
net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
a, b = x[:32], y[:32]
for step in range(50):
    opt.zero_grad()
    nn.functional.cross_entropy(net(a), b).backward()
    opt.step()
    rows = torch.randint(400, (32,))
    a, b = x[rows], y[rows]
"""
)

PHASES = (
    DATA
    + """
parts = {"train": TensorDataset(x[:320], y[:320]), "val": TensorDataset(x[320:], y[320:])}
loaders = {name: DataLoader(part, batch_size=32, shuffle=name == "train") for name, part in parts.items()}
net = nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10))
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, alpha=0.9)
for epoch in range(9):
    for phase in ["train", "val"]:
        net.train(phase == "train")
        net[1].eval()
        for a, b in loaders[phase]:
            with torch.set_grad_enabled(phase == "train"):
                loss = nn.functional.cross_entropy(net(a), b)
                if phase == "train":
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
"""
)

GROWING = (
    DATA
    + """
from torch.utils.data import Subset

net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for size in (100, 200, 400):
    loader = DataLoader(Subset(TensorDataset(x, y), range(size)), batch_size=20, shuffle=True)
    for epoch in range(2):
        for a, b in loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(a), b).backward()
            opt.step()
"""
)

SHUFFLED = (
    DATA
    + """
import numpy as np

def batches(rows, targets, size):
    order = np.random.permutation(len(rows))
    for i in range(0, len(rows), size):
        yield rows[order[i:i + size]], targets[order[i:i + size]]

net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for a, b in batches(x, y, 40):
        opt.zero_grad()
        nn.functional.cross_entropy(net(a), b).backward()
        opt.step()
"""
)

HELD_ROWS = (
    DATA
    + """
xtr, ytr, xte, yte = x[:300], y[:300], x[300:], y[300:]
net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(30):
    opt.zero_grad()
    nn.functional.cross_entropy(net(xtr), ytr).backward()
    opt.step()
    with torch.no_grad():
        print(nn.functional.cross_entropy(net(xte), yte))
"""
)

ITERABLE = (
    DATA
    + """
class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        yield from zip(x, y)

net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
loader = DataLoader(Stream(), batch_size=20)
for epoch in range(7):
    for a, b in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(a), b).backward()
        opt.step()
"""
)

EVALUATES_OFTEN = (
    DATA
    + """
train_loader = DataLoader(TensorDataset(x[:320], y[:320]), batch_size=32, shuffle=True)
train_eval_loader = DataLoader(TensorDataset(x[:320], y[:320]), batch_size=80)
test_loader = DataLoader(TensorDataset(x[320:], y[320:]), batch_size=40)
net = nn.Linear(64, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(1, 41):
    a, b = next(iter(train_loader))
    opt.zero_grad()
    nn.functional.cross_entropy(net(a), b).backward()
    opt.step()
    with torch.no_grad():
        for loader in (train_eval_loader, test_loader):
            print(sum(nn.functional.cross_entropy(net(a), b) for a, b in loader))
"""
)
