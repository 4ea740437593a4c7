"""Who may read the files that commands write on this machine."""

from tests.integration.cli.conftest import Site


def test_what_holds_documents_metadata_is_for_its_owner_only(site: Site) -> None:
    output = site.directory / "differences.jsonl"
    said = site.run("validate", "--output", str(output))
    assert said.code == 1, said
    assert output.read_text()
    assert output.stat().st_mode & 0o077 == 0
