"""Notes: explanations without a judgement, which are not findings."""

from dataclasses import replace

from advisor.advice.notes import notes
from advisor.records.profile import DeviceProfile


def topics(evidence):
    return {item.topic: item.text for item in notes(evidence)}


def test_disagreements_are_told_for_what_was_measured(recording):
    told = topics(recording("healthy_mlp"))
    assert {"learning rate", "schedule", "batch size", "weight decay"} <= set(told)
    assert "devices" not in told
    assert topics(recording("early")) == {}
    assert all(source.url for item in notes(recording("healthy_mlp")) for source in item.sources)


def test_the_grid_is_explained_by_data_and_model(recording):
    evidence = recording("healthy_mlp")
    told = topics(evidence)["weight decay"]
    assert f"{evidence.profile.data.examples} examples" in told
    assert all(f"{point.value:g}" in told for point in evidence.response("weight_decay").points)


def test_each_device_gets_its_part_of_the_total(recording):
    evidence = recording("healthy_mlp")
    four = evidence.with_(profile=replace(evidence.profile, device=DeviceProfile("cuda", "x", 1, 4)))
    assert f"{evidence.choice.batch_size // 4} on each" in topics(four)["devices"]
