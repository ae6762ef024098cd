"""Adapters for other frameworks: applied by type, and only if the user's file has imported the framework."""

from advisor.task.adapters import huggingface, lightning, skorch, timm
from advisor.task.user_module import Offer


def adapt(offer: Offer) -> Offer:
    """Lets each framework fill in what the file leaves open; the contract's names take precedence."""
    for framework in (lightning, huggingface, skorch, timm):
        framework.adapt(offer)
    return offer
