"""`advisor init` on miniature scripts: what it takes over, what it refuses, and that the result can be diagnosed."""

import ast
import textwrap

import pytest
from click.testing import CliRunner

from advisor.cli.main import main
from advisor.init.analysis.reading import read
from advisor.init.analysis.validation import _rank
from advisor.init.output.writing import FILL_IN, write
from tests.init import scripts


def written(tmp_path, text, name="train.py"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return write(read(path))


def settings_of(text):
    tree = ast.parse(text)
    found = next(n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "settings")
    return {k.value: ast.unparse(v) for k, v in zip(found.keys, found.values, strict=True)}


@pytest.mark.parametrize(
    ("script", "settings", "fills", "contains"),
    [
        ("LOADERS", {"optimizer": "'SGD'", "lr": "0.05", "momentum": "0.9", "batch_size": "50", "epochs": "20"}, 0,
         ["from train import Net", "loss = F.nll_loss", "train_data = train_loader", "val_data = test_loader",
          "return Net(args.hidden)"]),
        ("ON_IMPORT", {"optimizer": "'Adam'", "betas": "[0.9, 0.98]", "epochs": "15", "clip_grad_norm": "5.0"}, 0,
         ["class Auto", "# small", "return loss_function(recon, data, mu, logvar)", "return Auto()"]),
        ("DRAWS", {"optimizer": "'AdamW'", "lr": "0.01", "batch_size": "32", "epochs": "10"}, 0,
         ["class Draws", "batch_size = 1", "lambda: get_batch('val')", "def param_groups(model)"]),
        ("WINDOWS", {"optimizer": "'SGD'", "lr": "5.0", "batch_size": "10", "epochs": "30"}, 0,
         ["class Windows", "model.init_hidden(data.size(1))", "eval_batch_size = 1"]),
        ("GRAPH", {"lr": "0.01", "weight_decay": "0.0005", "batch_size": "len(train_data)", "epochs": "200"}, 0,
         ["train_data = TensorDataset(idx_train)", "val_data = TensorDataset(idx_val)", "output[nodes]"]),
        ("TRAINER", {"optimizer": "'RMSprop'", "lr": "0.0003", "momentum": "0.9", "batch_size": "32", "epochs": "6"}, 0,
         ["from train import", "train_data = train_loader", "val_data = valid_loader", "model.n_classes > 1"]),
        ("SLICES", {"lr": "0.003", "schedule": "'cosine'", "batch_size": "25", "epochs": "12"}, 0,
         ["train_data = TensorDataset(inputs, targets)", "loss = nn.functional.mse_loss"]),
        ("FROZEN", {"optimizer": "'SGD'", "lr": "0.1", "momentum": "0.8", "batch_size": "20", "epochs": "9"}, 0,
         ["param.requires_grad = False", "dataloaders['train']", "dataloaders['val']"]),
        ("LIGHTNING", {"optimizer": "'SGD'", "lr": "0.02", "epochs": "7", "clip_grad_norm": "1.0"}, 0,
         ["from train import Data, Lit", "return Lit(hidden=16)", "data_module.train_dataloader()"]),
        ("HUGGING_FACE", {"optimizer": "'AdamW'", "lr": "5e-05", "batch_size": "8", "epochs": "3"}, 1,
         ["FILL IN: --model_name (which model)", "DataCollatorWithPadding(tokenizer)", "train_data = DataLoader("]),
        ("HIDDEN_LOOP", {"optimizer": "'NAdam'", "lr": "0.01", "batch_size": "16", "epochs": "10"}, 0,
         ["from", "train_data_ if split == 'train' else val_data_", "batch_size=1,", "Draws(640, "]),
        ("LAST_SLICE", {"optimizer": "'Adam'", "lr": "0.004", "batch_size": "30", "epochs": "7"}, 0,
         ["sys.path.append('..')", "TensorDataset(X_train, Y_train)", "TensorDataset(X_test, Y_test)"]),
        ("FASTAI", {"lr": "0.002", "epochs": "4"}, 2, ["learn = vision_learner(", "loss = learn.loss_func"]),
    ],
)  # fmt: skip
def test_what_is_taken_over(tmp_path, script, settings, fills, contains):
    result = written(tmp_path, getattr(scripts, script))
    compile(result.text, "advisor_task.py", "exec")
    found = settings_of(result.text)
    assert {key: found.get(key) for key in settings} == settings
    for text in contains:
        assert text in result.text
    assert len(result.fills) == fills <= 5
    assert result.text.count(FILL_IN) == fills
    assert {"model", "train_data", "settings"} <= set(result.offers)


@pytest.mark.parametrize(
    ("docstring", "kept"),
    [("Encodes, draws and decodes.", "# small"), ("Encodes.\n\nThis line stands\nflush left.", "flush left.")],
)
def test_a_class_inside_a_block_is_copied_without_its_indentation(tmp_path, docstring, kept):
    before, rest = scripts.ON_IMPORT.split("class Auto", 1)
    body, after = rest.split("\n\n\n", 1)
    block = textwrap.indent(f"class Auto{body}", "    ").replace("Encodes, draws and decodes.", docstring)
    result = written(tmp_path, f"{before}try:\n{block}\nfinally:\n    pass\n\n\n{after}")
    tree = ast.parse(result.text)
    (copied,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert ast.get_docstring(copied, clean=False) == docstring and kept in result.text


def test_lines_are_counted_as_python_counts_them(tmp_path):
    text = scripts.ON_IMPORT.replace("\n\n\nclass Auto", "\n\n\f\n# \x0b \x85 \u2028\nclass Auto")
    result = written(tmp_path, text.replace("Encodes, draws", "Encodes,\u2028draws"))
    ast.parse(result.text)
    assert 'class Auto(nn.Module):\n    """Encodes,\u2028draws and decodes."""' in result.text
    assert f"line {text[: text.index('for epoch')].count(chr(10)) + 1} trains: for epoch in range(15):" in result.text


@pytest.mark.parametrize(
    ("name", "rank"),
    [("val_loader", 0), ("validLoader", 0), ("self.evalloader", 0), ("loaders['dev2']", 0), ("testset_loader", 1),
     ("test_dl", 1), ("test_val_loader", 0), ("device_loader", None), ("latest_loader", None), ("train_loader", None),
     ("interval_loader", None), ("train_test_loader", None)],
)  # fmt: skip
def test_names_of_validation_data_are_read_by_words(name, rank):
    assert _rank(ast.parse(name, mode="eval").body) == rank


STEP_LR = "StepLR(optimizer, step_size=1, gamma=0.7)"


@pytest.mark.parametrize(
    ("made", "stepped", "schedule"),
    [
        (STEP_LR, "scheduler.step()", {"name": "StepLR", "step_size": 1, "gamma": 0.7, "interval": "epoch"}),
        ("MultiStepLR(optimizer, [5, 9], last_epoch=-1)", "scheduler.step()",
         {"name": "MultiStepLR", "milestones": [5, 9], "interval": "epoch"}),
        ("ExponentialLR(optimizer, 0.9)", "if scheduler is not None:\n            scheduler.step()",
         {"name": "ExponentialLR", "gamma": 0.9, "interval": "epoch"}),
        ("StepLR(optimizer, int(input()))", "scheduler.step()", None),
        ("ReduceLROnPlateau(optimizer)", "scheduler.step(1.0)", None),
        (STEP_LR, "if epoch > 3:\n            scheduler.step()", None),
        (STEP_LR, "for batch in train_loader:\n            scheduler.step()", None),
        (STEP_LR, "pass", None),
    ],
)  # fmt: skip
def test_a_schedule_stepped_once_an_epoch_is_written_out_or_said(tmp_path, made, stepped, schedule):
    text = scripts.LOADERS.replace("import StepLR", "import *").replace(STEP_LR, f"optim.lr_scheduler.{made}")
    text = text.replace("scheduler.step()", stepped)
    result = written(tmp_path, text)
    found = settings_of(result.text).get("schedule")
    assert (found and ast.literal_eval(found)) == schedule
    assert ("is not converted: the present settings are compared at a constant rate" in result.text) == (not schedule)


def test_nothing_of_the_script_is_run(tmp_path):
    marker = tmp_path / "was_run"
    text = f"open({str(marker)!r}, 'w').close()\n" + scripts.GRAPH
    written(tmp_path, text)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("script", "word"),
    [("GAN", "optimizerD, optimizerG"), ("CLOSURE", "LBFGS"), ("REWARD", "reinforcement"), ("KERAS", "TensorFlow"),
     ("JAX", "JAX"), ("NO_LOOP", "no training loop")],
)  # fmt: skip
def test_out_of_scope_is_one_sentence(tmp_path, script, word):
    path = tmp_path / "train.py"
    path.write_text(getattr(scripts, script))
    done = CliRunner().invoke(main, ["init", "--no-run", str(path)])
    assert done.exit_code == 2
    said = done.stderr.strip().splitlines()
    assert len(said) == 1 and said[0].startswith("out of scope: ") and word in said[0]
    assert not (tmp_path / "advisor_task.py").exists()


def test_lines_that_act_on_import_are_named_with_the_guard(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(scripts.ON_IMPORT)
    done = CliRunner().invoke(main, ["init", "--no-run", str(path)])
    assert done.exit_code == 0
    lines = scripts.ON_IMPORT.splitlines()
    for number, does in (
        (lines.index("args = parser.parse_args()") + 1, "reads the command line"),
        (lines.index("for epoch in range(15):") + 1, "trains"),
    ):
        said = next(line for line in done.stdout.splitlines() if f"line {number}, {does} on import" in line)
        assert 'if __name__ == "__main__":' in said


def test_an_existing_file_is_kept_unless_forced(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(scripts.SLICES)
    target = tmp_path / "advisor_task.py"
    target.write_text("mine")
    done = CliRunner().invoke(main, ["init", "--no-run", str(path)])
    assert done.exit_code == 2 and "--force" in done.stderr and target.read_text() == "mine"
    assert CliRunner().invoke(main, ["init", "--no-run", str(path), "--force"]).exit_code == 0
    assert "settings" in target.read_text()
    other = tmp_path / "other.py"
    done = CliRunner().invoke(main, ["init", "--no-run", str(path), "--out", str(other)])
    assert done.exit_code == 0 and other.exists()


@pytest.mark.parametrize("text", ["print 'hello'", "\x00", "def f(:\n"])
def test_what_is_no_python_3_is_one_clear_error(tmp_path, text):
    path = tmp_path / "train.py"
    path.write_text(text)
    done = CliRunner().invoke(main, ["init", "--no-run", str(path)])
    assert done.exit_code == 2 and "error: expected a Python 3 script" in done.stderr


@pytest.mark.parametrize("script", ["LOADERS", "ON_IMPORT", "DRAWS", "WINDOWS", "GRAPH", "TRAINER", "SLICES", "FROZEN",
                                    "HIDDEN_LOOP", "LAST_SLICE", "LIGHTNING"])  # fmt: skip
def test_the_written_file_trains(tmp_path, script, monkeypatch):
    from advisor.records.spec import ProbeSpec
    from advisor.records.task import TaskSource
    from advisor.task.inspection import inspect_task
    from advisor.task.load import load_task
    from advisor.training.trainer import run_probe

    if script == "LIGHTNING":
        pytest.importorskip("lightning")
    monkeypatch.chdir(tmp_path)
    name = f"script_{script.lower()}"
    result = written(tmp_path, getattr(scripts, script), f"{name}.py")
    path = tmp_path / f"task_{script.lower()}.py"
    path.write_text(result.text)
    monkeypatch.syspath_prepend(str(tmp_path))
    task = load_task(TaskSource(path=str(path), device="cpu"))
    inspect_task(task)
    config = task.current.config
    first = [next(iter(task.fresh_model(0).parameters())) for _ in range(2)]
    assert first[0] is not first[1]
    spec = ProbeSpec(
        kind="cycle", optimizer=config.optimizer, schedule=None, batch_size=config.batch_size, steps=40, seed=0,
        eval_steps=(1, 40), eval_examples=min(100, task.val.size), clip_grad_norm=config.clip_grad_norm,
    )  # fmt: skip
    trace = run_probe(task, spec)
    assert trace.status == "finished", trace.reason
    assert trace.val_loss[-1] < trace.val_loss[0]


def test_the_example_is_read_too(examples, tmp_path):
    result = write(read(examples / "digits_cnn.py"))
    assert settings_of(result.text)["optimizer"] == "'SGD'"
