"""Rounds of probes, each with one goal. Rules request them by name."""

from advisor.search.rounds.base import SearchRound
from advisor.search.rounds.batch_size import BatchRound
from advisor.search.rounds.check import CheckRound
from advisor.search.rounds.length import LengthRound
from advisor.search.rounds.less_decay import LessDecayRound
from advisor.search.rounds.lr_ladder import ConfirmRound, LadderRound, WiderLadderRound
from advisor.search.rounds.lr_range_test import RangeRound, WiderRangeRound
from advisor.search.rounds.lr_zoom import ZoomRound
from advisor.search.rounds.momentum import MomentumRound
from advisor.search.rounds.seed_noise import NoiseRound
from advisor.search.rounds.weight_decay import DecayRound

ROUNDS: tuple[SearchRound, ...] = (
    RangeRound(),
    WiderRangeRound(),
    LadderRound(),
    ConfirmRound(),
    LessDecayRound(),
    WiderLadderRound(),
    NoiseRound(),
    ZoomRound(),
    LengthRound(),
    DecayRound(),
    CheckRound(),
    BatchRound(),
    MomentumRound(),
)
"""In order of priority: an earlier round decides what a later one holds fixed."""

__all__ = ["ROUNDS", "SearchRound"]
