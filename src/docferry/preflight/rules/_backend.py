"""What rules on backends and their credentials share."""

import re
from collections.abc import Iterator

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context

CLOUD = "cloud"
"""The block in `terraform` that stands for a backend."""
S3_PAGE = "https://developer.hashicorp.com/terraform/language/backend/s3"

_IDENTIFYING = ("bucket", "key")
_CONFIG_FILES = (
    "*.tfbackend",
    *(f"*backend*{between}.{kind}" for between in ("", "/*") for kind in ("hcl", "tfvars", "conf")),
)
_ACCESS_KEY = re.compile(r"(AKIA|ASIA)[A-Z2-7]{16}")
_SECRET_KEY = re.compile(r"[A-Za-z0-9/+]{40}")
_PLACEHOLDERS = ("anything", "dummy", "fake", "foo", "bar", "local", "localstack", "mock", "none", "test", "x")
_PLACEHOLDER = re.compile(
    rf"({'|'.join(_PLACEHOLDERS)})?([-_]?(access|secret|key|id|token))*|<[^<>]*>", re.IGNORECASE
)


def backends(module: Module, kind: str = "") -> Iterator[Block]:
    """Give the backend blocks of a kind, or all. A module that others call has none that counts."""
    if not module.callers:
        for terraform in module.of("terraform"):
            yield from (one for one in terraform.blocks("backend") if kind in ("", one.name))


def is_partial(backend: Block) -> bool:
    """Whether something else must come with -backend-config, so that more may come with it."""
    return any(backend.value(name) is None for name in _IDENTIFYING)


def config_files_with(context: Context, module: Module, *names: str) -> list[str]:
    """Return the files for -backend-config, below a module's directory, that set one of these arguments."""
    below = "" if module.directory == "." else f"{module.directory}/"
    pattern = re.compile(rf"^\s*({'|'.join(names)})\s*=", re.MULTILINE)
    found = {path for one in _CONFIG_FILES for path in context.tree.files(one) if path.startswith(below)}
    return sorted(path for path in found if pattern.search(context.tree.text(path) or ""))


def is_aws_secret(value: str) -> bool:
    """Whether a text has the form of an access key or a secret key of AWS."""
    return bool(_ACCESS_KEY.fullmatch(value) or (_SECRET_KEY.fullmatch(value) and not value.isalpha()))


def credentials(block: Block, names: tuple[str, ...]) -> list[tuple[Attribute, str]]:
    """Return the arguments that hold a secret, with it; placeholders for an emulator are none.

    Only what is written as a text counts: what comes from a variable does so where it looks like a key of AWS.
    """
    found = []
    for name in names:
        attribute = block.attribute(name)
        value = attribute.value if attribute else None
        if attribute and isinstance(value, str) and _is_secret(value, assumed=attribute.expression.assumed):
            found.append((attribute, value))
    return found


def _is_secret(value: str, *, assumed: bool) -> bool:
    return is_aws_secret(value) or not (assumed or _PLACEHOLDER.fullmatch(value))
