"""A probe on a part of the data trains on that part, alone or with others."""

from advisor.training.fused.together import Together
from advisor.training.trainer import Training, run_probe


def test_a_copy_sees_only_its_part(load, spec):
    task = load()
    training = Training(task, spec(data_share=0.25, data_seed=1))
    assert training.train.size == 50
    assert task.train.size == 200
    assert Training(task, spec(data_share=0.25, data_seed=1)).train is training.train


def test_arms_on_one_part_trained_together_are_those_trained_alone(load, spec):
    task = load()
    specs = [
        spec(steps=120, eval_steps=(60, 120), data_share=0.25, optimizer={"name": "SGD", "lr": lr, "momentum": 0.9})
        for lr in (0.02, 0.05, 0.1)
    ]
    found = {}
    Together(task).run(specs, lambda item, trace: found.__setitem__(item.key, trace))
    for item in specs:
        alone = run_probe(task, item)
        assert abs(found[item.key].final_val_loss - alone.final_val_loss) < 0.02 * alone.final_val_loss


def test_validation_is_not_cut(load, spec):
    trace = run_probe(load(), spec(data_share=0.1, eval_examples=40))
    assert trace.eval_examples == 2 * 40
