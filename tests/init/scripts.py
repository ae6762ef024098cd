"""Miniature training scripts, each with the traits of a kind that is found in public."""

LOADERS = """
import argparse
import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.optim.lr_scheduler import StepLR
from sklearn.datasets import load_digits


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))

    def forward(self, x):
        return F.log_softmax(self.body(x), dim=1)


def one_epoch(args, model, device, train_loader, optimizer, epoch):
    model.train()
    for step, (data, target) in enumerate(train_loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()


def check(model, device, test_loader):
    with torch.no_grad():
        for data, target in test_loader:
            model(data.to(device)).argmax(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--lr", type=float, default=0.05, help="rate")
    parser.add_argument("--hidden", default=32, type=int)
    parser.add_argument("--no-cuda", action="store_true")
    args = parser.parse_args()
    use_cuda = not args.no_cuda and torch.cuda.is_available()
    device = torch.device("cuda" if use_cuda else "cpu")
    kwargs = {"batch_size": args.batch_size, "shuffle": True}
    if use_cuda:
        kwargs.update({"num_workers": 1})
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16).float(), torch.tensor(y)
    first = torch.utils.data.TensorDataset(x[:1400], y[:1400])
    second = torch.utils.data.TensorDataset(x[1400:], y[1400:])
    train_loader = torch.utils.data.DataLoader(first, **kwargs)
    test_loader = torch.utils.data.DataLoader(second, **kwargs)
    model = Net(args.hidden).to(device)
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(1, args.epochs + 1):
        one_epoch(args, model, device, train_loader, optimizer, epoch)
        check(model, device, test_loader)
        scheduler.step()


if __name__ == "__main__":
    main()
"""

ON_IMPORT = '''
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--data", required=True, help="where the images are")
args = parser.parse_args()
args.cuda = torch.cuda.is_available()
device = "cuda" if args.cuda else "cpu"
images = torch.tensor(load_digits().data / 16).float()
loader = torch.utils.data.DataLoader([(x, 0) for x in images], batch_size=args.batch_size, shuffle=True)


class Auto(nn.Module):
    """Encodes, draws and decodes."""

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(64, 8), nn.Linear(4, 64)  # small

    def forward(self, x):
        mu, logvar = self.down(x).chunk(2, 1)
        return torch.sigmoid(self.up(mu + torch.randn_like(mu) * (logvar / 2).exp())), mu, logvar


def loss_function(recon, x, mu, logvar):
    return F.binary_cross_entropy(recon, x, reduction="sum") + 0.5 * (mu**2 + logvar.exp() - logvar - 1).sum()


model = Auto().to(device)
if torch.cuda.device_count() > 1:
    model = nn.DataParallel(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98))
for epoch in range(15):
    total = 0
    for i, (data, _) in enumerate(loader):
        data = data.to(device)
        optimizer.zero_grad()
        recon, mu, logvar = model(data)
        loss = loss_function(recon, data, mu, logvar)
        loss.backward()
        total += loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
'''

DRAWS = """
import torch
from torch import nn

batch_size = 16
gradient_accumulation_steps = 2
block_size = 8
learning_rate = 1e-2
max_iters = 800
weight_decay = 0.1
device = "cuda"
compile = True
exec(open("configurator.py").read())
text = torch.arange(4000) * 7 % 23


def get_batch(split):
    data = text[:3000] if split == "train" else text[3000:]
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + 1 + block_size] for i in ix])
    if device == "cuda":
        x, y = x.pin_memory().to(device), y.pin_memory().to(device)
    return x, y


class Small(nn.Module):
    def __init__(self, tokens, width):
        super().__init__()
        self.into, self.out = nn.Embedding(tokens, width), nn.Linear(width, tokens)

    def forward(self, x, targets=None):
        logits = self.out(self.into(x))
        return logits, None if targets is None else nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


settings = dict(tokens=23, width=16)
model = Small(**settings)
model.to(device)
decayed = [p for p in model.parameters() if p.dim() > 1]
groups = [
    {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": weight_decay},
    {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=learning_rate)
if compile:
    model = torch.compile(model)
X, Y = get_batch("train")
iter_num = 0
while True:
    for split in ["train", "val"]:
        pass
    for micro_step in range(gradient_accumulation_steps):
        logits, loss = model(X, Y)
        loss = loss / gradient_accumulation_steps
        X, Y = get_batch("train")
        loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    iter_num += 1
    if iter_num > max_iters:
        break
"""

