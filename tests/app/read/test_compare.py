"""Comparison of several runs: knobs, noise, unfairness."""

import numpy as np

from advisor.app.read.compare import compare
from advisor.logs.evidence import evidence_of
from advisor.logs.readers import read


def curve(end, shapes, seed=0, size=20):
    return end + np.exp(-5 * shapes(size).t) + 0.002 * np.random.default_rng(seed).standard_normal(size)


def test_a_knob_beyond_the_noise_of_repeats(make, shapes):
    runs = [
        make([("lr", 0.1), ("wd", decay)], f"run{i}", train_loss=curve(end, shapes, i), val_loss=curve(end, shapes, i))
        for i, (decay, end) in enumerate([(1e-4, 0.3), (1e-4, 0.31), (1e-3, 0.5), (1e-3, 0.49)])
    ]
    (found,), alone = compare(runs)
    assert not alone and [item.name for item in found.ranking][-1] in ("run2", "run3")
    (answer,) = found.knobs
    assert (answer.knob, answer.verdict, answer.values[0].value) == ("wd", "beyond", 1e-4)
    assert 0.0 < found.noise < 0.02


def test_inside_the_noise(make, shapes):
    ends = [(0.1, 0.30), (0.1, 0.40), (0.2, 0.33), (0.2, 0.41)]
    runs = [
        make([("lr", lr), ("wd", 0.0)], f"run{i}", val_loss=curve(end, shapes, i)) for i, (lr, end) in enumerate(ends)
    ]
    assert compare(runs)[0][0].knobs[0].verdict == "inside"


def test_single_runs_say_that_seeds_are_unknown(make, shapes):
    runs = [make([("lr", lr)], f"lr{lr}", val_loss=curve(lr, shapes)) for lr in (0.1, 0.2)]
    (found,), _ = compare(runs)
    assert found.knobs[0].verdict == "unknown" and "unknown" in found.noise_text


def test_knobs_that_changed_together_are_not_told_apart(make, shapes):
    runs = [
        make([("lr", lr), ("wd", decay)], f"run{i}", val_loss=curve(0.3 + i, shapes))
        for i, (lr, decay) in enumerate([(0.1, 1e-4), (0.2, 1e-3)])
    ]
    (found,), _ = compare(runs)
    assert not found.knobs and any("more than one knob" in text for text in found.unfair)


def test_a_repeat_that_differs_is_named_and_not_taken_for_noise(make, shapes):
    ends = [0.30, 0.31, 0.305, 2.0, 0.6, 0.61]
    runs = [
        make([("lr", 0.1 if i < 4 else 0.2)], f"run{i}", val_loss=curve(end, shapes, i)) for i, end in enumerate(ends)
    ]
    (found,), _ = compare(runs)
    assert len(found.notes) == 1 and found.notes[0].startswith("run3") and found.noise < 0.02
    assert found.knobs[0].verdict == "beyond"


def test_a_repeat_that_differs_is_named_by_results(make, shapes):
    ends = [0.90, 0.91, 0.905, 0.5, 0.70, 0.71]
    runs = [
        make([("lr", 0.1 if i < 4 else 0.2)], f"run{i}", val_accuracy=end - 0.5 * np.exp(-5 * shapes(20).t))
        for i, end in enumerate(ends)
    ]
    (found,), _ = compare(runs)
    (note,) = found.notes
    assert note.startswith("run3 ") and "but 0.497 where they have about 0.902:" in note


def test_lengths_and_schedules(make, shapes):
    short = curve(0.5, shapes, size=10)
    runs = [make([("lr", 0.1)], "run1", val_loss=curve(0.3, shapes)), make([("lr", 0.2)], "run2", val_loss=short)]
    (found,), _ = compare(runs)
    assert any("unequal length" in text and "run2" in text for text in found.unfair)
    whole = make((), "run1", val_loss=curve(0.3, shapes), lr=shapes(20).one_cycle())
    cut = make((), "run2", val_loss=curve(0.3, shapes), lr=0.1 + shapes(20).t)
    (found,), _ = compare([whole, cut])
    assert any("different schedules" in text or "inside the cycle" in text for text in found.unfair)


def test_batch_sizes_are_put_on_one_clock(events):
    for index, (size, seconds) in enumerate([(10, 4.0), (100, 1.0)]):
        values = (0.3 + np.exp(-0.5 * np.arange(1, 11)) + 0.1 * index).tolist()
        scalars = {"train/loss": values, "val/loss": values}
        folder = events(f"logs/run{index}", scalars, {"batch_size": size, "num_epochs": 10}, seconds)
    runs = [evidence_of(run) for run in read([folder.parent]).runs]
    (found,), _ = compare(runs)
    assert [item.seconds_per_epoch for item in sorted(found.ranking, key=lambda item: item.name)] == [4.0, 1.0]
    said = " ".join(found.unfair)
    assert "equal epochs" in said and "10: 4 s, 100: 1 s" in said and "at equal time (10 s" in said


def test_runs_of_different_measures_are_not_compared(make, shapes):
    runs = [make((), "run1", val_loss=curve(0.3, shapes)), make((), "run2", eval_loss=curve(0.3, shapes))]
    found, alone = compare(runs)
    assert not found and alone == ["run1", "run2"]


def test_names_that_differ_in_settings_only_are_one_group(make, shapes):
    sizes = [("lr_0.05", 64, 660), ("lr_0.05_seed1", 64, 660), ("bs_512", 512, 90)]
    runs = [
        make([("lr", 0.05), ("batch_size", float(size))], name, val_loss=curve(0.3, shapes, i, steps))
        for i, (name, size, steps) in enumerate(sizes)
    ]
    (found,), alone = compare(runs)
    assert not alone and len(found.ranking) == 3 and "2 runs" in found.noise_text
    said = " ".join(found.unfair)
    assert "equal examples" in said and "unequal length" not in said
    others = [make((), name, val_loss=curve(0.3, shapes)) for name in ("resnet_lr1", "dense_lr1")]
    (siblings,), alone = compare(others)
    assert not alone and siblings.why == "in one folder, with the same measures"
