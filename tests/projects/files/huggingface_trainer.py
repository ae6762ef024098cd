"""A causal language model and a whole Trainer, as a fine-tuning script has them."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

text = torch.tensor([(i * i // 7 + i // 3) % 12 for i in range(4800)])
rows = [{"input_ids": row, "labels": row} for row in text.view(-1, 12)]
config = GPT2Config(vocab_size=12, n_positions=12, n_embd=32, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0)
trainer = Trainer(
    model=GPT2LMHeadModel(config),
    args=TrainingArguments(
        output_dir="unused",
        learning_rate=1e-4,
        per_device_train_batch_size=16,
        num_train_epochs=10,
        lr_scheduler_type="cosine",
        use_cpu=True,
        report_to=[],
    ),
    train_dataset=rows[:320],
    eval_dataset=rows[320:],
)

if __name__ == "__main__":
    trainer.train()
