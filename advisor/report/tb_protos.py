"""The TensorBoard protobufs that the logs need, and the event file. The only user of the tensorboard package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any


class Log:
    """One event file in a run folder; a context manager. Neither name nor content identifies the machine.

    Args:
        folder: The run folder; created if absent.
        suffix: Suffix of the file name that marks it as written by the advisor.
        start: Wall-clock time of step 0, seconds since the epoch.
    """

    def __init__(self, folder: Path, suffix: str, start: float) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"events.out.tfevents.{int(start):010d}{suffix}").open("wb")
        self._writer = RecordWriter(self._file)
        self._writer.write(Event(wall_time=start, file_version="brain.Event:2").SerializeToString())
        self._start = start

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, step: int, summary: Any, seconds: float = 0.0) -> None:
        """Appends a summary that belongs to ``step``, ``seconds`` after the start."""
        from tensorboard.compat.proto.event_pb2 import Event

        event = Event(wall_time=self._start + seconds, step=step, summary=summary)
        self._writer.write(event.SerializeToString())

    def flush(self) -> None:
        """Flushes the file, so that readers see what was added."""
        self._file.flush()


def scalars(values: Mapping[str, float]) -> Any:
    """A summary of scalars by tag; NaN and infinity are kept."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])


def experiment(hparams: Mapping[str, bool], metrics: Mapping[str, str], start: float) -> Any:
    """Columns of the HParams tab: settings (True: text, False: number) and metrics by tag."""
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    kinds = {True: api_pb2.DATA_TYPE_STRING, False: api_pb2.DATA_TYPE_FLOAT64}
    content = api_pb2.Experiment(
        time_created_secs=start,
        hparam_infos=[api_pb2.HParamInfo(name=name, type=kinds[word]) for name, word in hparams.items()],
        metric_infos=[
            api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag), display_name=words) for tag, words in metrics.items()
        ],
    )
    return _hparams(metadata.EXPERIMENT_TAG, plugin_data_pb2.HParamsPluginData(experiment=content))


def session_start(hparams: Mapping[str, float | str], start: float) -> Any:
    """The settings of a run."""
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2

    content = plugin_data_pb2.SessionStartInfo(start_time_secs=start)
    for name, value in hparams.items():
        if isinstance(value, str):
            content.hparams[name].string_value = value
        else:
            content.hparams[name].number_value = value
    data = plugin_data_pb2.HParamsPluginData(session_start_info=content)
    return _hparams(metadata.SESSION_START_INFO_TAG, data)


def session_end(finished: bool, end: float) -> Any:
    """The final status of a run."""
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    status = api_pb2.STATUS_SUCCESS if finished else api_pb2.STATUS_FAILURE
    content = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=end)
    return _hparams(metadata.SESSION_END_INFO_TAG, plugin_data_pb2.HParamsPluginData(session_end_info=content))


def _hparams(tag: str, data: Any) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import metadata

    value = Summary.Value(tag=tag, metadata=metadata.create_summary_metadata(data), tensor=metadata.NULL_TENSOR)
    return Summary(value=[value])


def layout(categories: Mapping[str, Mapping[str, list[str]]]) -> Any:
    """Layout of the custom-scalars tab: categories of charts, each with its tags."""
    from tensorboard.plugins.custom_scalar import layout_pb2, metadata

    content = layout_pb2.Layout(
        category=[
            layout_pb2.Category(
                title=title,
                chart=[
                    layout_pb2.Chart(title=name, multiline=layout_pb2.MultilineChartContent(tag=tags))
                    for name, tags in charts.items()
                ],
            )
            for title, charts in categories.items()
        ]
    )
    kind = metadata.create_summary_metadata()
    return _text(metadata.CONFIG_SUMMARY_TAG, kind, content.SerializeToString(), [])


def markdown(tag: str, words: str) -> Any:
    """A text that the Text tab renders as Markdown."""
    from tensorboard.plugins.text import metadata

    kind = metadata.create_summary_metadata(display_name=tag, description="")
    return _text(f"{tag}/text_summary", kind, words.encode("utf-8", "replace"), [1])


def _text(tag: str, kind: Any, content: bytes, shape: list[int]) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.compat.proto.types_pb2 import DT_STRING

    sizes = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in shape])
    tensor = TensorProto(dtype=DT_STRING, string_val=[content], tensor_shape=sizes)
    return Summary(value=[Summary.Value(tag=tag, metadata=kind, tensor=tensor)])
