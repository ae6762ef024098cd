"""`advisor carry` on a table with a known law."""

import csv
import json
import math

import pytest
from click.testing import CliRunner

from advisor.app.carry import carry_table, lines
from advisor.cli.main import main
from advisor.errors import UsageError
from advisor.logs.sweeps import read_sweeps
from advisor.rules.references import SOURCES


@pytest.fixture
def table(tmp_path):
    """Writes runs at these sizes, the best rate 0.002 and batch size 128 at 1e9 tokens moving by the root laws."""

    def write(sizes=(1e9,), models=(1e8,), batches=(32, 64, 128, 256, 512), **renamed):
        file = tmp_path / "runs.csv"
        names = {"lr": "lr", "bs": "bs", "D": "D", "N": "N", "loss": "loss", **renamed}
        with file.open("w", newline="") as stream:
            rows = csv.DictWriter(stream, [name for name in names.values() if name])
            rows.writeheader()
            for data in sizes:
                for model in models:
                    for power in range(-11, -5):
                        for batch in batches:
                            x = math.log(2.0**power / (0.002 * (data / 1e9) ** 0.25 * (model / 1e8) ** -0.5))
                            y = math.log(batch / (128 * (data / 1e9) ** 0.5))
                            loss = 2.5 + 0.02 * (x * x - x * y + y * y) if x < 2.5 else ""
                            row = {"lr": 2.0**power, "bs": batch, "D": data, "N": model, "loss": loss}
                            rows.writerow({names[name]: value for name, value in row.items() if names[name]})
        return file

    return write


def test_a_size_is_carried_by_the_published_law(table):
    report = carry_table(table(), data=16e9)
    assert report.rate.value == pytest.approx(0.002 * 16**0.25, rel=0.03)
    assert report.batch_size.value == pytest.approx(128 * 16**0.5, rel=0.03)
    assert report.rate.low < report.rate.value < report.rate.high
    assert {item.id for item in report.sources} <= set(SOURCES)
    assert not report.batch_size_kept and len(report.sizes) == 1


def test_model_sizes_and_names_of_columns(table):
    file = table(sizes=(1e9, 4e9), models=(1e8, 4e8), lr="learning_rate", bs="batch_size", D="tokens", N="params")
    with pytest.raises(UsageError, match="--parameters"):
        carry_table(file, data=1e11)
    report = carry_table(file, data=1e11, parameters=1e9)
    assert report.rate.value == pytest.approx(0.002 * 100**0.25 * 10**-0.5, rel=0.05)
    assert len(report.sizes) == 4


def test_the_batch_is_kept_where_it_was_not_compared(table):
    report = carry_table(table(batches=(64, 128)), data=4e9)
    assert report.batch_size_kept and report.batch_size.value == 128
    assert report.rate.value == pytest.approx(0.002, rel=0.03)
    assert any("fewer than three" in note for note in report.notes)


def test_what_is_no_such_table_is_refused(table, tmp_path):
    with pytest.raises(UsageError, match="batch"):
        read_sweeps(table(bs=""))
    with pytest.raises(UsageError):
        read_sweeps(tmp_path / "missing.csv")
    with pytest.raises(UsageError, match="parameters"):
        carry_table(table(N=""), data=1e10, parameters=1e9)
    empty = tmp_path / "empty.csv"
    empty.write_text("lr,bs,D,loss\n0.1,32,1000,nan\n", encoding="utf-8")
    with pytest.raises(UsageError, match="can be carried"):
        carry_table(empty, data=1e4)


def test_the_command_prints_text_and_json(table):
    file = str(table())
    text = CliRunner().invoke(main, ["carry", file, "--data", "4e9"])
    assert text.exit_code == 0 and text.output.splitlines() == lines(carry_table(table(), data=4e9))
    found = CliRunner().invoke(main, ["carry", file, "--data", "4e9", "--keep-batch", "--format", "json"])
    assert json.loads(found.output)["batch_size_kept"] is True
    assert CliRunner().invoke(main, ["carry", file, "--data", "-1"]).exit_code == 2
