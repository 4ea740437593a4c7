from docferry.client import connect
from tests.integration.cli.conftest import Site
from tests.integration.client.regions import Region


async def test_an_application_writes_as_itself_where_workers_have_a_role(
    site: Site, source: Region, target: Region
) -> None:
    worker = "arn:aws:iam::000000000000:role/worker"
    held = site.settings
    sides = {name: getattr(held, name).model_copy(update={"worker_role": worker}) for name in ("source", "target")}
    async with connect(settings=held.model_copy(update=sides)) as store:
        put = await store.put("as-itself", b"body")
    assert put.version
