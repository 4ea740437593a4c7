"""Documents and records are carried whatever they hold: keys, bytes, metadata, tags, values of any kind."""

import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from docferry.domain.reserved import RESERVED
from tests.faults.comparing import documents, records, same
from tests.integration.cli.conftest import site_at
from tests.integration.switch.outside import Outside

FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    # What fails is told by its key; making it smaller would take a migration for each try.
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
ODD = (
    "a b",
    "a+b",
    "a%2Bb",
    "a//b",
    "/a",
    "a/",
    "ä/€/𝄞",
    "é",
    "e\u0301",
    "a?versionId=1",
    "a#b",
    "a&b=c",
    "'\"<>",
    "~",
    "*",
)
KEYS = st.sampled_from(ODD) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=40
)
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60)
TAG = st.text(st.characters(codec="utf-8", categories=("L", "N")) | st.sampled_from(" +-=._:/@"), max_size=60)
NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=10
) | st.sampled_from(
    (Decimal("1E-130"), Decimal("9.9999999999999999999999999999999999999E+125"), Decimal("-0"), Decimal("1.10"))
)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.binary(max_size=20)
SETS = st.sets(NUMBERS, min_size=1, max_size=3) | st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=3)
VALUES = st.recursive(
    PLAIN | SETS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.fixed_dictionaries(
        {
            "Body": st.binary(max_size=200),
            "Metadata": st.dictionaries(
                st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), VISIBLE, max_size=4
            ),
            "tags": st.dictionaries(TAG.filter(str.strip), TAG, max_size=3),
            "ContentType": st.sampled_from(
                ("text/plain; charset=utf-8", "application/x-a", "binary/octet-stream")
            ),
            "CacheControl": st.sampled_from(("no-cache", "max-age=5, private")),
        }
    ),
    min_size=25,
    max_size=25,
)
ITEMS = st.dictionaries(
    st.text(min_size=1, max_size=20),
    st.dictionaries(st.text(min_size=1, max_size=10), VALUES, max_size=4),
    min_size=25,
    max_size=25,
)


def put(outside: Outside, found: dict[str, dict[str, Any]]) -> None:
    s3, bucket = outside.client("s3", "source"), outside.side("source").bucket
    for key, held in found.items():
        if not key.startswith(RESERVED):
            tags = [{"Key": name, "Value": value} for name, value in held["tags"].items()]
            sent = {name: one for name, one in held.items() if name != "tags"}
            s3.put_object(Bucket=bucket, Key=key, **sent)
            s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tags})


def put_records(outside: Outside, found: dict[str, dict[str, Any]]) -> None:
    dynamodb, plain = outside.client("dynamodb", "source"), TypeSerializer().serialize
    for key, held in found.items():
        named = {name: plain(one) for name, one in held.items()}
        item = {**named, "owner": {"S": "any"}, "record_id": {"S": key}}
        dynamodb.put_item(TableName=outside.side("source").table, Item=item)


@FEW
@given(DOCUMENTS, ITEMS)
def test_whatever_they_hold_is_the_same_at_the_target(
    endpoint: str, found: dict[str, dict[str, Any]], items: dict[str, dict[str, Any]]
) -> None:
    with TemporaryDirectory() as folder:
        site = site_at(endpoint, Path(folder))
        outside = Outside(site.settings)
        put(outside, found)
        put_records(outside, items)
        before = documents(outside, "source"), records(outside, "source")
        ended = site.run("sync", "--once", "--json")
        assert (ended.code, json.loads(ended.out)["caught_up"]) == (0, True), ended
        assert before == (documents(outside, "source"), records(outside, "source"))
        assert same(outside) >= 40
        checked = site.run("validate", "--level", "bytes", "--json")
        assert (checked.code, checked.json["differences"]) == (0, 0), checked
