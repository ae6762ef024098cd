"""The profile of a report."""

from dataclasses import replace

from advisor.advice.profile_section import profile_section
from advisor.records.profile import MemoryLimit


def test_the_largest_batch_is_reported(recording):
    evidence = recording("healthy_mlp")
    profile = evidence.profile
    batch = replace(profile.batch, fit=MemoryLimit(64, None, "cost", None, 9))
    assert profile_section(evidence.with_(profile=replace(profile, batch=batch))).batch.largest == 64
