"""Rounds of probes, each with one goal. A rule that cannot decide yet wants one of these by name."""

from advisor.rounds.base import Probing
from advisor.rounds.batch import BatchRound
from advisor.rounds.confirm import ConfirmLongRound, ConfirmRound
from advisor.rounds.decay import DecayRound
from advisor.rounds.ladder import LadderRound, WiderLadderRound
from advisor.rounds.length import LengthRound
from advisor.rounds.momentum import MomentumRound
from advisor.rounds.noise import NoiseRound
from advisor.rounds.range_test import RangeRound, WiderRangeRound
from advisor.rounds.zoom import ZoomRound

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
