"""Each format says all that was found, and is what it claims to be."""

import io
import json
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from rich.console import Console

from docferry.preflight.finding import Finding, Place, Severity, Stage, Undecided
from docferry.preflight.report import json as json_report
from docferry.preflight.report import junit, markdown, sarif
from docferry.preflight.report.report import Report
from docferry.preflight.report.text import show
from docferry.preflight.run import Result
from tests.preflight.report.making import report


def shown(made: Report, **options: Any) -> str:
    out = io.StringIO()
    show(made, Console(file=out, soft_wrap=True, highlight=False, **options))
    return out.getvalue()


def parsed(made: Report) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(sarif.render(made))
    Sarif.model_validate(held)
    return held


def results(made: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parsed(made)["runs"][0]["results"]
    return found


def test_the_text_has_the_worst_first_what_cannot_be_told_and_a_summary(tmp_path: Path) -> None:
    said = shown(report(tmp_path))
    order = ["critical (2)", "high (1)", "medium (1)", "cannot be told (2)"]
    assert sorted(order, key=said.index) == order
    assert "in fra/main.tf:3:14  backend-expression  backend.s3" in said
    assert said.splitlines()[-2:] == [
        "2 critical, 1 high, 1 medium; 2 cannot be told; 1 ignored; 1 known from the baseline (3 files, 2 rules)",
        "--fix mends one of these; --fix --dry-run shows how",
    ]


def test_the_text_tells_what_why_when_and_how_to_fix(tmp_path: Path) -> None:
    said = shown(report(tmp_path))
    assert "fails at init: `terraform init` reads the backend" in said
    assert "      +    filter {}\n" in said
    assert "fix: Ask for more." in said
    assert "unless a variable is given another value at deployment" in said
    assert "configuration.a" not in said


@pytest.mark.parametrize(
    ("severity", "stage", "said", "impact"),
    [
        (Severity.HIGH, Stage.APPLY, "fails at apply: w", "Fails at apply: the deployment stops at this resource"),
        (Severity.HIGH, Stage.RUN, "fails at run: w", "Fails at run: the deployment goes through, and what"),
        (Severity.MEDIUM, Stage.PLAN, "may fail at plan: w", "May fail at plan: the deployment stops before"),
        (Severity.LOW, Stage.RUN, "shows at run: w", "Shows at run: nothing stops"),
        (Severity.MEDIUM, Stage.NEVER, "fails nothing: w", "Fails nothing: the deployment goes through"),
    ],
)
def test_no_format_says_of_anything_that_it_fails_where_it_does_not(
    severity: Severity, stage: Stage, said: str, impact: str
) -> None:
    one = Finding("r", severity, "m", None, "s", "w", stage, "f", "u")
    made = Report(Result((one,), (), (), {}, 1), (), (one,), fail_on=Severity.LOW)
    assert f"    {said}\n" in shown(made)
    assert f"{said}\n" in junit.render(made)
    assert f"\n### Deployment impact\n\n{impact}" in markdown.render(made)


def test_the_text_has_colour_on_a_terminal_only_and_never_another_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    made = report(tmp_path)
    assert "\x1b" not in shown(made)
    coloured = shown(made, force_terminal=True, color_system="standard")
    assert "\x1b[1;31mcritical (2)\x1b[0m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in shown(made, force_terminal=True, color_system="standard")
    assert "<b>&\ufffd[31m[red]" in shown(made)


def test_nothing_found_is_said_too(tmp_path: Path) -> None:
    made = report(tmp_path)
    clean = Report(made.result, (), ())
    assert not clean.failed
    assert "no findings" in shown(clean)


@pytest.mark.parametrize(
    ("fail_on", "kept", "failed"),
    [
        (Severity.CRITICAL, {Severity.HIGH}, False),
        (Severity.HIGH, {Severity.HIGH}, True),
        (Severity.HIGH, {Severity.MEDIUM}, False),
        (Severity.LOW, {Severity.MEDIUM}, True),
    ],
)
def test_it_fails_at_the_severity_that_is_asked_for(
    tmp_path: Path, fail_on: Severity, kept: set[Severity], failed: bool
) -> None:
    made = report(tmp_path, fail_on=fail_on)
    fresh = tuple(one for one in made.fresh if one.severity in kept)
    assert Report(made.result, made.rules, fresh, fail_on=fail_on).failed is failed


def test_the_json_holds_all(tmp_path: Path) -> None:
    held = json.loads(json_report.render(report(tmp_path)))
    assert held["summary"] == {
        "critical": 2,
        "high": 1,
        "medium": 1,
        "low": 0,
        "cannot_tell": 2,
        "ignored": 1,
        "known": 1,
    }
    assert (held["failed"], held["fail_on"], held["files"], len(held["rules"])) == (True, "high", 3, 2)
    (backend,) = [one for one in held["findings"] if one["rule"] == "backend-expression"]
    assert (backend["file"], backend["line"], backend["column"]) == ("in fra/main.tf", 3, 14)
    (lifecycle,) = [one for one in held["findings"] if one["rule"] == "s3-lifecycle-filter"]
    assert "+    filter {}" in lifecycle["diff"]
    assert len({one["fingerprint"] for one in (*held["findings"], *held["known"], *held["ignored"])}) == 6


def test_the_sarif_is_of_its_schema_and_places_are_of_this_repository(tmp_path: Path) -> None:
    found = results(report(tmp_path))
    (backend,) = [one for one in found if one["ruleId"] == "backend-expression" and "suppressions" not in one]
    location = backend["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "in%20fra/main.tf", "uriBaseId": "SRCROOT"}
    assert location["region"] == {"startLine": 3, "startColumn": 14}
    assert backend["level"] == "error"
    assert backend["partialFingerprints"][sarif.FINGERPRINT]


def test_the_sarif_tells_each_rule_and_results_point_to_it(tmp_path: Path) -> None:
    run = parsed(report(tmp_path))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert {one["id"] for one in rules} == {
        "account-quota",
        "backend-expression",
        "s3-lifecycle-filter",
        "syntax-error",
    }
    assert all(one["help"]["text"] and one["helpUri"] for one in rules)


def test_the_sarif_has_fixes_as_replacements(tmp_path: Path) -> None:
    (fix,) = [one["fixes"] for one in results(report(tmp_path)) if "fixes" in one and "suppressions" not in one]
    (replacement,) = fix[0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"] == {"text": "\n    filter {}"}
    region = replacement["deletedRegion"]
    assert (region["startLine"], region["endLine"], region["startColumn"]) == (16, 16, region["endColumn"])


def test_the_sarif_suppresses_what_is_known_or_ignored_and_leaves_open_what_cannot_be_told(tmp_path: Path) -> None:
    found = results(report(tmp_path))
    assert sorted(one["suppressions"][0]["kind"] for one in found if "suppressions" in one) == [
        "external",
        "inSource",
    ]
    assert [(one["kind"], one["level"]) for one in found if "kind" in one] == [("open", "none")] * 2


def test_the_sarif_names_files_outside_by_their_whole_path(tmp_path: Path) -> None:
    found = results(report(tmp_path, prefix="/else where/"))
    uris = {place["physicalLocation"]["artifactLocation"]["uri"] for one in found for place in one["locations"]
            if "physicalLocation" in place}  # fmt: skip
    assert "file:///else%20where/main.tf" in uris


def test_the_junit_fails_what_is_to_fail_and_skips_the_rest(tmp_path: Path) -> None:
    suite = ElementTree.fromstring(junit.render(report(tmp_path)))[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": "6",
        "failures": "3",
        "skipped": "3",
        "errors": "0",
    }
    assert sorted(str(one.get("type")) for one in suite.iter("failure")) == ["critical", "critical", "high"]
    assert {one.get("message") for one in suite.iter("skipped")} == {
        "medium: lifecycle rule `<b>&\ufffd[31m[red]`x`` has neither a filter nor a prefix",
        "cannot be told: whether it may be read",
        "cannot be told: no regular file",
    }


def test_the_junit_has_a_case_for_each_rule_that_found_nothing(tmp_path: Path) -> None:
    made = report(tmp_path)
    suite = ElementTree.fromstring(junit.render(Report(made.result, made.rules, ())))[0]
    names = [one.get("name") for one in suite if not len(one)]
    assert names == ["backend-expression", "s3-lifecycle-filter"]


def test_the_markdown_has_a_section_for_each_finding(tmp_path: Path) -> None:
    said = markdown.render(report(tmp_path))
    assert said.count("\n## ") == 4 + 1
    for heading in ("What is there", "Fix", "Root cause", "Deployment impact", "Reference"):
        assert f"\n### {heading}\n" in said
    assert "- Impact level: **critical**\n- Rule: `backend-expression`\n- Where: `in fra/main.tf:3:14`" in said
    assert "```hcl\nrule {\n  id = " in said
    assert "```diff\n--- a/in fra/main.tf\n" in said
    assert "| cannot be told | 2 |" in said
    assert "\x1b" not in said


def about(message: str, fix: str = "f", subject: str = "s3://acme") -> Report:
    """Return a report with one finding that has no place."""
    one = Finding(
        "account-x", Severity.HIGH, message, None, subject, "w *a*", Stage.RUN, fix, "https://example.com/"
    )
    unknown = Undecided("account-x", None, "table *b*", "whether <i> may")
    return Report(Result((one,), (unknown,), (), {}, 0), (), (one,))


def test_the_markdown_shows_every_character_as_it_is() -> None:
    fix = '{"Action": ["s3:Get*", "s3:Put*"], "Resource": "arn:aws:s3:::a/<b>/_c_"} or `write **` [x](y)'
    said = MarkdownIt("commonmark").render(markdown.render(about("no `*` of __a_b__ \\*", fix)))
    assert "<h2>1. s3://acme: no <code>*</code> of __a_b__ \\*</h2>" in said
    shown = escape(fix).replace("&#x27;", "'").replace("`write **`", "<code>write **</code>")
    assert f"<p>{shown}</p>" in said
    assert "<p>w *a*</p>" in said
    assert "table *b*: whether &lt;i&gt; may" in said


def test_a_name_with_a_backtick_is_shown_as_code() -> None:
    said = MarkdownIt("commonmark").render(markdown.render(about("m", subject="a`b")))
    assert "What: <code>a`b</code>" in said


def test_a_finding_without_a_place_says_what_it_is_about() -> None:
    made = about("versioning is suspended")
    assert "## 1. s3://acme: versioning is suspended\n" in markdown.render(made)
    assert results(made)[0]["message"]["text"].startswith("s3://acme: versioning is suspended. ")


def test_every_result_of_the_sarif_has_a_file_and_a_line_or_code_hosts_refuse_all_of_them(tmp_path: Path) -> None:
    made = report(tmp_path)
    found = results(made)
    places = [place["physicalLocation"] for one in found for place in one["locations"]]
    assert len(places) == len(found) == 8
    assert all(one["region"]["startLine"] >= 1 for one in places)
    account = [one for one in found if one["ruleId"] == "account-quota"]
    assert [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in account] == [
        "conf/docferry.toml",
        "conf/docferry.toml",
    ]


def test_what_cannot_be_told_of_a_directory_is_placed_there_and_names_it() -> None:
    unknown = tuple(Undecided("syntax-error", None, one, "what is in this directory") for one in ("sub", "."))
    found = results(Report(Result((), unknown, (), {}, 0), (), (), prefix="infra/"))
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in found]
    assert uris == ["infra/sub", "infra"]
    assert found[0]["message"]["text"] == "cannot be told: sub: what is in this directory"


def test_on_a_terminal_lines_are_broken_between_words_and_stay_indented() -> None:
    why = (
        "`terraform init` reads the backend before anything else and refuses it: variables are not allowed there."
    )
    url = "https://developer.hashicorp.com/terraform/language/backend#define-a-backend-block-and-what-is-in-it"
    place = Place("infra/main.tf", 10, 20)
    one = Finding("backend-expression", Severity.HIGH, "m", place, "backend.s3", why, Stage.INIT, why, url)
    unknown = Undecided("backend-no-lock", place, "backend.s3", "whether -backend-config gives a lock to it")
    made = Report(Result((one,), (unknown,), (), {}, 1), (), (one,))
    narrow = shown(made, force_terminal=True, color_system=None, width=60)
    assert "    fails at init: `terraform init` reads the backend before\n    anything else and refuses" in narrow
    assert f"\n    {url}\n" in narrow
    assert "backend-no-lock  backend.s3:\n    whether -backend-config" in narrow
    assert max(len(line) for line in narrow.splitlines() if "https" not in line) <= 60
    wide = shown(made, force_terminal=True, color_system=None, width=300)
    assert max(len(line) for line in wide.splitlines()) <= 120
    assert f"    fails at init: {why}\n    fix: {why}\n" in shown(made, width=60)


def test_a_command_that_mends_an_account_is_never_broken() -> None:
    command = "aws dynamodb update-table --table-name acme-records --stream-specification StreamEnabled=true"
    said = shown(about("m", command), force_terminal=True, color_system=None, width=60)
    assert f"\n    fix: {command}\n" in said
