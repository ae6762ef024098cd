"""Numbers as text."""

import pytest

from advisor.utils.numbers import length


@pytest.mark.parametrize(("share", "words"), [(0.0594, "1/16"), (0.25, "1/4"), (1 / 3, "1/3"), (0.17, "17%"), (1, "1")])
def test_lengths(share, words):
    assert length(share) == words
