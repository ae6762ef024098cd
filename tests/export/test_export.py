"""`advisor export`: exported code runs and reaches the loss of the advisor's own loop, within noise."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from advisor.app.train import train
from advisor.cli.main import main
from advisor.config.config import Config, load_config
from advisor.export import TARGETS

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLE = Path(__file__).parents[2] / "reports" / "samples" / "digits_cnn" / "healthy"
SEEDS = (0, 1, 2)
CONFIG = Config(
    optimizer={"name": "SGD", "lr": 0.3, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0005},
    schedule={
        "name": "OneCycleLR", "max_lr": 0.3, "total_steps": 7, "pct_start": 0.3, "div_factor": 10.0,
        "final_div_factor": 1000.0, "anneal_strategy": "cos", "cycle_momentum": True,
        "base_momentum": 0.8, "max_momentum": 0.9,
    },
    batch_size=50,
    epochs=3,
    clip_grad_norm=2.0,
)  # fmt: skip


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digits():
    return load(EXAMPLES / "digits_cnn.py", "digits_for_export")


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """Last validation losses of our own loop, one a seed."""
    folder = tmp_path_factory.mktemp("ours")
    (folder / "config.yaml").write_text(CONFIG.to_yaml())
    path = str(EXAMPLES / "digits_cnn.py")
    return [train(path, load_config(folder / "config.yaml"), folder / str(s), s, "cpu").last_loss for s in SEEDS]


def within_noise(losses, others):
    """Means differ by no more than their seeds explain: three standard errors of the difference."""
    one, other = torch.tensor(losses), torch.tensor(others)
    error = (one.var() / len(one) + other.var() / len(other)).sqrt()
    return abs(one.mean() - other.mean()) <= 3 * error + 0.1 * one.mean()


def validation_loss(model, digits):
    inputs, targets = digits.val_data().tensors
    with torch.no_grad():
        return float(nn.functional.cross_entropy(model.eval()(inputs), targets))


def exported(target, tmp_path):
    path = tmp_path / f"{target}_export.py"
    path.write_text(TARGETS[target](CONFIG))
    return load(path, f"{target}_export")


def test_pytorch_code_reaches_our_loss(tmp_path, digits, ours):
    module = exported("pytorch", tmp_path)
    losses = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = module.train(digits.model(), digits.train_data(), nn.functional.cross_entropy)
        losses.append(validation_loss(model, digits))
    assert max(ours) < 0.4
    assert within_noise(ours, losses), (ours, losses)


def test_lightning_code_reaches_our_loss_in_its_own_trainer(tmp_path, digits, ours):
    L = pytest.importorskip("lightning")
    module = exported("lightning", tmp_path)

    class Lit(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = digits.model()

        def training_step(self, batch, batch_idx):
            return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-5)

    class Trained(module.Advised, Lit):
        pass

    losses = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        lit = Trained()
        loader = DataLoader(digits.train_data(), module.BATCH_SIZE, shuffle=True, drop_last=True)
        L.Trainer(**module.TRAINER, accelerator="cpu", logger=False, enable_checkpointing=False,
                  enable_progress_bar=False, enable_model_summary=False).fit(lit, loader)  # fmt: skip
        losses.append(validation_loss(lit.net, digits))
    assert within_noise(ours, losses), (ours, losses)


def test_hugging_face_code_reaches_our_loss_in_its_own_trainer(tmp_path, digits, ours):
    transformers = pytest.importorskip("transformers")
    module = exported("huggingface", tmp_path)

    class WithLoss(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = digits.model()

        def forward(self, pixels, labels=None):
            logits = self.net(pixels)
            return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}

    class Rows(TensorDataset):
        def __getitem__(self, index):
            pixels, label = super().__getitem__(index)
            return {"pixels": pixels, "labels": label}

    losses = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = WithLoss()
        arguments = transformers.TrainingArguments(
            str(tmp_path / "hf"), **module.ARGUMENTS, seed=seed, use_cpu=True, report_to="none", save_strategy="no",
            logging_strategy="no", disable_tqdm=True,
        )  # fmt: skip
        trainer = module.AdvisedTrainer(model, arguments, train_dataset=Rows(*digits.train_data().tensors))
        trainer.train()
        losses.append(validation_loss(model.net, digits))
    assert within_noise(ours, losses), (ours, losses)


def test_the_schedule_in_code_is_the_one_that_config_builds(tmp_path):
    module = exported("pytorch", tmp_path)
    params = [torch.zeros(1, requires_grad=True)]
    steps = 42
    pairs = [module.configure(params, steps), CONFIG.build(params, steps // CONFIG.epochs)]
    rates = []
    for optimizer, scheduler in pairs:
        rates.append([])
        for _ in range(steps):
            rates[-1] += [optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]]
            optimizer.step()
            scheduler.step()
    assert rates[0] == pytest.approx(rates[1])
    assert len(set(rates[0])) > 30


@pytest.mark.parametrize(
    "config",
    [
        Config({"name": "AdamW", "lr": 0.001, "betas": [0.9, 0.98], "weight_decay": 0.1}, None, 8, 2),
        Config({"name": "Adam", "lr": 0.01}, {"name": "CosineAnnealingLR"}, 8, 2, 1.0),
        Config({"name": "SGD", "lr": 0.1, "momentum": 0.9},
               {"name": "CyclicLR", "base_lr": 0.02, "max_lr": 0.1, "cycle_momentum": False}, 8, 2, None, True),
        Config({"name": "RMSprop", "lr": 0.01}, {"name": "StepLR", "step_size": 5, "gamma": 0.5}, 8, 2),
    ],
    ids=["constant", "cosine", "triangular and amp", "steps"],
)  # fmt: skip
def test_every_schedule_runs_as_code(tmp_path, config):
    data = TensorDataset(torch.randn(40, 3), torch.randint(2, (40,)))
    path = tmp_path / "code.py"
    path.write_text(TARGETS["pytorch"](config))
    model = nn.Linear(3, 2)
    before = model.weight.detach().clone()
    load(path, "code").train(model, data, nn.functional.cross_entropy)
    assert not torch.equal(before, model.weight)
    for target in ("lightning", "huggingface"):
        compile(TARGETS[target](config), target, "exec")


def test_yaml_and_json_hold_the_same_configuration(tmp_path):
    for target in ("yaml", "json"):
        path = tmp_path / f"out.{target}"
        done = CliRunner().invoke(main, ["export", str(SAMPLE / "config.yaml"), "--to", target, "-o", str(path)])
        assert done.exit_code == 0 and done.stdout.strip() == str(path)
    assert load_config(tmp_path / "out.yaml") == load_config(SAMPLE / "config.yaml")
    assert Config.from_dict(json.loads((tmp_path / "out.json").read_text())) == load_config(SAMPLE / "config.yaml")


def test_the_difference_to_the_present_settings():
    done = CliRunner().invoke(main, ["export", str(SAMPLE), "--diff"])
    assert done.exit_code == 0
    report = json.loads((SAMPLE / "report.json").read_text())
    rows = {line[2:].split()[0]: line for line in done.stdout.splitlines()[1:]}
    rate = rows["optimizer.lr"]
    assert rate.startswith("*") and str(report["current"]["optimizer"]["lr"]) in rate
    assert str(report["recommended"]["optimizer"]["lr"]) in rate
    assert rows["epochs"].startswith(" ")


def test_wrong_sources_are_one_clear_error(tmp_path):
    alone = tmp_path / "config.yaml"
    alone.write_text(CONFIG.to_yaml())
    done = CliRunner().invoke(main, ["export", str(alone), "--diff"])
    assert done.exit_code == 2 and "report.json" in done.stderr
    trouble = SAMPLE.parents[1] / "double_softmax" / "trouble"
    untrainable = json.loads((trouble / "report.json").read_text())["status"] != "advice"
    done = CliRunner().invoke(main, ["export", str(tmp_path), "--to", "json"])
    assert done.exit_code == 2 and "report.json" in done.stderr
    assert not untrainable or CliRunner().invoke(main, ["export", str(trouble)]).exit_code == 2
    (tmp_path / "report.json").write_text("[" * 100_000)
    done = CliRunner().invoke(main, ["export", str(tmp_path)])
    assert done.exit_code == 2 and "nested too deeply" in done.stderr
