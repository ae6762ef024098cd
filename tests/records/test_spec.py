"""The key of a probe."""

from dataclasses import replace

from advisor.records.spec import ProbeSpec
from advisor.utils.codec import from_text, to_text

SPEC = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 8, 10, 0, (10,), 20, task="t")


def test_only_what_decides_the_result_is_in_the_key() -> None:
    assert replace(SPEC, label="another").key == SPEC.key
    assert replace(SPEC, optimizer={"lr": 0.1, "name": "SGD"}).key == SPEC.key
    changed = [
        replace(SPEC, seed=1), replace(SPEC, steps=11), replace(SPEC, task="u"), replace(SPEC, amp=True),
        replace(SPEC, optimizer={"name": "SGD", "lr": 0.2}), replace(SPEC, eval_steps=(5, 10)),
        replace(SPEC, batch_size=9), replace(SPEC, clip_grad_norm=1.0), replace(SPEC, eval_train=True),
    ]  # fmt: skip
    assert len({spec.key for spec in [SPEC, *changed]}) == 10
    assert from_text(ProbeSpec, to_text(SPEC)) == SPEC
