import csv
import math

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from advisor.logs.evidence import evidence_of
from advisor.logs.run import Column, Run
from advisor.rules.engine import judge_log
from advisor.rules.registry import RULES


@pytest.fixture
def table(tmp_path):
    """Writes columns as a CSV file; None is an empty cell."""

    def write(name, columns, folder=tmp_path, delimiter=","):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        with file.open("w", newline="", encoding="utf-8") as stream:
            rows = csv.writer(stream, delimiter=delimiter)
            rows.writerow(columns)
            rows.writerows(
                ["" if value is None else value for value in row] for row in zip(*columns.values(), strict=True)
            )
        return file

    return write


@pytest.fixture
def events(tmp_path):
    """Writes an event folder: scalars by tag, and settings of the HParams plugin."""

    def write(name, scalars, settings=None, seconds=1.0, start=1000.0):
        from tensorboard.plugins.hparams import metadata, plugin_data_pb2

        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        writer = EventFileWriter(str(folder))
        for tag, values in scalars.items():
            for step, value in enumerate(values, 1):
                summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
                writer.add_event(Event(wall_time=start + seconds * step, step=step, summary=summary))
        if settings:
            content = plugin_data_pb2.SessionStartInfo()
            for key, value in settings.items():
                if isinstance(value, str):
                    content.hparams[key].string_value = value
                else:
                    content.hparams[key].number_value = value
            data = plugin_data_pb2.HParamsPluginData(session_start_info=content)
            tag = metadata.SESSION_START_INFO_TAG
            value = Summary.Value(tag=tag, metadata=metadata.create_summary_metadata(data))
            writer.add_event(Event(wall_time=start, step=0, summary=Summary(value=[value])))
        writer.close()
        return folder

    return write


def _columns(curves):
    size = max(len(values) for values in curves.values())
    for name, values in curves.items():
        x = np.linspace(size / len(values), size, len(values))
        yield Column(name, tuple(x.tolist()), tuple(float(value) for value in values))


@pytest.fixture
def make():
    """A run from curves by column name."""

    def build(settings=(), name="run", **curves):
        return evidence_of(Run(name, "file", "csv", "step", tuple(_columns(curves)), tuple(settings)))

    return build


@pytest.fixture
def codes():
    """Codes that are detected in a run by each rule for itself."""

    def find(evidence):
        found = [item for rule in RULES for item in judge_log(evidence, [rule])]
        return {item.code for item in found if item.judgement.verdict == "detected"}

    return find


class Shapes:
    """Curves with a known truth over ``size`` points."""

    def __init__(self, size=60, noise=0.01, seed=0):
        self.size = size
        self.t = np.arange(1, size + 1) / size
        self.random = np.random.default_rng(seed)
        self.sigma = noise

    def noise(self):
        return self.sigma * self.random.standard_normal(self.size)

    def falling(self, floor=0.2):
        return floor + np.exp(-6 * self.t) + self.noise()

    def u_turn(self):
        return 0.3 + np.exp(-8 * self.t) + 0.6 * np.maximum(0, self.t - 0.3) + self.noise()

    def straight(self):
        return 2.0 - self.t + self.noise()

    def one_cycle(self, peak=1.0, up=0.45, down=0.45):
        rise, fall = self.t / up, 1 - (self.t - up) / down
        return peak * np.maximum(1e-4, np.where(self.t < up, rise, fall))

    def cyclic_loss(self):
        """Falls, stays high and rough while the rate is high, and falls again as it is annealed."""
        rate = self.one_cycle()
        return 0.3 + np.exp(-10 * self.t) + 0.4 * rate + 0.15 * rate * self.random.standard_normal(self.size)

    def rising_accuracy(self):
        return 0.9 - 0.5 * np.exp(-4 * self.t) + 0.1 * self.noise()


@pytest.fixture
def shapes():
    return Shapes


@pytest.fixture
def nan():
    return math.nan
