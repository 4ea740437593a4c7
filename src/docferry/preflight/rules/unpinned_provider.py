"""A configuration says which versions of its providers it works with."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Value
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._lock import locked
from docferry.preflight.rules._versions import required, requirements
from docferry.preflight.rules._whole import whole

_BUILT_IN = "terraform.io/builtin/"
_SUCH_AS = 'such as `version = "~> 5.100"`'


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for providers without a version, in what no other directory calls: there its caller's holds too."""
    if module.callers or not module.complete:
        return
    held = {one.source.rpartition("/")[2] for one in locked(module, context.tree)}
    for name, attribute in requirements(module).items():
        if not _has_version(attribute.value):
            yield RULE.finding(
                at=attribute,
                subject=name,
                message=f"provider `{name}` is required in any version",
                fix=f"Write its `version`, {_SUCH_AS if name == 'aws' else 'the one that it is deployed with'}.",
                severity=Severity.LOW if name in held else None,
            )
    for name, block in _undeclared(module).items():
        yield RULE.finding(
            at=block,
            subject=name,
            message=f"provider `{name}` is used, and not in `required_providers`",
            fix=f"Add it to `required_providers`, with its source and a version: "
            f'`{name} = {{ source = "hashicorp/{name}", version = "..." }}`.',
            severity=Severity.LOW if name in held else None,
        )


def _has_version(value: Value) -> bool:
    if not isinstance(value, dict):
        return value is not None
    source = value.get("source")
    return value.get("version") not in (None, "") or (isinstance(source, str) and source.startswith(_BUILT_IN))


def _undeclared(module: Module) -> dict[str, Block]:
    """Return the providers that are used and not required, each with the first block that uses it."""
    declared = required(module)
    if not declared and whole(module) is None:
        return {}
    found: dict[str, Block] = {}
    for block in (*module.of("provider"), *module.resources(), *module.data()):
        name = _provider(block)
        pinned = block.type == "provider" and "version" in block.attributes
        if name and name != "terraform" and name not in declared and not pinned:
            found.setdefault(name, block)
    return found


def _provider(block: Block) -> str:
    if block.type == "provider":
        return block.name
    given = block.attribute("provider")
    if given is None:
        return block.labels[0].partition("_")[0] if block.labels else ""
    # Its alias follows: `aws.target`. In quotes, as before Terraform 0.12, that may be a variable's value.
    name = given.expression.text.strip('"').partition(".")[0]
    return "" if "${" in name else name


RULE = Rule(
    id="unpinned-provider",
    title="Provider without a version",
    severity=Severity.MEDIUM,
    stage=Stage.INIT,
    why="`terraform init` installs the newest version there is, where no lock file says another: the next major "
    "one refuses arguments that this one takes, and does so in the pipeline first.",
    reference="https://developer.hashicorp.com/terraform/language/providers/requirements",
    check=check,
)
