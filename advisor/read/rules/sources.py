"""Heuristics that only the reading of recorded runs cites."""

from advisor.rules.sources import PLAYBOOK, SMITH_2018, SOURCES, Source

_OWN = (
    Source(
        "P-CV2",
        "Tuning Playbook: variance late in training comes from small batches, few validation data or a high rate",
        PLAYBOOK,
    ),
    Source(
        "S-D5", "Smith 2018, 4.3: momentum that is too large slants the loss upwards before it diverges", SMITH_2018
    ),
    Source("S-D6", "Smith 2018, 5: where the loss is noisy the accuracy is easier to read", SMITH_2018),
    Source("S-LR3", "Smith 2018, 4.1: a rate may rise only so fast before training becomes unstable", SMITH_2018),
)
READ_SOURCES: dict[str, Source] = {source.id: source for source in _OWN if source.id not in SOURCES}
