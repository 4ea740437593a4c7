"""What a project asks of the checks: .docferry-preflight.toml in the checked directory."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docferry.domain.errors import InvalidInput

NAME = ".docferry-preflight.toml"
_ALWAYS = ("syntax-error", "ignore-unused", "ignore-without-reason")
"""They have a page as rules have, and are found by what reads the files."""
_KEYS = ("required_tags", "name_pattern", "disable")


@dataclass(frozen=True, slots=True)
class Config:
    """`disable` maps a rule's id to the reason why it is not run. `name_pattern` is a regular expression."""

    required_tags: tuple[str, ...] = ()
    name_pattern: str | None = None
    disable: Mapping[str, str] = field(default_factory=dict)


def load(directory: Path, given: Path | None, rules: tuple[str, ...]) -> Config:
    """Read the file that was given, else the directory's, else nothing. Raises InvalidInput, with what to do."""
    path = given or directory / NAME
    if given is None and not path.is_file():
        return Config()
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}", hint="name another with --config") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path} is no TOML: {error}", hint="mend it") from error
    return _Reading(path, held).config(rules)


@dataclass(frozen=True, slots=True)
class _Reading:
    path: Path
    held: dict[str, Any]

    def config(self, rules: tuple[str, ...]) -> Config:
        for key in self.held:
            if key not in _KEYS:
                raise self._wrong(key, "is no setting", f"there are {', '.join(_KEYS)}")
        return Config(self._tags(), self._pattern(), self._disabled(rules))

    def _tags(self) -> tuple[str, ...]:
        tags = self.held.get("required_tags", [])
        if not isinstance(tags, list) or not all(isinstance(one, str) and one for one in tags):
            raise self._wrong("required_tags", "is no list of names", 'write it as ["owner", "stage"]')
        return tuple(tags)

    def _pattern(self) -> str | None:
        pattern = self.held.get("name_pattern")
        if pattern is None:
            return None
        try:
            re.compile(pattern)
        except (TypeError, re.error) as error:
            raise self._wrong("name_pattern", f"is no regular expression: {error}", "mend it") from error
        return str(pattern)

    def _disabled(self, rules: tuple[str, ...]) -> dict[str, str]:
        disabled = self.held.get("disable", {})
        if not isinstance(disabled, dict):
            raise self._wrong("disable", "is no table", 'write [disable] and lines such as rule-id = "reason"')
        for rule, reason in disabled.items():
            if rule in _ALWAYS or rule.startswith("account-"):
                raise self._wrong(
                    f"disable.{rule}", "cannot be switched off", "let what is known be with --baseline"
                )
            if rule not in rules:
                raise self._wrong(f"disable.{rule}", "names no rule", "see docs/rules for their names")
            if not isinstance(reason, str) or not reason.strip():
                raise self._wrong(f"disable.{rule}", "has no reason", "write the reason as a text")
        return disabled

    def _wrong(self, key: str, what: str, hint: str) -> InvalidInput:
        return InvalidInput(f"{self.path}: {key} {what}", hint=hint)
