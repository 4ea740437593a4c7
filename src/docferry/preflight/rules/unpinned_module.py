"""A module from elsewhere has a version, for no lock file holds one."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule

_REGISTRY = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)?/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?")
_HOSTS = ("github.com/", "bitbucket.org/", "git@")
_REF = re.compile(r"[?&]ref=([^&]*)")
_BRANCHES = ("", "HEAD", "main", "master", "develop", "trunk")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for calls of modules of a registry without a version, and of git repositories without a reference."""
    for call in module.of("module"):
        source = call.value("source")
        if not isinstance(source, str) or source.startswith(("./", "../")):
            continue
        if source.startswith(("git::", *_HOSTS)):
            yield from _of_git(call, source)
        elif _REGISTRY.fullmatch(source) and call.value("version") is None:
            yield RULE.finding(
                at=call,
                message=f"the newest version of `{source}` is taken, whatever it is",
                fix='Write the `version`, such as `version = "~> 5.1"`.',
            )


def _of_git(call: Block, source: str) -> Iterator[Outcome]:
    found = _REF.search(source)
    if found and found[1] not in _BRANCHES:
        return
    what = f"branch `{found[1]}`" if found and found[1] else "the default branch"
    yield RULE.finding(
        at=call.attributes["source"],
        message=f"the module is taken from {what} of a repository, as it is at that moment",
        fix="Add `?ref=` with a tag or a commit to the source.",
    )


RULE = Rule(
    id="unpinned-module",
    title="Module without a version",
    severity=Severity.MEDIUM,
    stage=Stage.INIT,
    why="The lock file holds providers only. Every `terraform init` in a fresh directory takes the module as it "
    "is by then: two runs of one commit differ, and a major version may replace resources.",
    reference="https://developer.hashicorp.com/terraform/language/modules/sources",
    check=check,
)
