"""Projects of other frameworks as they are: found by type, and only where the user's file has imported them."""

from advisor.task.adapters import huggingface, lightning, skorch, timm
from advisor.task.user_module import Offer


def adapt(offer: Offer) -> Offer:
    """Lets each framework fill in what the file offers in its own way; what the contract's names say goes first."""
    for framework in (lightning, huggingface, skorch, timm):
        framework.adapt(offer)
    return offer
