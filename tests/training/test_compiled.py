"""Models that the user's file compiles train as the plain ones do."""

import pytest
import torch

from advisor.training.trainer import run_probe

PLAIN = "\n\nplain = model\n"
COMPILED = {
    "a function": PLAIN + "\n\ndef model():\n    return torch.compile(plain(), backend='aot_eager')\n",
    "an instance": PLAIN + "\nmodel = torch.compile(plain(), backend='aot_eager')\n",
    "in place": PLAIN + "\n\ndef model():\n    net = plain()\n    net.compile(backend='aot_eager')\n    return net\n",
}


@pytest.mark.parametrize("how", COMPILED)
def test_a_compiled_model_is_trained_as_it_is(how, load, spec):
    task = load(COMPILED[how])
    first, second = run_probe(task, spec(noise_examples=120)), run_probe(task, spec(seed=4))
    assert (first.status, second.status) == ("finished", "finished"), first.reason
    assert len(first.noise_scale) == 3
    if how == "an instance":  # Its initial weights are the file's, whatever the seed.
        assert first.final_val_loss < first.train_loss[0]
        return
    whole = run_probe(load(), spec())
    torch.testing.assert_close(first.train_loss, whole.train_loss, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(first.val_loss, whole.val_loss, rtol=1e-4, atol=1e-5)
