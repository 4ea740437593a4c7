"""What is reported, whatever the format."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from docferry.preflight.baseline import fingerprints
from docferry.preflight.finding import Finding, Outcome, Place, Severity, Stage
from docferry.preflight.fix import diff_of
from docferry.preflight.hcl.source import Source
from docferry.preflight.rule import Rule
from docferry.preflight.run import Result

SNIPPET_LINES = 12
CLOSING = ("}", "]", ")")
_SECRET = re.compile(
    r"secret|password|passwd|token|credential|(?:access|api|auth|encryption|private|signing|ssh)[_-]?key",
    re.IGNORECASE,
)
_IN_SECRET = ("secret", "passw", "token", "credential", "key")
_QUOTED = re.compile(r'(?<![\w-])([\w-]++)("?\s*+[=:]\s*+)"(?:[^"\\\n]|\\.)*"')
_HEREDOC = re.compile(
    r'(?<![\w-])([\w-]++)("?\s*+[=:]\s*+<<-?(\w+)\r?\n)(.*?)(?=^[ \t]*\3\b|\Z)', re.DOTALL | re.MULTILINE
)
_LINE = re.compile(r"\S[^\r\n]*")


@dataclass(frozen=True, eq=False)
class Report:
    """A result, the rules that were run, and what of it counts.

    `fresh` are findings that a baseline does not know, `known` those it does. `prefix` goes before the paths of
    files, so that they can be opened from where the command was given. `settings` is the file that names what is
    checked in an account.
    """

    result: Result
    rules: tuple[Rule, ...]
    fresh: tuple[Finding, ...]
    known: tuple[Finding, ...] = ()
    fail_on: Severity = Severity.HIGH
    prefix: str = ""
    version: str = ""
    disabled: Mapping[str, str] = field(default_factory=dict)
    settings: str = "docferry.toml"

    @property
    def failed(self) -> bool:
        """Whether something is as bad as what is to fail."""
        return any(one.severity.at_least(self.fail_on) for one in self.fresh)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many findings there are, by severity, the worst first."""
        counted = Counter(one.severity for one in self.fresh)
        return {severity.value: counted[severity] for severity in Severity}

    @cached_property
    def marks(self) -> dict[int, str]:
        """What each finding is known by, by its `id`."""
        found = (*self.result.findings, *self.result.ignored)
        return {id(one): mark for one, mark in zip(found, fingerprints(found, self.result.sources), strict=True)}

    def path(self, file: str) -> str:
        """Return a file's path as it is shown."""
        return f"{self.prefix}{file}"

    def where(self, place: Place | None) -> str:
        """Return a place as it is shown, or nothing."""
        return f"{self.path(place.file)}:{place.line}:{place.column}" if place else ""

    def diff(self, finding: Finding) -> str:
        """Return a unified diff of what a finding proposes, or nothing. It holds no secrets, like a snippet."""
        # Taken out of the file, not of the diff, which may begin in the middle of one.
        return diff_of(finding, self.result.sources, self.prefix, without_secrets)

    def snippet(self, place: Place | None) -> str:
        """Return the lines of a place and of what is nested there, the first few of them, or nothing.

        A report goes to more people than the files do: what is called a secret is not in it.
        """
        source = self.result.sources.get(place.file) if place else None
        if place is None or source is None:
            return ""
        text = without_secrets(source.data.decode("utf-8", "replace"))
        return "\n".join(_nested(Source(source.path, text.encode()), place.line))

    def summary(self) -> str:
        """Say in one line how much was found."""
        found = [f"{count} {name}" for name, count in self.counts.items() if count]
        others = (
            (len(self.result.undecided), "cannot be told"),
            (len(self.result.ignored), "ignored"),
            (len(self.known), "known from the baseline"),
        )
        said = [", ".join(found) or "no findings", *(f"{count} {what}" for count, what in others if count)]
        files = [_counted(self.result.files, "file")] if self.result.files else []
        checked = ", ".join((*files, _counted(len(self.rules), "rule")))
        return f"{'; '.join(said)} ({checked})"


@lru_cache(maxsize=2)
def without_secrets(text: str) -> str:
    """Return a file's text with as many lines, and without the values of what is called a secret."""
    # It is asked for each finding, with one text for all in a file, and most files have nothing of the kind.
    lowered = text.lower()
    if not any(one in lowered for one in _IN_SECRET):
        return text
    return _QUOTED.sub(_hidden, _HEREDOC.sub(_hidden_lines, text))


def _hidden(found: re.Match[str]) -> str:
    return f'{found[1]}{found[2]}"***"' if _SECRET.search(found[1]) else found[0]


def _hidden_lines(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{_LINE.sub('***', found[4])}" if _SECRET.search(found[1]) else found[0]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _nested(source: Source, first: int) -> Iterator[str]:
    """Give a line and those after it that are indented deeper, and the one that closes them."""
    opened = source.line(first)
    indent = len(opened) - len(opened.lstrip())
    yield opened[indent:]
    for number in range(first + 1, min(first + SNIPPET_LINES, source.lines + 1)):
        line = source.line(number)
        text = line.lstrip()
        depth = len(line) - len(text)
        deeper = not text or depth > indent
        if deeper or (depth == indent and text[:1] in CLOSING):
            yield line[indent:]
        if not deeper:
            return
    yield "..."


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, the worst first, else in their order."""
    return sorted(findings, key=lambda one: one.severity.rank)


def when(finding: Finding) -> str:
    """Say at which stage a finding fails, or may, or that it fails nothing."""
    if finding.stage is Stage.NEVER:
        return "fails nothing"
    verb = {Severity.MEDIUM: "may fail", Severity.LOW: "shows"}.get(finding.severity, "fails")
    return f"{verb} at {finding.stage.value}"


def headline(finding: Finding) -> str:
    """Return its message, and before it what it is about if it has no place to tell that."""
    return finding.message if finding.place or not finding.subject else f"{finding.subject}: {finding.message}"


def printable(text: str) -> str:
    """Return a text without what a terminal or XML would not take for text."""
    lines = text.replace("\r\n", "\n")
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in lines)


def rule_ids(outcomes: Iterable[Outcome]) -> set[str]:
    """Return the rules that outcomes are of."""
    return {one.rule for one in outcomes}
