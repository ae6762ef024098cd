"""BS007."""

from advisor.evidence.batch_size import most_that_fit
from advisor.evidence.evidence import Evidence
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, detected, not_applicable


class TotalBatchOverDevices(Rule):
    """Training runs on several devices: the batch that the optimizer sees is the sum over them.

    ## What it reads
    How many processes the launcher started (``WORLD_SIZE``, as torchrun sets it), or else how many GPUs there are.

    ## Why it matters
    Learning rate and batch size belong together, and the batch size that counts is the total one. A rate tuned on one
    device is wrong on eight with the same batch each.

    ## Sources
    S-BS2 compares total batch sizes; B-6 scales the rate with the total over all devices.

    ## Known limits
    What the launcher did is read, not what the script makes of it: a script that uses one of eight GPUs is warned
    without need.
    """

    code = "BS007"
    title = "The total batch is the sum over all devices"
    passed = "One device"
    severity = "info"
    confidence = "medium"
    requires = ("preflight",)
    sources = ("S-BS2", "B-6")
    doubt = "a script that trains on one device only"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if there is more than one device."""
        count = int((evidence.profile.get("device") or {}).get("count") or 1)
        if count < 2:
            return not_applicable("training runs on one device")
        total = evidence.choice.batch_size
        each = max(1, total // count)
        largest = most_that_fit(evidence)["largest"]
        room = f"; {largest} fit on the one that was tried, {count * largest} in all" if largest else ""
        return detected(
            f"{count} devices: the advised batch of {total} is the total, {each} on each{room}",
            values={"devices": count, "total": total, "each": each, "largest_each": largest},
        )
