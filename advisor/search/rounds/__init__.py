"""Rounds of probes, each with one goal. A rule that cannot decide yet wants one of these by name."""

from advisor.search.rounds.base import Probing
from advisor.search.rounds.baseline import ConfirmLongRound, ConfirmRound
from advisor.search.rounds.batch_size import BatchRound
from advisor.search.rounds.length import LengthRound
from advisor.search.rounds.lr_ladder import LadderRound, WiderLadderRound
from advisor.search.rounds.lr_range_test import RangeRound, WiderRangeRound
from advisor.search.rounds.lr_zoom import ZoomRound
from advisor.search.rounds.momentum import MomentumRound
from advisor.search.rounds.seed_noise import NoiseRound
from advisor.search.rounds.weight_decay import DecayRound

ROUNDS: tuple[Probing, ...] = (
    RangeRound(),
    WiderRangeRound(),
    LadderRound(),
    WiderLadderRound(),
    LengthRound(),
    NoiseRound(),
    BatchRound(),
    ConfirmRound(),
    ConfirmLongRound(only_if_close=True),
    DecayRound(),
    MomentumRound(),
    ZoomRound(),
    ConfirmLongRound(only_if_close=False),
)
"""In the order in which they are affordable and make sense: an earlier one decides what a later one holds fixed."""

__all__ = ["ROUNDS", "Probing"]
