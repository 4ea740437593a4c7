"""Whatever lies in a configuration file or a plan: settings, or one error of docferry's own; a count, or none."""

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from docferry.cli.sync import planned_documents
from docferry.domain.errors import InvalidInput
from docferry.settings import Settings, load
from tests.unit.test_settings import WHOLE

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCALARS = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=20))
NAMES = st.sampled_from(("aws", "source", "target", "records", "runner", "client", "fence", "replication", "x"))
INNER = st.sampled_from(
    ("region", "bucket", "window", "lease_s", "settle_s", "deadline_s", "exempt", "external_id", "profile", "y")
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(INNER, SCALARS, max_size=4))


def loads_or_says_what_is_wrong(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "docferry.toml"
        config.write_bytes(data)
        try:
            assert isinstance(load(config), Settings)
        except InvalidInput as error:
            assert "docferry.toml" in str(error)
            assert error.hint


@FEW
@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"[" * 5000 + b"]")
@example(b"a = " + b"[" * 2_000)
def test_a_configuration_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    loads_or_says_what_is_wrong(data)


@FEW
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_a_configuration_of_any_values_is_read_or_refused(held: dict[str, Any]) -> None:
    loads_or_says_what_is_wrong(tomli_w.dumps(held).encode(errors="surrogatepass"))


@FEW
@given(st.integers(0, len(WHOLE)), st.integers(0, 20), st.binary(max_size=5))
def test_a_configuration_edited_by_hand_is_read_or_refused(start: int, cut: int, put: bytes) -> None:
    whole = WHOLE.encode()
    loads_or_says_what_is_wrong(whole[:start] + put + whole[start + cut :])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("documents", "count", "other")), inner, max_size=3)
    ),
    max_leaves=10,
)


@FEW
@given(st.one_of(st.binary(max_size=50), JSON.map(lambda one: json.dumps(one).encode())))
@example(b"[" * 100_000)
@example(b'{"documents": {"count": -5}}')
@example(b'{"documents": {"count": true}}')
@example(b'{"documents": {"count": 5')
def test_a_plan_of_any_bytes_gives_a_count_or_none(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("plan.json").write_bytes(data)
        counted = planned_documents()
    assert counted is None or (type(counted) is int and counted >= 0)
