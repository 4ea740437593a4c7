"""Whatever speaks against a switch is said in one line, and then nothing has changed."""

from collections.abc import Iterator

import pytest

from tests.integration.cli.conftest import site_at
from tests.integration.switch.driving import RUNNER, YES, World, told
from tests.integration.switch.outside import Outside, until

STEPS = ["check", "arm", "fence", "drain", "close", "verify", "open", "reverse"]


def refused(world: World, words: tuple[str, ...], *command: str, code: int = 3) -> None:
    """See that a command is refused, and that no gate and no switch is other than before."""
    before = world.outside.gates(), world.outside.ledger("switch")
    told(world.site.run(*command), code, *words)
    assert (world.outside.gates(), world.outside.ledger("switch")) == before


@pytest.fixture
def bare(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Stores that nothing has run on yet."""
    site = site_at(endpoint, tmp_path_factory.mktemp("bare"))
    site.configure(client={"lease_s": 0.5, "deadline_s": 2.0}, runner=RUNNER)
    made = World(site, Outside(site.settings))
    yield made
    made.close()


@pytest.mark.parametrize("command", ["cutover", "rollback", "complete"])
def test_before_the_first_sync_there_is_nothing_to_turn(bare: World, command: str) -> None:
    refused(bare, ("gates", "docferry "), command, "--yes")
    assert bare.outside.gates() == {"source": None, "target": None}


def test_without_a_runner_or_a_validation_it_is_refused(bare: World) -> None:
    assert bare.site.run("sync", "--once").code == 0
    refused(bare, ("runner: nobody follows the changes", "more checks refuse"), "cutover", "--yes")
    bare.sync()
    refused(bare, ("validation: there is no finished validation",), "cutover", "--yes")


@pytest.mark.parametrize(
    ("sections", "code", "word"),
    [
        ({"aws": {"endpoint_url": "http://127.0.0.1:1"}}, 5, "nothing answers"),
        ({"target": {"control_table": "no-such-thing"}}, 2, "target.control_table"),
        ({"source": {"control_table": "no-such-thing"}}, 2, "source.control_table"),
    ],
    ids=["endpoint", "control table of the target", "control table of the source"],
)
@pytest.mark.parametrize("command", ["cutover", "rollback", "complete"])
def test_what_cannot_be_reached_is_named(
    bare: World, command: str, sections: dict[str, dict[str, str]], code: int, word: str
) -> None:
    bare.site.configure(**sections)
    told(bare.site.run(command, "--yes"), code, word)


def test_at_the_source_only_a_cutover_can_be_asked_for(world: World) -> None:
    world.turn_to("source")
    world.write()
    refused(world, ("gates", "applications write in us-east-1 already", "docferry cutover"), "rollback", "--yes")
    refused(world, ("gates", "applications do not write at the target"), "complete", "--yes")
    refused(world, ("not approved", "--yes"), "cutover")
    world.stop_writing()


def test_a_dead_letter_refuses_it_until_it_is_gone(world: World, turn: str) -> None:
    sqs, queue = world.outside.client("sqs", "target"), world.outside.queue("target", dead=True)
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    world.write()
    refused(world, ("feeds", "1 in dead-letter queues", "redrive"), turn, "--yes")
    sqs.purge_queue(QueueUrl=queue)
    until(lambda: world.site.run(turn, "--dry-run", *YES).code == 0)
    world.stop_writing()


def test_differences_in_the_last_validation_refuse_it(world: World, turn: str) -> None:
    passive, key = ("target" if turn == "cutover" else "source"), "documents/0011.txt"
    tags = {"TagSet": [{"Key": "by", "Value": "nobody"}]}
    s3, bucket = world.outside.client("s3", passive), world.outside.side(passive).bucket
    notifications = s3.get_bucket_notification_configuration(Bucket=bucket)
    notifications.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    s3.put_object_tagging(Bucket=bucket, Key=key, Tagging=tags)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=notifications)
    world.write()
    assert world.site.run("validate").code == 1
    refused(world, ("validation: 1 differences", "validate --repair"), turn, "--yes")
    s3.delete_object_tagging(Bucket=bucket, Key=key)
    world.validate()
    world.stop_writing()


def test_without_an_application_it_is_refused_unless_said_so(world: World, turn: str) -> None:
    world.outside.forget_clients()
    refused(world, ("clients: no application holds a lease", "--without-client"), turn, "--yes")
    dry = world.site.run(turn, "--dry-run", "--without-client", *YES)
    assert dry.code == 0, dry
    assert "0 with a lease; others write without the client" in dry.err
    # The one that pauses would say only in some seconds that it is there.
    world.end_application()


def test_a_dry_run_changes_nothing_and_shows_the_steps_of_the_real_one(world: World, turn: str) -> None:
    world.write()
    before = world.outside.everything()
    dry = world.command(turn, "--dry-run", *YES)
    assert dry.ended().code == 0, dry.lines
    after = world.outside.everything()
    assert {name: after[name] for name in after if unmoved(name)} == {
        name: before[name] for name in before if unmoved(name)
    }
    real = world.command(turn, *YES)
    assert real.ended().code == 0, real.lines
    assert dry.steps == real.steps == STEPS
    world.stop_writing()


def unmoved(name: tuple[str, str]) -> bool:
    # A runner renews its lease, reads its feeds and marks what it carries all the time.
    return name[1] == "gate" or name[1] in (
        "ledger#switch",
        "ledger#switches",
        "ledger#lease/switch",
        "ledger#drain/asked",
    )
