"""Checks a directory: reads its modules, runs the rules on each, and sorts what they say."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from docferry.domain.errors import InvalidInput
from docferry.preflight import ignore
from docferry.preflight.finding import Finding, Outcome, Severity, Stage, Undecided, order
from docferry.preflight.hcl.load import Loaded, Unreadable, directories, load
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.source import Source
from docferry.preflight.link import families, link
from docferry.preflight.rule import Context, Rule
from docferry.preflight.same_file import first_paths, lent, told_once
from docferry.preflight.tree import Tree

SYNTAX_ERROR = "syntax-error"
DEFECT = "whether it holds: the check itself failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, in order. `sources` are the files that findings are in, by path."""

    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    ignored: tuple[Finding, ...]
    sources: Mapping[str, Source]
    files: int


def run(root: Path, context: Context, rules: Iterable[Rule], elsewhere: Iterable[Outcome] = ()) -> Result:
    """Check every directory below one; `elsewhere` is what other checks found, such as an account's.

    Raises InvalidInput if there is no such directory, or no configuration in it that can be read.
    """
    refused: list[OSError] = []
    found = _found(root, refused)
    first, apart = first_paths(root, found), lent(root, found)
    context = replace(context, tree=Tree(root))
    active = [one for one in rules if one.id not in context.config.disable]
    outcomes: list[Outcome] = [*elsewhere, *(_not_listed(root, one) for one in refused)]
    ignored: list[Finding] = []
    sources: dict[str, Source] = {}
    unread: list[Unreadable] = []
    for family in families(root, found):
        for one in _loaded(root, family, apart):
            unread += (each for each in one.unreadable if not each.broken)
            said = [*_unreadable(one), *_checked(one.module, context, active)]
            kept = ignore.apply(said, one.module.sources, context.config.disable)
            outcomes += (told_once(each, first) for each in kept.outcomes)
            ignored += (
                each for each in (told_once(each, first) for each in kept.ignored) if isinstance(each, Finding)
            )
            used = {each.place.file for each in (*kept.outcomes, *kept.ignored) if each.place}
            sources |= {first.get(each.path, each.path): each for each in one.module.sources if each.path in used}
    _refuse_if_nothing_is_read(root, found, unread)
    outcomes = sorted(dict.fromkeys(outcomes), key=order)
    for place in (one.place for one in outcomes):
        source = context.tree.source(place.file) if place and place.file not in sources else None
        sources |= {source.path: source} if source else {}
    return Result(
        tuple(one for one in outcomes if isinstance(one, Finding)),
        tuple(one for one in outcomes if isinstance(one, Undecided)),
        tuple(sorted(dict.fromkeys(ignored), key=order)),
        sources,
        sum(len(names) for _, names in found) - len(first),
    )


def _found(root: Path, refused: list[OSError]) -> list[tuple[str, list[str]]]:
    if not root.is_dir():
        raise InvalidInput(f"{root} is no directory", hint="name one that holds .tf files")
    found = list(directories(root, refused.append))
    if not found and refused:
        said = f"{_below(root, refused[0])} may not be listed ({refused[0].strerror})"
        raise InvalidInput(
            f"there is no .tf or .tf.json file below {root} that can be seen: {said}",
            hint="mend that and run it again",
        )
    if not found:
        raise InvalidInput(f"there is no .tf or .tf.json file below {root}", hint="name a directory with some")
    return found


def _refuse_if_nothing_is_read(
    root: Path, found: Iterable[tuple[str, list[str]]], unread: Sequence[Unreadable]
) -> None:
    """Raise InvalidInput rather than report nothing: no finding in what was not read says nothing."""
    if unread and len(unread) == sum(len(names) for _, names in found):
        first = unread[0]
        said = f"no .tf or .tf.json file below {root} can be read, the first for this: "
        raise InvalidInput(f"{said}{first.place.file}: {first.message}", hint="mend that and run it again")


def _not_listed(root: Path, error: OSError) -> Undecided:
    return Undecided(SYNTAX_ERROR, None, _below(root, error), f"what is in this directory: {error.strerror}")


def _below(root: Path, error: OSError) -> str:
    return Path(str(error.filename)).relative_to(root).as_posix()


def _loaded(root: Path, family: Iterable[tuple[str, list[str]]], apart: Container[str]) -> list[Loaded]:
    loaded = [load(root, directory, names, alone=directory not in apart) for directory, names in family]
    link({one.module.directory: one.module for one in loaded})
    return loaded


def _checked(module: Module, context: Context, rules: Iterable[Rule]) -> Iterator[Outcome]:
    for rule in rules:
        try:
            yield from list(rule.check(module, context))
        except Exception as error:
            # One rule's defect must not hide what the others find, nor pass for an ok.
            said = " ".join(f"{DEFECT} ({type(error).__name__}: {error})".split())
            yield Undecided(rule.id, None, module.directory, said)


def _unreadable(loaded: Loaded) -> Iterator[Outcome]:
    for one in loaded.unreadable:
        yield _broken(one) if one.broken else Undecided(SYNTAX_ERROR, one.place, one.place.file, one.message)


def _broken(one: Unreadable) -> Finding:
    return Finding(
        SYNTAX_ERROR,
        Severity.CRITICAL,
        one.message,
        one.place,
        one.place.file,
        "Terraform reads all files of a directory or none: not even `terraform init` goes on. "
        "Nothing else was checked in this file.",
        Stage.INIT,
        "Mend the file; `terraform fmt` says the same.",
        "https://developer.hashicorp.com/terraform/language/syntax/configuration",
    )
