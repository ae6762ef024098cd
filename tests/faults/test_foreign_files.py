"""Foreign files are data: they are read or rejected with one clear error, whatever they contain."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from advisor.config.config import Config, load_config, parse_yaml
from advisor.errors import UsageError
from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace, failed
from advisor.search.store import ProbeStore
from advisor.utils.codec import decode, encode

QUICK = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
SPEC = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 8, 10, 0, (10,), 20)
NUMBERS = st.one_of(st.integers(-(10**30), 10**30), st.floats())
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
CONFIG = {
    "optimizer": {"name": "SGD", "lr": 0.1},
    "schedule": {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 10},
    "batch_size": 8,
    "epochs": 1,
    "clip_grad_norm": None,
    "amp": False,
}


@st.composite
def altered(draw: st.DrawFn, whole: Any) -> Any:
    """``whole`` with something foreign somewhere in it."""
    value = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 3))):
        place = value
        while True:
            places = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(places))
            if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.booleans()):
                place[key] = draw(VALUES)
                break
            place = place[key]
    return value


@QUICK
@given(st.one_of(st.text(), VALUES.map(json.dumps), altered(CONFIG).map(json.dumps)))
@example(BOMB)
@example("[" * 3000)
@example("optimizer: 2001-99-99")
@example("1" * 5000)
@example("!!python/object/apply:os.system [exit]")
@example("optimizer: !!binary x\n? [a]\n: b")
def test_a_config_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            config = load_config(path)
        except UsageError as error:
            assert len(str(error)) < 10_000
            return
    assert Config.from_dict(parse_yaml(config.to_yaml(), "itself")).as_dict() == config.as_dict() or not text.isascii()


def test_a_config_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("# " + "x" * 2**20)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        load_config(tmp_path / "config.yaml")


ENTRY = {
    "key": SPEC.key,
    "spec": encode(SPEC),
    "trace": encode(replace(failed(SPEC, ""), status="finished", step=(1,), lr=(0.1,))),
}


@QUICK
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            altered(ENTRY).map(lambda entry: json.dumps(entry).encode()),
            VALUES.map(lambda value: json.dumps({"key": SPEC.key, "trace": value}).encode()),
        ),
        max_size=4,
    )
)
def test_a_ledger_is_read_whatever_it_holds(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger" / "probes.jsonl"
        path.parent.mkdir()
        path.write_bytes(b"\n".join(lines))
        store = ProbeStore(path.parent)
        found = store.find(SPEC)
        assert found is None or isinstance(found, Trace)
        store.add(SPEC, decode(Trace, ENTRY["trace"]))
        again = ProbeStore(Path(folder) / "other", [path.parent])
        store.close()
        assert again.find(SPEC) is not None
        again.close()
