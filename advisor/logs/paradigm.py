"""Detects adversarial training and reinforcement learning from the names of logged columns."""

from collections.abc import Collection
from typing import Literal

from advisor.logs.measures import measure, plain, tokens

Paradigm = Literal["supervised", "adversarial", "reinforcement"]

_DISCRIMINATOR = {"d", "disc", "discriminator", "netd", "errd", "discriminators", "dloss", "critic"}
_GENERATOR = {"g", "gen", "generator", "netg", "errg", "generators", "gloss"}
_NOT_LOSSES = {"lr", "time", "grad", "norm", "params", "parameters", "rate"}
_AGENT = {"actor", "policy", "critic", "q", "td", "qf", "qf1", "vf"}
_AGENT_WORDS = (
    "explained_variance", "approx_kl", "clip_fraction", "entropy_loss", "ep_rew_mean", "ep_len_mean", "eprewmean",
    "episode_reward", "episode_return", "mean_episode_reward", "mean_100_episode_reward", "policy_gradient_loss",
    "avg_return", "averagereturn", "average_return", "mean_reward", "test_return", "exploration_rate",
    "time_spent_exploring", "episode_rewards", "eval_return", "cumulative_reward", "eplenmean", "epsilon_greedy",
)  # fmt: skip
_PREFERENCES = {"chosen", "rejected", "margins"}
_WHY = {
    "adversarial": "adversarial training: the losses of generator and discriminator rise and fall against each other "
    "and do not measure quality; log FID or inspect samples",
    "reinforcement": "reinforcement learning without a return: the losses of policy and value follow the data that "
    "the agent meets and do not measure how well it acts; log the mean return of its episodes",
}


def paradigm_of(names: Collection[str]) -> Paradigm:
    """The kind of training that logs columns of these names."""
    words = [set(plain(name).split("_")) for name in names]
    known = set().union(*words) if words else set()
    if known & _PREFERENCES:
        return "supervised"
    flat = {plain(name) for name in names}
    agent = any(any(word in name for word in _AGENT_WORDS) for name in flat)
    losses = [found for found in words if "loss" in found or "losses" in found]
    values = any("value_loss" in name or "value_function_loss" in name for name in flat)
    agent = agent or sum(bool(found & _AGENT) for found in losses) + values >= 2
    if agent:
        return "reinforcement"
    kinds = {found.kind for name in names if (found := measure(tokens(name))) is not None}
    if kinds and "loss" not in kinds and "return" in kinds:
        return "reinforcement"
    rest = [found for found in words if not found & _NOT_LOSSES]
    both = any(found & _DISCRIMINATOR for found in rest) and any(found & _GENERATOR for found in rest)
    return "adversarial" if both else "supervised"


def declined(paradigm: Paradigm) -> str:
    """Why runs of this kind are not judged."""
    return _WHY.get(paradigm, "")
