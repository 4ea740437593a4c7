"""The zip of both functions, built by the real pip: the package index is needed, or pip's cache of it."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from docferry.cli.package import DEFAULT_PYTHON
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.packaging.pip import fetch_with_pip
from docferry.packaging.reachable import HANDLERS
from docferry.packaging.runtime import Architecture, Runtime
from docferry.settings import Side
from tests.integration.packaged import E_MACHINE, Zip, build

MIB = 1024 * 1024
EXCLUDED = {
    *("boto3", "botocore", "ministack", "pip", "pytest", "rich", "s3transfer", "typer", "uvloop"),
    *("docferry.cli", "docferry.demo", "docferry.packaging", "docferry.sandbox", "docferry.simulation"),
}
NAMED = [name.upper() for name, field in Side.model_fields.items() if field.is_required()]
ENVIRONMENT = {
    **{f"DOCFERRY_{side}__{name}": "some" for side in ("SOURCE", "TARGET") for name in NAMED},
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "data_sync",
    "POWERTOOLS_METRICS_NAMESPACE": "docferry",
}
IMPORT_ALL = """
import importlib, json, sys
zipped, *modules = sys.argv[1:]
sys.path.insert(0, zipped)
standard = [one for one in sys.path if one != zipped]
for one in modules:
    importlib.import_module(one)
handlers = [callable(sys.modules[one].handler) for one in modules[:2]]
files = [one.__file__ for one in sys.modules.values() if getattr(one, "__file__", None)]
print(json.dumps({"handlers": handlers, "files": files, "standard": standard}))
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zips")


@pytest.fixture(scope="module")
def arm(directory: Path) -> Zip:
    return build(directory, "arm64", DEFAULT_PYTHON)


@pytest.fixture(scope="module")
def intel(directory: Path) -> Zip:
    return build(directory, "x86_64", DEFAULT_PYTHON)


@pytest.fixture(scope="module")
def host(directory: Path, arm: Zip, intel: Zip) -> Zip:
    """The build that this machine's Python can run."""
    here = Runtime.here()
    if here.python == DEFAULT_PYTHON:
        return {Architecture.ARM64: arm, Architecture.X86_64: intel}[here.architecture]
    return build(directory, here.architecture, here.python)


@pytest.fixture(scope="module", params=["arm", "intel", "host"])
def built(request: pytest.FixtureRequest) -> Zip:
    held: Zip = request.getfixturevalue(request.param)
    return held


def test_two_builds_are_the_same_to_the_byte(arm: Zip, directory: Path) -> None:
    again = build(directory, "arm64", DEFAULT_PYTHON)
    assert again.path != arm.path
    # Says which file it is: somebody may have edited one meanwhile.
    assert again.sums == arm.sums
    assert again.path.read_bytes() == arm.path.read_bytes()
    assert again.said["zip"] == arm.said["zip"]


def test_what_is_said_of_it_is_so(built: Zip) -> None:
    said = built.said["zip"]
    assert said["sha256"] == hashlib.sha256(built.path.read_bytes()).hexdigest()
    assert said["files"] == len(built.names)
    assert said["size"] == built.path.stat().st_size


def test_every_shared_object_is_of_the_function_s_processor(built: Zip) -> None:
    machines = built.machines()
    assert {"aiohttp", "orjson", "pydantic_core"} <= {name.split("/")[0] for name in machines}
    assert set(machines.values()) == {E_MACHINE[built.said["architecture"]]}


def test_both_architectures_have_the_same_modules(arm: Zip, intel: Zip) -> None:
    assert arm.modules == intel.modules


def test_it_is_small_and_nothing_in_it_is_for_people(built: Zip) -> None:
    assert built.said["zip"]["size"] < 15 * MIB
    assert built.said["zip"]["unzipped"] < 50 * MIB
    packages = built.modules | {one.rpartition(".")[0] for one in built.modules}
    assert not EXCLUDED & packages
    assert not [one for one in built.names if one.endswith((".pyc", "/RECORD", "/INSTALLER")) or "/tests/" in one]


def test_every_import_of_docferry_resolves_from_the_zip(built: Zip) -> None:
    imported, modules = list(built.imported()), built.modules
    found = modules | sys.stdlib_module_names
    assert len(imported) > 100
    assert not [(who, one) for who, one in imported if one.split(".")[0] not in found]
    assert not [(who, one) for who, one in imported if one.startswith("docferry") and one not in modules]


def test_it_runs_without_anything_else(host: Zip, tmp_path: Path) -> None:
    with zipfile.ZipFile(host.path) as opened:
        opened.extractall(tmp_path)
    others = [one for one in host.own if one not in HANDLERS]
    # -I and -S: neither the environment, nor the current directory, nor site-packages can lend a module.
    command = [sys.executable, "-I", "-S", "-c", IMPORT_ALL, str(tmp_path), *HANDLERS, *others]
    ran = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["handlers"] == [True, True]
    allowed = (str(tmp_path), *said["standard"])
    assert not [one for one in said["files"] if not one.startswith(allowed) or "site-packages" in one]


def test_a_wheel_that_there_is_not_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no wheel of orjson==0\.0\.0 for Python 3\.13 on Linux arm64"):
        fetch_with_pip({"orjson": "0.0.0"}, Runtime(Architecture.ARM64, "3.13"), tmp_path)


def test_an_index_that_does_not_answer_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(ServiceError, match="the package index cannot be reached") as refused:
        fetch_with_pip({"orjson": "3.13.0"}, Runtime(Architecture.ARM64, "3.13"), tmp_path)
    assert "\n" not in str(refused.value)
