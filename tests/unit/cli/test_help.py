import pytest
from typer.testing import CliRunner

from docferry.cli.main import app

BOXED = ("start", "fill", "deploy", "undeploy", "stop", "status", "reset")
SINGLE = ("demo", "plan", "sync", "validate", "conflicts", "status", "outputs", "package", "preflight")
COMMANDS = (
    *((one,) for one in SINGLE),
    *(("sandbox", one) for one in BOXED),
)
ON_NO_STORES = ("demo", "outputs", "package", "preflight", "sandbox")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example_and_says_how_to_get_json(command: tuple[str, ...]) -> None:
    helped = CliRunner().invoke(app, [*command, "--help"])
    assert helped.exit_code == 0
    assert f"Example: docferry {' '.join(command)}" in helped.output
    assert "--json" in helped.output


@pytest.mark.parametrize("command", [one for one in COMMANDS if one[0] not in ON_NO_STORES], ids=" ".join)
def test_every_command_on_stores_takes_the_same_options(command: tuple[str, ...]) -> None:
    helped = CliRunner().invoke(app, [*command, "--help"])
    for option in ("--config", "--profile", "--endpoint-url"):
        assert option in helped.output
