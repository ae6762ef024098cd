"""Scripts whose loop is a framework's: Lightning, Hugging Face's Trainer, fastai."""

from __future__ import annotations

import ast
import math
from typing import Any

from advisor.init.analysis.draft import Draft
from advisor.init.analysis.numbers import optimizer_call, read_batch_size, read_extras, read_optimizer
from advisor.init.script.source import Scope, Script
from advisor.init.script.tidy import tidied
from advisor.init.script.values import UNKNOWN, Values

_LEARNERS = ("Learner", "vision_learner", "cnn_learner", "text_classifier_learner", "language_model_learner",
             "tabular_learner", "unet_learner", "collab_learner")  # fmt: skip
_TRAINER_NUMBERS = {"learning_rate": "lr", "weight_decay": "weight_decay", "num_train_epochs": "epochs",
                    "per_device_train_batch_size": "batch_size", "max_grad_norm": "clip_grad_norm"}  # fmt: skip


def read(draft: Draft, values: Values) -> bool:
    """Fills the draft if the script leaves its loop to a framework; says whether it does."""
    script = draft.script
    for call in ast.walk(script.tree):
        if not isinstance(call, ast.Call):
            continue
        dotted = script.dotted(call.func)
        name = dotted.rpartition(".")[2]
        if name.endswith("Trainer") and dotted.startswith("transformers"):
            _hugging_face(draft, values, call)
            return True
        if name in _LEARNERS and any("fastai" in (s.module or "") for s in script.stars):
            _fastai(draft, values, call)
            return True
        if (name == "fit" and _has_lightning(script)) or name == "LightningCLI":
            _lightning(draft, values, call, name)
            return True
    return False


def _has_lightning(script: Script) -> bool:
    return any(item.dotted.startswith(("lightning", "pytorch_lightning")) for item in script.imports.values())


def _keyword(call: ast.Call, *names: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg in names), None)


def _chosen(node: ast.expr, values: Values, scope: Scope) -> ast.expr:
    """``a`` of ``a if condition else None`` where the condition is known."""
    if isinstance(node, ast.IfExp):
        test = values.of(node.test, scope)
        return node.body if test is UNKNOWN or test else node.orelse
    return node


def _lightning(draft: Draft, values: Values, call: ast.Call, name: str) -> None:
    script, scope, line = draft.script, draft.script.scope_of(call), call.lineno
    arguments = list(call.args)
    model = arguments[0] if arguments else _keyword(call, "model", "model_class")
    loaders = arguments[1] if len(arguments) > 1 else _keyword(call, "train_dataloaders", "train_dataloader")
    module = _keyword(call, "datamodule", "datamodule_class")
    val = arguments[2] if len(arguments) > 2 else _keyword(call, "val_dataloaders", "val_dataloader")
    if name == "LightningCLI" and isinstance(model, (ast.Name, ast.Attribute)):
        model = ast.copy_location(ast.Call(model, [], []), model)
        draft.numbers.put("epochs", _in_dict(_keyword(call, "trainer_defaults"), "max_epochs"), values, scope)
    if loaders is not None and _is_data_module(script, values, loaders, scope):
        module, loaders = loaders, None
    if model is not None:
        draft.model = tidied(model)
        draft.making.need_all(model, scope, line)
    if module is not None:
        draft.shared.need_all(module, scope, line)
        made = "()" if name == "LightningCLI" and isinstance(module, (ast.Name, ast.Attribute)) else ""
        draft.source = tidied(module)
        draft.text["train_data"] = [
            f"data_module = {{source}}{made}", "data_module.prepare_data()", 'data_module.setup("fit")',
            "train_data = data_module.train_dataloader()",
        ]  # fmt: skip
        if "val_dataloader" in script.text or not script.classes:
            draft.text["val_data"] = ["val_data = data_module.val_dataloader()"]
    elif loaders is not None:
        draft.train = tidied(loaders)
        draft.shared.need_all(loaders, scope, line)
        if val is not None:
            draft.val = tidied(val)
            draft.shared.need_all(val, scope, line)
        read_batch_size(values, draft.numbers, *(_made(values, loaders, scope) or (None, scope)))
    else:
        draft.text["train_data"] = ["train_data = model().train_dataloader()"]
        if "def val_dataloader" in script.text:
            draft.text["val_data"] = ["val_data = model().val_dataloader()"]
    draft.text["training_step"] = ["def training_step(model, batch):", "    return model.training_step(batch, 0)"]
    made_by = optimizer_call(script, values)
    if made_by is not None:
        read_optimizer(script, values, draft.numbers, made_by)
    for other in ast.walk(script.tree):
        if isinstance(other, ast.Call) and script.dotted(other.func).rpartition(".")[2] == "Trainer":
            where = script.scope_of(other)
            draft.numbers.put("epochs", _keyword(other, "max_epochs"), values, where)
            draft.numbers.put("clip_grad_norm", _keyword(other, "gradient_clip_val"), values, where)
            precision = values.of(_keyword(other, "precision"), where)
            if precision is not UNKNOWN and "16" in str(precision):
                draft.numbers.settings["amp"] = True
    read_extras(script, values, draft.numbers)
    draft.found.append("a Lightning script: its training_step, loaders and configure_optimizers are used as they are")


