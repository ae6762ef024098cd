"""What to do about PyTorch errors whose text does not name their usual cause."""

_SEE = "see the details with --debug"
_KNOWN = (
    (
        "backward through the graph a second time",
        "detach what the model or the loss keeps from one batch to the next (hidden = hidden.detach()), or start each "
        "batch from zeros",
    ),
    (
        "modified by an inplace operation",
        "replace what changes a tensor in place (+=, relu_, inplace=True, assignment to a slice) by its plain form",
    ),
    (
        "does not require grad and does not have a grad_fn",
        "look for .detach(), .data, .item(), argmax or torch.no_grad() between the model and the loss, and for weights "
        "that are all frozen",
    ),
    (
        "index out of range in self",
        "give the embedding more rows than the largest token number, and number tokens from 0",
    ),
    (
        "Expected more than 1 value per channel when training",
        "avoid batches of one example under batch norm: drop_last=True, or another batch size",
    ),
)


def remedy(text: str) -> str:
    """What to do about an error with this text; where its details are if it is not known."""
    return next((what for part, what in _KNOWN if part in text), _SEE)
