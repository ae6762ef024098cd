"""`advisor train` on real data: checkpoints, the best one kept, logs, one clear error for a bad configuration."""

import torch

CONFIG = """
optimizer: {name: SGD, lr: 0.3, momentum: 0.9, nesterov: true, weight_decay: 0.0001}
schedule: {name: OneCycleLR, max_lr: 0.3, total_steps: 999, pct_start: 0.3}
batch_size: 64
epochs: 4
clip_grad_norm: 5.0
"""


def test_training_keeps_the_best_checkpoint(advisor, examples, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    done = advisor("train", examples / "digits_cnn.py", "--config", config, "--out", tmp_path / "runs")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("epoch ") == 4
    folder = tmp_path / "runs" / "digits_cnn"
    last, best = (torch.load(folder / name, weights_only=True) for name in ("last.pt", "best.pt"))
    assert last["epoch"] == 4 and best["epoch"] <= 4 and best["val_loss"] <= last["val_loss"]
    assert f"after epoch {best['epoch']} of 4" in done.stdout
    assert best["val_loss"] < 0.5
    assert list((folder / "tensorboard").glob("events.out.tfevents.*"))
    assert not list(folder.glob("*.tmp"))


def test_a_configuration_that_torch_refuses_is_one_clear_error(advisor, examples, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.replace("nesterov: true", "nesterow: true"))
    done = advisor("train", examples / "digits_cnn.py", "--config", config, "--out", tmp_path / "runs")
    assert done.returncode == 2
    assert "nesterow" in done.stderr and "Traceback" not in done.stderr


def test_divergence_is_said(advisor, examples, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.replace("lr: 0.3", "lr: 1.0e+30").replace("clip_grad_norm: 5.0", "clip_grad_norm: null"))
    done = advisor("train", examples / "digits_cnn.py", "--config", config, "--out", tmp_path / "runs", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "diverged" in done.stdout