WINDOWS = """
import argparse
import torch
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=5)
parser.add_argument("--batch_size", type=int, default=10)
parser.add_argument("--bptt", type=int, default=12)
args = parser.parse_args()
tokens = torch.arange(6000) * 5 % 19


def batchify(data, bsz):
    return data[: data.size(0) // bsz * bsz].view(bsz, -1).t().contiguous()


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.rnn, self.out = nn.Embedding(19, 12), nn.GRU(12, 16), nn.Linear(16, 19)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.into(x), hidden)
        return self.out(out).view(-1, 19), hidden

    def init_hidden(self, bsz):
        return self.out.weight.new_zeros(1, bsz, 16)


eval_batch_size = 5
train_data = batchify(tokens[:5000], args.batch_size)
val_data = batchify(tokens[5000:], eval_batch_size)
model = Recurrent()
criterion = nn.CrossEntropyLoss()


def get_batch(source, i):
    seq_len = min(args.bptt, len(source) - 1 - i)
    return source[i : i + seq_len], source[i + 1 : i + 1 + seq_len].view(-1)


def train():
    hidden = model.init_hidden(args.batch_size)
    for batch, i in enumerate(range(0, train_data.size(0) - 1, args.bptt)):
        data, targets = get_batch(train_data, i)
        model.zero_grad()
        hidden = hidden.detach()
        output, hidden = model(data, hidden)
        loss = criterion(output, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)


lr = args.lr
for epoch in range(1, 31):
    train()
"""

GRAPH = """
import torch
import torch.nn.functional as F
from torch import nn

labels = torch.arange(300) % 3
features = torch.nn.functional.one_hot(labels, 3).float() + torch.randn(300, 3)
adj = torch.eye(300)
idx_train, idx_val = torch.arange(200), torch.arange(200, 300)


class GCN(nn.Module):
    def __init__(self, nfeat, nclass):
        super().__init__()
        self.first, self.second = nn.Linear(nfeat, 16), nn.Linear(16, nclass)

    def forward(self, x, adj):
        return F.log_softmax(adj @ self.second(F.relu(adj @ self.first(x))), dim=1)


model = GCN(features.shape[1], labels.max().item() + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)


def train(epoch):
    optimizer.zero_grad()
    output = model(features, adj)
    loss_train = F.nll_loss(output[idx_train], labels[idx_train])
    loss_train.backward()
    optimizer.step()
    loss_val = F.nll_loss(output[idx_val], labels[idx_val])


for epoch in range(200):
    train(epoch)
"""

TRAINER = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Config:
    lr = 3e-4
    batch = 32
    epochs = 6


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.n_classes = classes
        self.head = nn.Conv2d(3, classes, 3, padding=1)

    def forward(self, x):
        return self.head(x)


class Pictures(torch.utils.data.Dataset):
    def __init__(self, n):
        self.x = torch.randn(n, 3, 8, 8, generator=torch.Generator().manual_seed(n))

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return {"image": self.x[i], "mask": (self.x[i, 0] > 0).long()}


class Engine:
    def __init__(self, cfg, device="cuda"):
        self.cfg = cfg
        self.device = torch.device(device)
        self.net = Net(2)
        self.train_loader = DataLoader(Pictures(160), batch_size=cfg.batch, shuffle=True)
        self.valid_loader = DataLoader(Pictures(80), batch_size=cfg.batch)
        self.criterion = nn.CrossEntropyLoss()
        self.opt = torch.optim.RMSprop(self.net.parameters(), lr=cfg.lr, momentum=0.9)
        self.scaler = torch.amp.GradScaler(enabled=False)

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.epoch()

    def epoch(self):
        for batch in self.train_loader:
            images, masks = batch["image"], batch["mask"]
            images = images.to(self.device, dtype=torch.float32)
            masks = masks.to(self.device)
            with torch.autocast("cuda", enabled=False):
                out = self.net(images)
                if self.net.n_classes > 1:
                    loss = self.criterion(out, masks)
                else:
                    loss = nn.functional.binary_cross_entropy_with_logits(out, masks.float())
            self.scaler.scale(loss).backward()
            self.scaler.step(self.opt)


