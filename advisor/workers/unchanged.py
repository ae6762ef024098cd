"""Whether two processes loaded the same task."""

from advisor.errors import ContractError
from advisor.workers.messages import LoadedTask


def check_unchanged(first: LoadedTask, again: LoadedTask) -> None:
    """Checks that a reloaded task is the same as at the first load.

    Raises:
        ContractError: If code, sizes, metric, settings or inferences differ.
    """
    if again.facts.code != first.facts.code:
        raise ContractError(
            "the same code in every worker process",
            f"{again.facts.name}.py or a file that it imports was changed during the run",
            "leave them unchanged until the run has ended",
        )
    pairs = {
        "train_size": (first.facts.train_size, again.facts.train_size),
        "val_size": (first.facts.val_size, again.facts.val_size),
        "metric": (first.facts.metric, again.facts.metric),
        "inferred": (first.facts.inferred, again.facts.inferred),
        "current": (first.current, again.current),
    }
    other = [name for name, (before, now) in pairs.items() if before != now]
    if other:
        before, now = pairs[other[0]]
        raise ContractError(
            f"the same {', '.join(other)} every time the task is loaded",
            f"{now} where it was {before}",
            "seed random draws, and leave data unchanged until the run has ended",
        )
