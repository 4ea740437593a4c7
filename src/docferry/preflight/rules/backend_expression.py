"""A backend block takes literal values only."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import CLOUD
from docferry.preflight.rules._opentofu import may_be_opentofu

_EARLY = ("local.", "path.", "terraform.", "var.")
"""What OpenTofu knows, from version 1.8 on, when it reads a backend; functions of these too."""


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for what is computed in backend blocks, and in `cloud` blocks, which stand for one."""
    blocks = (one for terraform in module.of("terraform") for one in terraform.children)
    for backend in (one for one in blocks if one.type in ("backend", CLOUD)):
        # In JSON the attributes of a block hold its blocks already.
        for block in (backend,) if backend.in_json else backend.walk():
            for attribute in block.attributes.values():
                what = _computed_from(attribute.expression)
                if what and may_be_opentofu(module, context.tree) and _is_known_early(attribute.expression):
                    yield RULE.undecided(attribute, _TOFU, subject=_subject(backend))
                elif what:
                    yield _outcome(module, backend, block, attribute, what)


def _is_known_early(expression: Expression) -> bool:
    return all(str(one).startswith(_EARLY) for one in expression.references)


def _subject(backend: Block) -> str:
    return CLOUD if backend.type == CLOUD else f"backend.{backend.name}"


def _outcome(module: Module, backend: Block, block: Block, attribute: Attribute, what: str) -> Outcome:
    subject = _subject(backend)
    if module.callers:
        # Terraform only warns of a backend in what another directory calls, and does not read it.
        return RULE.undecided(attribute, "whether this directory is ever deployed by itself", subject=subject)
    which = "the `cloud` block" if backend.type == CLOUD else "the backend"
    said = f"`{attribute.name}` of {which} is computed from `{what}`"
    return RULE.finding(
        at=attribute.expression,
        subject=subject,
        message=f"{said}, which JSON takes as a text" if backend.in_json else said,
        fix=f"Write the value itself, or leave {_passed(backend, block, attribute)}.",
        why=_IN_JSON if backend.in_json else None,
    )


def _passed(backend: Block, block: Block, attribute: Attribute) -> str:
    if backend.type == CLOUD:
        variable = _VARIABLES.get(attribute.name, "what stands for it")
        return f"`{attribute.name}` out and set {variable} in the environment"
    if block is backend:
        return f'`{attribute.name}` out and pass it with `terraform init -backend-config="{attribute.name}=..."`'
    return f"the block `{block.type}` out and pass it in a file with `terraform init -backend-config=FILE`"


def _computed_from(expression: Expression) -> str:
    if expression.references:
        return str(expression.references[0])
    return f"{expression.functions[0]}()" if expression.functions else ""


_TOFU = "whether OpenTofu deploys this: it takes variables here, from version 1.8 on"
_VARIABLES = {
    "hostname": "TF_CLOUD_HOSTNAME",
    "name": "TF_WORKSPACE",
    "organization": "TF_CLOUD_ORGANIZATION",
    "project": "TF_CLOUD_PROJECT",
}
_IN_JSON = (
    "In JSON Terraform takes the texts of a backend as they stand, `${` and all, and does not say so: states that "
    "are meant to be apart are kept under one name, and a bucket of such a name cannot be."
)
RULE = Rule(
    id="backend-expression",
    title="Variables, locals, data sources or functions in a backend block",
    severity=Severity.CRITICAL,
    stage=Stage.INIT,
    why='`terraform init` reads the backend before anything else and refuses it: "Variables not allowed". '
    "`terraform validate` after `init -backend=false`, as pipelines run it, does not see this.",
    reference="https://developer.hashicorp.com/terraform/language/backend#define-a-backend-block",
    check=check,
)
