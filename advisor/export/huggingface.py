"""Hugging Face: keywords of TrainingArguments, and a Trainer that creates this optimizer and schedule.

TrainingArguments know neither SGD with Nesterov momentum nor a one-cycle schedule, and their Trainer leaves
biases and norms out of weight decay. A Trainer with two overridden methods is exact where arguments are not.
"""

from __future__ import annotations

from advisor.config.config import Config
from advisor.config.current import current_settings
from advisor.export.code import comment, folded, optimizer_call, scheduler_call
from advisor.records.spec import Keywords

_TEXT = '''import torch
from transformers import Trainer

{comment}
# Besides the arguments: optimizer and schedule are created by AdvisedTrainer, because TrainingArguments have no
# {missing}; weight decay applies to all parameters, as it was measured
# (the Trainer's own optimizer excludes biases and norms).
ARGUMENTS = {arguments!r}  # TrainingArguments(output_dir, **ARGUMENTS)


class AdvisedTrainer(Trainer):
    """Use it in place of Trainer."""

    def create_optimizer(self, *args, **kwargs):
        """Returns the advised optimizer over all trainable parameters."""
        params = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = {optimizer}
        return self.optimizer

    def create_scheduler(self, num_training_steps, optimizer=None):
        """Returns the advised schedule over the whole run."""
        optimizer = self.optimizer if optimizer is None else optimizer
        self.lr_scheduler = {scheduler}
        return self.lr_scheduler
'''


def text(config: Config) -> str:
    """Source of a module."""
    arguments: Keywords = {
        "per_device_train_batch_size": config.batch_size,
        "num_train_epochs": config.epochs,
        "learning_rate": current_settings(config).peak_lr,
        "weight_decay": config.optimizer.get("weight_decay", 0.0),
        "max_grad_norm": config.clip_grad_norm or 0.0,
        "gradient_accumulation_steps": 1,
        "dataloader_drop_last": True,
        "bf16": config.amp,
    }
    made = scheduler_call(config, "optimizer", "num_training_steps")
    constant = "torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0, total_iters=0)"
    missing = f"{config.schedule['name']} schedule" if config.schedule else f"plain {config.optimizer['name']}"
    return _TEXT.format(
        comment=comment(config),
        missing=missing,
        arguments=arguments,
        optimizer=folded(optimizer_call(config, "params"), 8),
        scheduler=folded(made or constant, 8),
    )