def _in_dict(node: ast.expr | None, key: str) -> ast.expr | None:
    if isinstance(node, ast.Dict):
        for name, value in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value
    return None


def _is_data_module(script: Script, values: Values, node: ast.expr, scope: Scope) -> bool:
    found = (
        values.definition(ast.unparse(node), scope) if isinstance(node, (ast.Name, ast.Attribute)) else (node, scope)
    )
    call = found[0] if found is not None else node
    name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    cls = script.classes.get(name or ast.unparse(node))
    return "DataModule" in name or (cls is not None and any("DataModule" in ast.unparse(b) for b in cls.bases))


def _made(values: Values, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
    return values.definition(ast.unparse(node), scope) if isinstance(node, (ast.Name, ast.Attribute)) else (node, scope)


def _hugging_face(draft: Draft, values: Values, call: ast.Call) -> None:
    scope, line, script = draft.script.scope_of(call), call.lineno, draft.script
    model = _keyword(call, "model") or (call.args[0] if call.args else None)
    if model is not None:
        draft.model = tidied(model)
        draft.making.need_all(model, scope, line)
    parts = {"train": _keyword(call, "train_dataset"), "val": _keyword(call, "eval_dataset")}
    collator = _keyword(call, "data_collator")
    tokenizer = _keyword(call, "processing_class", "tokenizer")
    known: dict[str, ast.expr] = {}
    for name, node in (*parts.items(), ("collator", collator), ("tokenizer", tokenizer)):
        if node is not None:
            chosen = tidied(_chosen(node, values, scope))
            if name in ("train", "val") or (name == "collator" and ast.unparse(chosen) != "None"):
                draft.shared.need_all(chosen, scope, line)
                known[name] = chosen
    if "collator" not in known and tokenizer is not None:
        draft.shared.need_all(tokenizer, scope, line)
        known["tokenizer"] = tokenizer
    draft.train, draft.val = known.get("train"), known.get("val")
    collate = known.get("collator") or known.get("tokenizer")
    draft.source = collate
    made = (
        "{source}"
        if "collator" in known
        else "DataCollatorWithPadding({source})"
        if collate is not None
        else "default_data_collator"
    )
    if made != "{source}":
        draft.imports.append(f"from transformers import {made.partition('(')[0]}")
    draft.imports += ["import inspect", "from torch.utils.data import DataLoader"]
    draft.imports.append("import functools")
    draft.text["collate"] = [
        "@functools.cache",
        "def taken():",
        '    """What the model takes; the Trainer leaves everything else out of a batch."""',
        '    return {"label", "label_ids", *inspect.signature(model().forward).parameters}',
        "",
        "",
        "def collate(rows):",
        f"    return {made}([{{key: value for key, value in row.items() if key in taken()}} for row in rows])",
    ]
    draft.numbers.settings["optimizer"] = "AdamW"
    _trainer_numbers(draft, values, call, scope)
    draft.found.append("a Hugging Face Trainer script: the loss is the model's own, batches are made by its collator")
    read_extras(script, values, draft.numbers)


def _trainer_numbers(draft: Draft, values: Values, call: ast.Call, scope: Scope) -> None:
    """From TrainingArguments, written out or parsed."""
    arguments = _keyword(call, "args") or (call.args[1] if len(call.args) > 1 else None)
    settings: dict[str, Any] = {"lr": 5e-5, "weight_decay": 0.0, "epochs": 3, "batch_size": 8, "clip_grad_norm": 1.0}
    found = values.definition(ast.unparse(arguments), scope) if isinstance(arguments, ast.Name) else None
    made = found[0] if found is not None else arguments
    where = found[1] if found is not None else scope
    if isinstance(made, ast.Call):
        for name, setting in _TRAINER_NUMBERS.items():
            value = values.of(_keyword(made, name), where)
            if isinstance(value, (int, float)):
                settings[setting] = int(value) if setting in ("epochs", "batch_size") and value == int(value) else value
        accumulated = values.of(_keyword(made, "gradient_accumulation_steps"), where)
        if isinstance(accumulated, int):
            settings["batch_size"] *= accumulated
        settings["epochs"] = max(1, math.ceil(settings["epochs"]))
        kind = values.of(_keyword(made, "lr_scheduler_type"), where)
    else:
        kind = "linear"
    if not settings["clip_grad_norm"]:
        settings.pop("clip_grad_norm")
    draft.numbers.settings |= settings
    anneal = {"linear": "linear", "cosine": "cos"}.get("linear" if kind is UNKNOWN else str(kind))
    if anneal:
        draft.numbers.settings["schedule"] = {
            "name": "OneCycleLR", "max_lr": settings["lr"], "pct_start": 0.01, "anneal_strategy": anneal,
            "cycle_momentum": False,
        }  # fmt: skip


def _fastai(draft: Draft, values: Values, call: ast.Call) -> None:
    script, scope = draft.script, draft.script.scope_of(call)
    draft.shared.need_all(call, scope, call.lineno)
    draft.shared.stars = True
    draft.source = tidied(call)
    draft.imports.append("import copy")
    draft.text["shared"] = ["learn = {source}"]
    draft.text["model"] = ["def model():", "    return copy.deepcopy(learn.model)"]
    draft.text["loss"] = ["loss = learn.loss_func"]
    draft.text["train_data"] = [
        "train_data = None  # FILL IN: a torch Dataset or DataLoader; fastai's loaders are of another kind"
    ]
    draft.text["val_data"] = ["val_data = None  # FILL IN: the same for validation, or delete this line"]
    numbers = draft.numbers.settings
    numbers |= {"optimizer": "AdamW", "lr": 1e-3, "weight_decay": 0.01}
    for fit in ast.walk(script.tree):
        name = fit.func.attr if isinstance(fit, ast.Call) and isinstance(fit.func, ast.Attribute) else ""
        if isinstance(fit, ast.Call) and name in ("fit", "fit_one_cycle", "fine_tune", "fit_flat_cos"):
            where = script.scope_of(fit)
            epochs = values.of(fit.args[0] if fit.args else _keyword(fit, "epochs", "n_epoch"), where)
            rate = values.of(
                _keyword(fit, "lr_max", "lr", "base_lr") or (fit.args[1] if len(fit.args) > 1 else None), where
            )
            numbers["epochs"] = epochs if isinstance(epochs, int) else 1
            numbers["lr"] = rate if isinstance(rate, float) else 1e-3
            if name == "fit_one_cycle":
                numbers["schedule"] = {"name": "OneCycleLR", "max_lr": numbers["lr"]}
    draft.found.append("a fastai script: model and loss are taken from its Learner")
