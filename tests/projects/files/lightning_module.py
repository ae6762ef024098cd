"""A LightningModule and its DataModule as they are: groups, schedule and clipping of their own."""

import lightning as L
import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class DigitsData(L.LightningDataModule):
    def __init__(self, batch_size=40):
        super().__init__()
        self.batch_size = batch_size

    def setup(self, stage):
        self.train, self.val = (TensorDataset(PIXELS[part], LABELS[part]) for part in (TRAIN, VAL))

    def train_dataloader(self):
        return DataLoader(self.train, self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.val, 100)


class LitDigits(L.LightningModule):
    def __init__(self, width=32, lr=0.002):
        super().__init__()
        self.save_hyperparameters()
        self.body, self.head = nn.Sequential(nn.Linear(64, width), nn.ReLU()), nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.body(x))

    def training_step(self, batch, batch_idx):
        inputs, targets = batch
        loss = nn.functional.cross_entropy(self(inputs), targets)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        inputs, targets = batch
        logits = self(inputs)
        self.log("val_loss", nn.functional.cross_entropy(logits, targets), prog_bar=True)
        self.log("val_acc", (logits.argmax(1) == targets).float().mean(), prog_bar=True)

    def configure_optimizers(self):
        groups = [{"params": self.body.parameters()}, {"params": self.head.parameters(), "lr": 10 * self.hparams.lr}]
        optimizer = torch.optim.SGD(groups, lr=self.hparams.lr, momentum=0.9, weight_decay=1e-4)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.3)
        return {"optimizer": optimizer, "lr_scheduler": scheduler}


trainer = L.Trainer(max_epochs=12, gradient_clip_val=5.0, logger=False, enable_checkpointing=False, accelerator="cpu")

if __name__ == "__main__":
    trainer.fit(LitDigits(), DigitsData())
