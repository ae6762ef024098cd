"""Lightning: a ``configure_optimizers`` mixin for a LightningModule, and the Trainer's arguments."""

from __future__ import annotations

import textwrap

from advisor.config.config import Config
from advisor.export.code import comment, folded, optimizer_call, scheduler_call
from advisor.records.spec import Keywords

_TEXT = '''import torch

{comment}
BATCH_SIZE = {batch_size}  # of your DataLoader, with shuffle=True and drop_last=True
TRAINER = {trainer!r}  # lightning.Trainer(**TRAINER)


class Advised:
    """List it before your own module: ``class Trained(Advised, YourModule): pass``."""

    def configure_optimizers(self):
        """Replaces the module's own method."""
        params = [p for p in self.parameters() if p.requires_grad]
        optimizer = {optimizer}
{scheduler}
'''


def text(config: Config) -> str:
    """Source of a module."""
    trainer: Keywords = {"max_epochs": config.epochs}
    if config.clip_grad_norm is not None:
        trainer |= {"gradient_clip_val": config.clip_grad_norm, "gradient_clip_algorithm": "norm"}
    if config.amp:
        trainer["precision"] = "bf16-mixed"
    made = scheduler_call(config, "optimizer", "total_steps")
    lines = ["return optimizer"]
    if made:
        lines = [
            "total_steps = int(self.trainer.estimated_stepping_batches)",
            f"scheduler = {folded(made, 0)}",
            'return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}',
        ]
    return _TEXT.format(
        comment=comment(config),
        batch_size=config.batch_size,
        trainer=trainer,
        optimizer=folded(optimizer_call(config, "params"), 8),
        scheduler=textwrap.indent("\n".join(lines), " " * 8),
    )
