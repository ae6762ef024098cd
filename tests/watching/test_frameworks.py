"""Real trainings of other packages, with the callback and nothing else."""

import warnings

import pytest
import torch
from torch import nn

from advisor.schema.files import read_watch

FAST = {"overhead": 1e9, "tensorboard": False}


def data(count=320):
    x = torch.randn(count, 6, generator=torch.Generator().manual_seed(0))
    return x, (x[:, 0] > 0).long()


@pytest.mark.parametrize("lr", [0.01, 1e6])
def test_lightning(tmp_path, lr, codes):
    import lightning.pytorch as lightning

    from advisor.watching.frameworks.lightning import WatchCallback

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))

        def training_step(self, batch, index):
            return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def validation_step(self, batch, index):
            out = self.net(batch[0])
            self.log_dict({"val_loss": nn.functional.cross_entropy(out, batch[1]),
                           "val_acc": (out.argmax(1) == batch[1]).float().mean()})  # fmt: skip

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=lr)

    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*data()), 16)
    callback = WatchCallback(out=tmp_path, stop_on="fault", say=lambda line: None, **FAST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_epochs=6, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, callbacks=[callback],
        )  # fmt: skip
        trainer.fit(Module(), loader, loader)
    report = read_watch(tmp_path)
    assert report.total_steps == 120
    if lr > 1:
        assert codes(callback.watch) & {"FT005", "PF008"}
        assert (report.state, trainer.should_stop) == ("stopped", True)
        assert report.step < 120
    else:
        assert (report.state, report.step) == ("finished", 120)
        assert report.curves["train_loss"].points == 120
        assert 0.0 < report.wait_share < 1.0
        assert report.curves["val_loss"].points == report.curves["metric"].points == 6
        assert not [item for item in report.verdicts if item.finding.severity == "fault"]


@pytest.mark.parametrize("lr", [0.01, 1e6])
def test_hugging_face(tmp_path, lr, codes):
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    from advisor.watching.frameworks.huggingface import WatchCallback

    size = BertConfig(vocab_size=20, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                      max_position_embeddings=8)  # fmt: skip
    torch.manual_seed(0)
    words = torch.randint(0, 20, (128, 4))
    rows = [{"input_ids": row, "labels": int(row[0] > 9)} for row in words]
    arguments = TrainingArguments(
        str(tmp_path / "hf"), num_train_epochs=4, per_device_train_batch_size=8, learning_rate=lr, report_to=[],
        eval_strategy="epoch", save_strategy="no", disable_tqdm=True, use_cpu=True, logging_strategy="no",
    )  # fmt: skip
    callback = WatchCallback(out=tmp_path, stop_on="fault", say=lambda line: None, **FAST)
    trainer = Trainer(BertForSequenceClassification(size), arguments, train_dataset=rows, eval_dataset=rows[:32],
                      callbacks=[callback])  # fmt: skip
    trainer.train()
    report = read_watch(tmp_path)
    assert report.total_steps == 64
    assert report.settings["optimizer"] == "AdamW"
    if lr > 1:
        assert any(item.finding.severity == "fault" for item in report.verdicts)
        assert (report.state, trainer.state.global_step < 64) == ("stopped", True)
    else:
        assert (report.state, report.step) == ("finished", 64)
        assert report.curves["train_loss"].points == 64
        assert report.curves["val_loss"].points == 4
        assert not [item for item in report.verdicts if item.finding.severity == "fault"]


@pytest.mark.parametrize("lr", [0.01, 1e6])
def test_skorch(tmp_path, lr, codes):
    from skorch import NeuralNetClassifier

    from advisor.watching.frameworks.skorch import WatchCallback

    x, y = data()
    callback = WatchCallback(out=tmp_path, stop_on="fault", say=lambda line: None, **FAST)
    torch.manual_seed(0)
    net = NeuralNetClassifier(
        nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2)), criterion=nn.CrossEntropyLoss, lr=lr,
        max_epochs=6, batch_size=16, optimizer=torch.optim.Adam, verbose=0, callbacks=[("watch", callback)],
    )  # fmt: skip
    net.fit(x, y)
    report = read_watch(tmp_path)
    assert report.total_steps == 96
    if lr > 1:
        assert any(item.finding.severity == "fault" for item in report.verdicts)
        assert (report.state, report.step < 96) == ("stopped", True)
    else:
        assert (report.state, report.step) == ("finished", 96)
        assert report.curves["val_loss"].points == report.curves["metric"].points == 6
