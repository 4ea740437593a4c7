import asyncio
from urllib.parse import parse_qs

from aiohttp import web

from docferry.aws.http import AwsClient
from docferry.aws.roles import AGAIN_S, LASTS_S, AssumedRole
from tests.unit.aws.conftest import FakeAws
from tests.unit.fakes import ManualClock

ROLE = "arn:aws:iam::222222222222:role/access"
GIVEN = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>{}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""


def gives(aws: FakeAws) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=GIVEN.format(f"key{len(aws.seen)}").encode())

    aws.answer = answer


def asked(aws: FakeAws) -> list[dict[str, list[str]]]:
    return [parse_qs(one.body.decode()) for one in aws.seen]


async def test_the_external_id_is_told_where_there_is_one_only(aws: FakeAws, client: AwsClient) -> None:
    gives(aws)
    await AssumedRole(client, ROLE, "docferry", "an-id").fresh(ManualClock())
    await AssumedRole(client, ROLE, "docferry").fresh(ManualClock())
    assert [one.get("ExternalId") for one in asked(aws)] == [["an-id"], None]


async def test_a_role_is_kept_by_assuming_it_again_long_before_it_ends(aws: FakeAws, client: AwsClient) -> None:
    clock, role, moments = ManualClock(), AssumedRole(client, ROLE, "docferry"), list[float]()

    async def answer(_: web.Request) -> web.Response:
        moments.append(clock.monotonic())
        return web.Response(body=GIVEN.format(f"key{len(moments)}").encode())

    aws.answer = answer
    await role.fresh(clock)
    keeping = asyncio.create_task(role.keep_fresh(clock))
    while role().access_key == "key1":
        await asyncio.sleep(0.001)
    keeping.cancel()
    assert LASTS_S / 2 <= moments[1] - moments[0] <= LASTS_S / 2 + 2 * AGAIN_S


async def test_where_a_role_is_refused_for_a_while_it_is_kept_and_asked_for_again(
    aws: FakeAws, client: AwsClient
) -> None:
    gives(aws)
    clock, role = ManualClock(), AssumedRole(client, ROLE, "docferry")
    await role.fresh(clock)
    aws.answers((403, b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"))
    keeping = asyncio.create_task(role.keep_fresh(clock))
    while len(aws.seen) < 4:
        await asyncio.sleep(0.001)
    assert role().access_key == "key1"
    gives(aws)
    while role().access_key == "key1":
        await asyncio.sleep(0.001)
    keeping.cancel()