if __name__ == "__main__":
    Engine(Config()).fit()
"""

SLICES = """
import torch
from torch import nn

inputs = torch.randn(400, 6)
targets = inputs[:, :1] * 2
BATCH = 25
cfg = {"lr": 3e-3, "wd": 0.1}
model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"], weight_decay=cfg.get("wd", 0))
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=12)
for epoch in range(12):
    permutation = torch.randperm(len(inputs))
    for i in range(0, len(inputs), BATCH):
        idx = permutation[i : i + BATCH]
        loss = nn.functional.mse_loss(model(inputs[idx]), targets[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
"""

FROZEN = """
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

sets = {x: TensorDataset(torch.randn(200, 4), torch.randint(2, (200,))) for x in ["train", "val"]}
dataloaders = {x: DataLoader(sets[x], batch_size=20, shuffle=True) for x in ["train", "val"]}


def train_model(model, criterion, optimizer, num_epochs=25):
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            for inputs, labels in dataloaders[phase]:
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
    return model


net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 5))
for param in net.parameters():
    param.requires_grad = False
net[2] = nn.Linear(8, 2)
net = train_model(net, nn.CrossEntropyLoss(), optim.SGD(net[2].parameters(), lr=0.1, momentum=0.8), num_epochs=9)
"""

LIGHTNING = """
import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Lit(L.LightningModule):
    def __init__(self, hidden=8, lr=0.02):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = nn.functional.cross_entropy(self.net(x), y)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.9)


class Data(L.LightningDataModule):
    def __init__(self, batch_size):
        super().__init__()
        self.batch_size = batch_size

    def setup(self, stage):
        x = torch.randn(300, 4)
        self.parts = TensorDataset(x[:200], (x[:200, 0] > 0).long()), TensorDataset(x[200:], (x[200:, 0] > 0).long())

    def train_dataloader(self):
        return DataLoader(self.parts[0], batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.parts[1], batch_size=self.batch_size)


if __name__ == "__main__":
    module = Lit(hidden=16)
    trainer = L.Trainer(max_epochs=7, gradient_clip_val=1.0)
    trainer.fit(module, datamodule=Data(20))
"""

HUGGING_FACE = """
from dataclasses import dataclass, field

from transformers import AutoModelForSequenceClassification, AutoTokenizer, HfArgumentParser, Trainer, TrainingArguments
from datasets import load_dataset


@dataclass
class ModelArguments:
    model_name: str = field(metadata={"help": "which model"})
    max_length: int = field(default=64)


def main():
    parser = HfArgumentParser((ModelArguments, TrainingArguments))
    model_args, training_args = parser.parse_args_into_dataclasses()
    tokenizer = AutoTokenizer.from_pretrained(model_args.model_name)
    data = load_dataset("glue", "sst2").map(lambda row: tokenizer(row["sentence"], max_length=model_args.max_length))
    trainer = Trainer(
        model=AutoModelForSequenceClassification.from_pretrained(model_args.model_name),
        args=training_args,
        train_dataset=data["train"] if training_args.do_train else None,
        eval_dataset=data["validation"],
        tokenizer=tokenizer,
    )
    trainer.train()


if __name__ == "__main__":
    main()
