"""The report as JUnit XML: a case for each finding, and one for each rule that found nothing.

What is as bad as `--fail-on` is a failure; what is not, and what cannot be told, is skipped with a message.
"""

from xml.etree import ElementTree

from docferry.preflight.finding import Finding, Undecided
from docferry.preflight.report.report import Report, printable, rule_ids, when


def render(report: Report) -> str:
    """Return the report as JUnit XML."""
    failures = sum(one.severity.at_least(report.fail_on) for one in report.fresh)
    suite = ElementTree.Element("testsuite", name="docferry preflight", failures=str(failures), errors="0")
    for one in report.fresh:
        _finding(report, suite, one)
    for each in report.result.undecided:
        _undecided(report, suite, each)
    silent = {one.id for one in report.rules} - rule_ids((*report.fresh, *report.result.undecided))
    for name in sorted(silent):
        ElementTree.SubElement(suite, "testcase", classname="preflight", name=name, time="0")
    suite.set("tests", str(len(suite)))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(report: Report, suite: ElementTree.Element, one: Finding | Undecided) -> ElementTree.Element:
    where = report.where(one.place)
    name = " ".join(part for part in (one.rule, one.subject, where) if part)
    case = ElementTree.SubElement(suite, "testcase", classname="preflight", name=printable(name), time="0")
    if one.place:
        case.set("file", printable(report.path(one.place.file)))
        case.set("line", str(one.place.line))
    return case


def _finding(report: Report, suite: ElementTree.Element, one: Finding) -> None:
    case = _case(report, suite, one)
    if not one.severity.at_least(report.fail_on):
        ElementTree.SubElement(case, "skipped", message=printable(f"{one.severity.value}: {one.message}"))
        return
    failure = ElementTree.SubElement(case, "failure", type=one.severity.value, message=printable(one.message))
    lines = (f"{when(one)}: {one.why}", f"fix: {one.fix}", report.diff(one), one.reference)
    failure.text = printable("\n".join(line for line in lines if line))


def _undecided(report: Report, suite: ElementTree.Element, one: Undecided) -> None:
    case = _case(report, suite, one)
    ElementTree.SubElement(case, "skipped", message=printable(f"cannot be told: {one.what_is_unknown}"))
