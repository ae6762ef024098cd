"""A transformers model from its config with a data set, a padding collator and TrainingArguments."""

import torch
from transformers import BertConfig, BertForSequenceClassification, TrainingArguments

config = BertConfig(
    vocab_size=20,
    hidden_size=32,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=16,
    num_labels=2,
)
args = TrainingArguments(
    output_dir="unused",
    learning_rate=5e-5,
    per_device_train_batch_size=16,
    gradient_accumulation_steps=2,
    num_train_epochs=24,
    weight_decay=0.01,
    warmup_steps=0.1,
    lr_scheduler_type="linear",
    max_grad_norm=1.0,
    use_cpu=True,
)


def model():
    return BertForSequenceClassification(config)


def sentences(count, seed):
    random = torch.Generator().manual_seed(seed)
    for _ in range(count):
        ids = torch.randint(1, 20, (int(torch.randint(6, 12, (1,), generator=random)),), generator=random)
        yield {"input_ids": ids.tolist(), "label": int((ids == 7).any())}


train_dataset, eval_dataset = list(sentences(300, 0)), list(sentences(120, 1))


def data_collator(features):
    longest = max(len(f["input_ids"]) for f in features)
    ids = torch.tensor([f["input_ids"] + [0] * (longest - len(f["input_ids"])) for f in features])
    labels = torch.tensor([f["label"] for f in features])
    return {"input_ids": ids, "attention_mask": (ids > 0).long(), "labels": labels}
