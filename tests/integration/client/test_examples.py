import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docferry.aws.dynamodb import DynamoRecords
from tests.integration.cli.conftest import Site
from tests.integration.client.regions import Region

ROOT = Path(__file__).parents[3]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "client.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_the_examples_of_the_documentation_run(
    site: Site, source: Region, target: Region, number: int
) -> None:
    program = site.directory / "example.py"
    program.write_text(EXAMPLES[number], encoding="utf-8")
    aws = site.settings.aws
    said = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(program)],
        cwd=site.directory,
        env={
            **os.environ,
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    records = (await DynamoRecords(source.client, source.side.table).scan(0, 1, None)).items
    assert [item["record_id"]["S"] for item in records] == [str(number + 1)]
