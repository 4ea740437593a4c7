"""Starting, looking at, mending, resetting and stopping a sandbox."""

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from docferry.domain.errors import DocferryError, InvalidInput, ServiceError
from docferry.sandbox import server
from docferry.sandbox.emulator import launch
from docferry.sandbox.home import remembered
from docferry.settings import load
from tests.integration.sandbox import reached
from tests.integration.sandbox.conftest import BUCKET, QUEUE, SOURCE, TABLE, Box
from tests.integration.sandbox.reached import free_port

LISTENING = "0A"
LOOPBACK = "0100007F"


def listening(pid: int) -> list[tuple[str, int]]:
    """The addresses, as the kernel shows them, and the ports on which a process listens."""
    files = Path(f"/proc/{pid}/fd").iterdir()
    own = {os.readlink(file).removeprefix("socket:[").removesuffix("]") for file in files if file.is_symlink()}
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if rest[5] in own and (state == LISTENING or kind.startswith("udp")):
                address, _, port = local.partition(":")
                found.append((address, int(port, 16)))
    return found


def taken(port: int) -> socket.socket:
    other = socket.socket()
    other.bind(("127.0.0.1", port))
    other.listen()
    return other


def put(box: Box) -> None:
    box.client("s3").put_object(Bucket=BUCKET, Key="k", Body=b"kept")


def holds(box: Box) -> int:
    return int(box.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"])


def test_a_start_makes_both_regions_stores_and_a_second_one_changes_nothing(box: Box) -> None:
    first = box.start()
    assert (first.running, first.changed, first.warnings) == (True, True, ())
    assert len(first.created) == len(set(first.created)) == 18
    settings = load(box.config)
    for region in (settings.source, settings.target):
        assert f"bucket {region.bucket}" in first.created
        assert f"table {region.table}" in first.created
    again = box.start()
    assert (again.running, again.changed, again.created, again.pid) == (True, False, (), first.pid)


def test_status_tells_running_from_stopped_and_a_stop_may_be_repeated(box: Box) -> None:
    assert not box.status().running
    assert not box.stop().changed
    assert not box.home.exists()
    started = box.start()
    status = box.status()
    assert (status.running, status.pid) == (True, box.pid())
    assert (status.url, status.config) == (f"http://127.0.0.1:{box.port}", box.config)
    assert started.pid == status.pid
    assert box.stop().changed
    for stopped in (box.status(), box.stop()):
        assert (stopped.running, stopped.pid, stopped.changed, stopped.warnings) == (False, None, False, ())


def test_it_listens_on_loopback_only(box: Box) -> None:
    box.start()
    assert listening(box.pid()) == [(LOOPBACK, box.port)]


def test_a_port_that_is_taken_is_refused_before_anything_is_written(box: Box) -> None:
    with closing(taken(box.port)), pytest.raises(ServiceError, match="taken by another process") as raised:
        box.start()
    assert raised.value.hint.endswith(f"(docferry sandbox start --home {box.home} --port)")
    assert not box.config.exists()
    assert not box.status().running


def test_an_embedded_aws_that_cannot_listen_says_so_at_once(tmp_path: Path) -> None:
    port = free_port()
    with closing(taken(port)), pytest.raises(ServiceError, match="ended at once with code 1"):
        launch(tmp_path, port, keep=False)


def test_it_comes_back_on_its_port_and_another_one_has_to_wait_for_a_stop(box: Box) -> None:
    box.start()
    other = free_port()
    with pytest.raises(InvalidInput, match=f"runs on port {box.port}; nothing was changed") as raised:
        server.start(box.home, port=other)
    assert f"docferry sandbox stop --home {box.home}" in raised.value.hint
    box.stop()
    assert server.start(box.home).url == f"http://127.0.0.1:{box.port}"
    box.stop()
    moved = server.start(box.home, port=other)
    assert moved.url == load(box.config).aws.endpoint_url == f"http://127.0.0.1:{other}"


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_bad_input(box: Box, port: int) -> None:
    with pytest.raises(InvalidInput, match="is no port"):
        server.start(box.home, port=port, config=box.config)


def test_a_start_makes_what_is_missing_and_only_that(box: Box) -> None:
    box.start()
    put(box)
    sqs, s3 = box.client("sqs"), box.client("s3")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{QUEUE}-dead")["QueueUrl"])
    box.client("dynamodb").delete_table(TableName=TABLE)
    wanted = s3.get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"]
    less = [{**one, "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}]}}} for one in wanted]
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": less}
    )
    gone = (f"table {TABLE}", f"queue {QUEUE}-dead", f"notifications of bucket {BUCKET}")
    (warning,) = box.status().warnings
    assert warning == (
        f"Missing in the sandbox: {', '.join(gone)}. Get it back with: docferry sandbox start --home {box.home}"
    )
    started = box.start()
    assert (started.created, started.warnings) == (gone, ())
    assert holds(box) == 1


def test_a_reset_wipes_everything_and_comes_back_on_its_port(box: Box) -> None:
    first = box.start()
    put(box)
    box.client("dynamodb").create_table(
        TableName="another",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    box.config.write_text(box.config.read_text() + "\n[runner]\nwindow = 8\n")
    reset = server.reset(box.home)
    assert (reset.url, reset.created, reset.warnings) == (first.url, first.created, ())
    assert reset.pid != first.pid
    assert holds(box) == 0
    assert all(name.startswith(SOURCE) for name in box.client("dynamodb").list_tables()["TableNames"])
    assert load(box.config).runner.window == 8


def test_a_reset_that_is_refused_wipes_nothing_and_stops_nothing(box: Box) -> None:
    first = box.start()
    put(box)
    foreign = box.home.with_name("foreign.toml")
    foreign.write_text("[aws]\n")
    with pytest.raises(InvalidInput, match="nothing was changed"):
        server.reset(box.home, config=foreign)
    with pytest.raises(InvalidInput, match="is no port"):
        server.reset(box.home, port=65536)
    port = free_port()
    with closing(taken(port)), pytest.raises(ServiceError, match="taken"):
        server.reset(box.home, port=port)
    assert (box.pid(), holds(box), foreign.read_text()) == (first.pid, 1, "[aws]\n")


def test_a_folder_of_somebody_else_is_neither_started_nor_reset_nor_stopped(box: Box) -> None:
    box.home.mkdir()
    (box.home / "state").mkdir()
    (box.home / "state" / "thesis.txt").write_text("mine")
    for command in (server.start, server.reset, server.stop):
        with pytest.raises(DocferryError, match="not a folder of a sandbox"):
            command(box.home)
    assert [file.name for file in box.home.rglob("*")] == ["state", "thesis.txt"]
    assert remembered(box.home) is None


def test_permissions_are_in_force_from_one_start_to_the_next_and_not_changed_while_it_runs(box: Box) -> None:
    started = server.start(box.home, port=box.port, config=box.config, permissions=True)
    assert started.permissions
    stranger = reached.client(started.url, "s3", keys=("AKIASTRANGER", "no-secret"))
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.list_buckets()
    with pytest.raises(InvalidInput, match="with permissions in force"):
        server.start(box.home, permissions=False)
    box.stop()
    assert box.start().permissions
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.list_buckets()
    box.stop()
    assert not server.start(box.home, permissions=False).permissions
    stranger.list_buckets()
