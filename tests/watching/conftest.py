import pytest
import torch
from torch import nn

import advisor


class Small:
    """A task of two classes that a few hundred steps learn, and its loop."""

    def __init__(self):
        generator = torch.Generator().manual_seed(0)
        self.inputs = torch.randn(1200, 10, generator=generator)
        self.targets = (self.inputs[:, :3].sum(1) > 0).long()
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))

    def optimizer(self, lr=0.01, model=None, **rest):
        return torch.optim.Adam((model or self.model).parameters(), lr=lr, **rest)

    def batches(self, steps):
        generator = torch.Generator().manual_seed(1)
        for _ in range(steps):
            rows = torch.randint(0, 900, (32,), generator=generator)
            yield self.inputs[rows], self.targets[rows]

    def train(self, watch, optimizer, steps, before=lambda step: None, every=30):
        with watch:
            for step, (x, y) in enumerate(self.batches(steps), 1):
                before(step)
                loss = nn.functional.cross_entropy(self.model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                watch.step(loss)
                if step % every == 0:
                    self.model.eval()
                    with torch.no_grad():
                        out = self.model(self.inputs[900:])
                    held = self.targets[900:]
                    watch.validation(nn.functional.cross_entropy(out, held), (out.argmax(1) == held).float().mean())
                    self.model.train()
        return watch


@pytest.fixture
def small():
    return Small()


@pytest.fixture
def watched(tmp_path, small):
    """Makes a watch of the small task that may take all the time it likes; what it says is in ``said``."""

    def make(optimizer, steps=300, **options):
        lines = []
        options = {"total_steps": steps, "out": tmp_path / "watch", "tensorboard": False, "overhead": 1e9, **options}
        made = advisor.watch(small.model, optimizer, say=lines.append, **options)
        made.said = lines
        return made

    return make


def codes(watch, state="holds"):
    return {item.finding.code for item in watch.report.verdicts if item.state == state}


@pytest.fixture(name="codes")
def _codes():
    return codes
