from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.packaging.reachable import reachable
from tests.unit.packaging.layout import write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "fer/__init__.py")
    write(tmp_path / "fer/entry.py")
    return tmp_path / "fer"


def _names(root: Path, *entries: str) -> list[str]:
    held = reachable(entries or ("fer.entry",), root)
    assert all((root.parent / name) == file for name, file in held.items())
    return [name.removeprefix("fer/") for name in held]


@pytest.mark.parametrize(
    "text",
    [
        "import fer.deep.one",
        "import fer.deep.one as other",
        "from fer.deep import one",
        "from fer.deep.one import name",
        "from .deep import one",
        "from .deep.one import name",
        "def later():\n    from fer.deep import one",
        "if False:\n    import fer.deep.one",
    ],
)
def test_every_way_to_import_reaches_the_module_and_its_packages(root: Path, text: str) -> None:
    write(root / "entry.py", text)
    write(root / "deep/__init__.py")
    write(root / "deep/one.py")
    write(root / "deep/unused.py")
    assert _names(root) == ["__init__.py", "deep/__init__.py", "deep/one.py", "entry.py"]


def test_imports_are_followed_through_packages_and_in_circles(root: Path) -> None:
    write(root / "entry.py", "import fer.one")
    write(root / "one.py", "from fer import two\nimport fer.entry, os, aiohttp")
    write(root / "two/__init__.py", "from . import inner\nfrom ..three import name")
    write(root / "two/inner.py")
    write(root / "three.py")
    assert _names(root) == ["__init__.py", "entry.py", "one.py", "three.py", "two/__init__.py", "two/inner.py"]


def test_data_come_along_only_with_a_module_that_names_them(root: Path) -> None:
    write(root / "used.toml")
    write(root / "unused.toml")
    write(root / "py.typed")
    write(root / "entry.py", "NAME = 'used.toml'")
    assert _names(root) == ["__init__.py", "entry.py", "used.toml"]


def test_a_missing_entry_is_refused(root: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no module fer\.absent"):
        _names(root, "fer.entry", "fer.absent")


def test_another_package_of_the_same_beginning_is_not_ours(root: Path) -> None:
    write(root / "entry.py", "import ferry.one\nimport fe")
    write(root.parent / "ferry/one.py")
    assert _names(root) == ["__init__.py", "entry.py"]


def test_of_docferry_itself_nothing_comes_in_that_only_people_use() -> None:
    tops = {name.split("/")[1] for name in reachable(("docferry.wiring", "docferry.workflow"))}
    assert {"aws", "stages", "workflow.py", "settings.py"} <= tops
    assert not {"cli", "demo", "sandbox", "simulation", "packaging", "client", "profiles.py"} & tops