"""

FASTAI = """
from fastai.vision.all import *
path = untar_data(URLs.PETS) / "images"
dls = ImageDataLoaders.from_name_func(".", get_image_files(path), valid_pct=0.2, label_func=str.isupper)
learn = vision_learner(dls, resnet34, metrics=error_rate)
learn.fit_one_cycle(4, 2e-3)
"""

GAN = """
import torch
from torch import nn, optim
netG, netD = nn.Linear(2, 2), nn.Linear(2, 1)
optimizerD = optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
for epoch in range(5):
    for data in loader:
        optimizerD.zero_grad()
        netD(data).mean().backward()
        optimizerD.step()
        netG(data).mean().backward()
        optimizerG.step()
"""

CLOSURE = """
import torch
from torch import nn, optim
model = nn.Linear(2, 1)
optimizer = optim.LBFGS(model.parameters(), lr=0.8)
for i in range(5):
    def closure():
        loss = model(x).mean()
        loss.backward()
        return loss
    optimizer.step(closure)
"""

REWARD = """
import gymnasium as gym
import torch
env = gym.make("CartPole-v1")
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
loss.backward()
"""

KERAS = "import tensorflow as tf\nmodel = tf.keras.Sequential()\nmodel.fit(x, y)\n"
JAX = "import jax\nimport optax\nfrom flax import linen as nn\n"
NO_LOOP = "import torch\nfrom engine import run\nrun(torch.nn.Linear(2, 2))\n"

HIDDEN_LOOP = """
import argparse
import torch
import torch.optim as optim
from torch import nn


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch_size", default=16, type=int)
    parser.add_argument("--block_size", default=6, type=int)
    parser.add_argument("--lr", default=1e-2, type=float)
    parser.add_argument("--max_iters", default=400, type=int)
    parser.add_argument("--optim", default="NAdam")
    parser.add_argument("--weights", default=None)
    return parser.parse_args()


class Small(nn.Module):
    def __init__(self, tokens):
        super().__init__()
        self.into, self.out = nn.Embedding(tokens, 8), nn.Linear(8, tokens)

    def forward(self, x, y):
        logits = self.out(self.into(x))
        return logits, nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())


class Trainer:
    def __init__(self, args):
        self.args = args
        self.setup()

    def setup(self):
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.train_data = torch.arange(2000) * 3 % 17
        self.val_data = torch.arange(500) * 3 % 17
        self.model = Small(17)
        if self.args.weights is not None:
            self.model.load_state_dict(torch.load(self.args.weights))
        self.model.to(self.device)
        self.optimizer = getattr(optim, self.args.optim)(self.model.parameters(), lr=self.args.lr)

    def get_batch(self, split):
        data = self.train_data if split == "train" else self.val_data
        ix = torch.randint(len(data) - self.args.block_size, (self.args.batch_size,))
        x = torch.stack([data[i : i + self.args.block_size] for i in ix])
        y = torch.stack([data[i + 1 : i + 1 + self.args.block_size] for i in ix])
        return x.to(self.device), y.to(self.device)

    def estimate(self):
        for split in ["train", "val"]:
            self.get_batch(split)

    def train(self):
        self.X, self.Y = self.get_batch("train")
        self.iter_num = 0
        while True:
            logits, loss = self.model(self.X, self.Y)
            self.X, self.Y = self.get_batch("train")
            loss.backward()
            self.optimizer.step()
            self.iter_num += 1
            if self.iter_num > self.args.max_iters:
                break


if __name__ == "__main__":
    Trainer(parse_args()).train()
"""

LAST_SLICE = """
import sys
sys.path.append("..")
import torch
from torch import nn

X_train, Y_train = torch.randn(300, 4), torch.randn(300, 1)
X_test, Y_test = torch.randn(60, 4), torch.randn(60, 1)
batch_size = 30
model = nn.Linear(4, 1)
nn.init.zeros_(model.weight)
optimizer = torch.optim.Adam([dict(params=model.weight, weight_decay=0.1), {"params": model.bias}], lr=4e-3)
for epoch in range(1, 8):
    for i in range(0, X_train.size(0), batch_size):
        if i + batch_size > X_train.size(0):
            x, y = X_train[i:], Y_train[i:]
        else:
            x, y = X_train[i : i + batch_size], Y_train[i : i + batch_size]
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
