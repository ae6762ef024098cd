"""Rules on what a trained model answers, on recordings with these answers changed."""

from dataclasses import replace

import pytest

from advisor.records.looks import Broadcast, LossCall, NormLook
from advisor.rules.engine import judge
from advisor.rules.fit.validation_classes_renamed import ValidationClassesRenamed
from advisor.rules.learning_rate.rate_above_stable_range import RateAboveStableRange
from advisor.rules.preflight.augmentation_changes_labels import AugmentationChangesLabels
from advisor.rules.preflight.half_not_read import HalfNotRead
from advisor.rules.preflight.inputs_ignored import InputsIgnored
from advisor.rules.preflight.inputs_not_normalised import InputsNotNormalised
from advisor.rules.preflight.loss_misreads_outputs import LossMisreadsOutputs
from advisor.rules.preflight.modes_disagree import ModesDisagree
from advisor.rules.preflight.one_answer_for_all import OneAnswerForAll
from advisor.rules.preflight.one_class_for_all import OneClassForAll
from advisor.rules.preflight.output_dropped import OutputDropped
from advisor.rules.preflight.outputs_broadcast import OutputsBroadcast
from advisor.rules.preflight.targets_out_of_range import TargetsOutOfRange


def with_trace(evidence, **changes):
    return evidence.with_(arms=tuple(replace(arm, trace=replace(arm.trace, **changes)) for arm in evidence.arms))


def with_looks(evidence, **changes):
    seen = evidence.preflight
    return evidence.with_(preflight=replace(seen, looks=replace(seen.looks, **changes)))


def verdict(rule, evidence):
    return judge(evidence, [rule])[0].judgement.verdict.value


@pytest.mark.parametrize(
    ("spread", "found"), [(0.001, "detected"), (0.5, "not_detected"), (float("nan"), "not_identifiable")]
)
def test_one_answer_for_all(recording, spread, found):
    assert verdict(OneAnswerForAll(), with_trace(recording("square_of_differences"), answer_spread=spread)) == found


@pytest.mark.parametrize(
    ("answers", "shares", "found"),
    [
        ((1.0, 0.0), (0.97, 0.03), "detected"),
        ((0.0, 1.0), (0.97, 0.03), "detected"),
        ((0.9, 0.1), (0.97, 0.03), "not_detected"),
        ((1.0, 0.0), (0.5, 0.5), "not_detected"),
        ((1.0, 0.0, 0.0, 0.0, 0.0), (0.2, 0.2, 0.2, 0.2, 0.2), "not_detected"),
        ((1.0, 0.0, 0.0, 0.0, 0.0), (0.48, 0.2, 0.2, 0.1, 0.02), "detected"),
        ((), (0.97, 0.03), "not_identifiable"),
        ((1.0, 0.0), (1.0,), "not_applicable"),
    ],
)
def test_one_class_for_all(recording, answers, shares, found):
    changed = with_looks(with_trace(recording("rare_class"), answers=answers), shares=shares)
    assert verdict(OneClassForAll(), changed) == found


@pytest.mark.parametrize(
    ("random", "worse", "found"), [(True, 2.0, "detected"), (True, 0.0, "not_detected"), (False, 2.0, "not_applicable")]
)
def test_augmentation_changes_labels(recording, random, worse, found):
    evidence = with_looks(recording("healthy_mlp"), random_inputs=random)
    arms = [
        replace(arm, trace=replace(arm.trace, train_eval_loss=arm.trace.final_val_loss + worse))
        for arm in evidence.arms
    ]
    assert verdict(AugmentationChangesLabels(), evidence.with_(arms=tuple(arms))) == found


def test_class_numbers_and_signs_that_a_loss_does_not_take(recording):
    evidence = recording("healthy_mlp")
    call = LossCall("cosine_embedding_loss", "linear", "", 3, -1.0, 1.0, 0.0, 1.0)
    assert verdict(TargetsOutOfRange(), with_looks(evidence, loss_calls=(call,))) == "detected"
    assert (
        verdict(TargetsOutOfRange(), with_looks(evidence, loss_calls=(replace(call, target_low=-1.0),))) != "detected"
    )
    square = with_looks(evidence, broadcasts=(Broadcast("mse_loss", (64, 10), (64, 1)),))
    assert "class number" in judge(square, [OutputsBroadcast()])[0].judgement.text


@pytest.mark.parametrize(
    ("renamed", "found"),
    [((0.05, 0.9), "detected"), ((0.05, 0.5), "not_detected"), ((0.8, 0.9), "not_detected"), ((), "not_applicable")],
)
def test_classes_that_are_renamed(recording, renamed, found):
    assert verdict(ValidationClassesRenamed(), with_trace(recording("healthy_mlp"), renamed=renamed)) == found


@pytest.mark.parametrize(("unread", "found"), [("later", "detected"), ("", "not_detected")])
def test_a_half_that_is_not_read(recording, unread, found):
    assert verdict(HalfNotRead(), with_looks(recording("tokens"), unread=unread)) == found


def test_outputs_that_are_dropped_or_reshaped(recording):
    evidence = recording("healthy_mlp")
    assert verdict(OutputDropped(), evidence) == "not_detected"
    assert verdict(OutputDropped(), with_looks(evidence, dropout_last="4")) == "detected"
    mixed = with_looks(evidence, scrambled=((32, 20, 5), (32, 5, 20)))
    assert "(B, 5, 20)" in judge(mixed, [LossMisreadsOutputs()])[0].judgement.text


@pytest.mark.parametrize(
    ("momentum", "found"), [(0.99, "detected"), (0.1, "not_detected"), (float("nan"), "not_detected")]
)
def test_running_statistics_of_the_last_batch(recording, momentum, found):
    norm = NormLook("1", 1, float("nan"), float("nan"), momentum, True)
    assert verdict(ModesDisagree(), with_looks(recording("healthy_mlp"), norms=(norm,))) == found


def test_inputs_that_are_all_equal_are_one_fault(recording):
    evidence = recording("inputs_lost")
    same = evidence.with_(preflight=replace(evidence.preflight, input_range=(0.0, 0.0), input_mean=0.0, input_std=0.0))
    said = judge(same, [InputsIgnored()])[0].judgement
    assert said.verdict == "detected" and "all inputs looked at are 0" in said.text
    assert verdict(InputsNotNormalised(), same) == "not_applicable"


@pytest.mark.parametrize(
    ("best", "error", "training", "found"),
    [(0.8, 0.02, 0.6, True), (0.8, 0.2, 0.6, False), (0.9, 0.001, 0.6, False), (0.8, 0.02, 0.9, False)],
)
def test_a_rate_that_learns_nothing_beside_a_lower_one_that_does(recording, best, error, training, found):
    evidence = recording("rate_too_high")
    base = evidence.preflight.baseline_loss

    def ends(arm, val, train, like):
        trace = replace(arm.trace, status="finished", reason="", val_loss=(val,), eval_step=(1,), val_loss_se=error)
        spec = replace(arm.spec, steps=like.spec.steps, batch_size=like.spec.batch_size)
        return replace(arm, spec=spec, trace=replace(trace, train_loss=(train,) * len(trace.train_loss)))

    present = max(evidence.present_arms, key=lambda arm: arm.length)
    lowest = min((arm for arm in evidence.cycles if arm.round == "ladder"), key=lambda arm: arm.spec.lr)
    arms = (ends(present, base, base, present), ends(lowest, best * base, training * base, present))
    said = judge(evidence.with_(arms=arms), [RateAboveStableRange()])[0].judgement
    assert ("no better than" in said.text) == found
