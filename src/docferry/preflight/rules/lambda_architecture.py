"""A function runs on the architecture that its code was built for."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Unknown, Value
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._code import archive_of, archived
from docferry.preflight.rules._lambda import FUNCTION, resource_of, text_of

DEFAULT = "x86_64"
LAYER = "aws_lambda_layer_version"
PACKAGE = ("filename", "s3_key", "image_uri")
_NAMES = {
    "arm64": re.compile(r"(?<![a-z0-9])(arm64(v8)?|aarch64)(?![a-z0-9])", re.IGNORECASE),
    "x86_64": re.compile(r"(?<![a-z0-9])(x86[_-]64|amd64|x64)(?![a-z0-9])", re.IGNORECASE),
}
_BUILT_FOR = re.compile(r"(?:--platform[ =]|GOARCH=|--target[ =])\S+")
_INTERPRETED = (".py", ".js", ".mjs", ".cjs", ".rb", ".json")


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for functions without an architecture, and for code or layers that are built for another one."""
    for function in module.resources(FUNCTION):
        runs_on = _runs_on(function)
        found = list(_mismatches(function, module, runs_on))
        yield from found
        if (
            not found
            and "architectures" not in function.attributes
            and not _interpreted(function, module, context)
        ):
            yield RULE.finding(
                at=function,
                message=f"no architecture is set: it is {DEFAULT}",
                fix=f'Write `architectures = ["{DEFAULT}"]`, or ["arm64"] if that is what the code is built for.',
                why="A package with compiled parts that is built on another machine fails when it is loaded.",
                severity=Severity.LOW,
            )


def _runs_on(function: Block) -> str | Unknown:
    value = function.value("architectures")
    if value is None:
        return DEFAULT
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    return UNKNOWN


def _mismatches(function: Block, module: Module, runs_on: str | Unknown) -> Iterator[Outcome]:
    set_to = function.attribute("architectures")
    for attribute, built_for, what in _built_for(function, module):
        if isinstance(runs_on, Unknown):
            yield RULE.undecided(at=function, what_is_unknown="the architecture of the function")
            return
        if built_for != runs_on:
            message = f"{what} is for {built_for}"
            yield _finding(set_to or attribute, message, runs_on, certain=not _assumed(set_to, attribute))
            break
    layers = function.attribute("layers")
    for place, value in _layers(layers) if layers and not isinstance(runs_on, Unknown) else ():
        fits = _fits_layer(value, module)
        if fits and runs_on not in fits:
            message = f"a layer is for {' and '.join(fits)}"
            yield _finding(place, message, str(runs_on), certain=not _assumed(set_to))


def _assumed(*attributes: Attribute | None) -> bool:
    return any(one is not None and one.expression.assumed for one in attributes)


def _finding(at: Placed, what: str, runs_on: str, *, certain: bool) -> Finding:
    return RULE.finding(
        at=at,
        message=f"{what}, but the function runs on {runs_on}",
        fix="Set `architectures` to what the code and its layers are built for, or take those of the other one.",
        certain=certain,
    )


def _built_for(function: Block, module: Module) -> Iterator[tuple[Attribute, str, str]]:
    """Give what the code is built for as far as names and commands say it, and where."""
    for name in PACKAGE:
        attribute = function.attribute(name)
        if attribute is None:
            continue
        architecture = _named_in(text_of(attribute.value))
        if architecture:
            yield attribute, architecture, f"`{name}`"
        for block in _makers(function, module):
            architecture = _named_in(" ".join(_BUILT_FOR.findall(_commands(block))))
            if architecture:
                yield attribute, architecture, f"what {block.address} builds"


def _named_in(text: str) -> str:
    found = [architecture for architecture, pattern in _NAMES.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else ""


def _makers(function: Block, module: Module) -> Iterator[Block]:
    """Give the blocks with commands that a function, or its archive, waits for."""
    archive = archive_of(function, module)
    for source in (function, archive):
        for reference in source.references if source else ():
            block = module.resolve(reference)
            if block is not None and block.blocks("provisioner"):
                yield block


def _commands(block: Block) -> str:
    return " ".join(text_of(one.value("command")) for one in block.blocks("provisioner"))


def _layers(attribute: Attribute) -> Iterator[tuple[Placed, Value]]:
    elements = attribute.expression.elements
    if elements is not None:
        yield from ((one, one.value) for one in elements)
    elif isinstance(attribute.value, list):
        yield from ((attribute, one) for one in attribute.value)


def _fits_layer(value: Value, module: Module) -> list[str]:
    """Return the architectures that a layer says it is for, or nothing."""
    layer = resource_of(value, module, LAYER) if isinstance(value, Reference) else None
    if layer is None:
        architecture = _named_in(text_of(value))
        return [architecture] if architecture else []
    fits = layer.value("compatible_architectures")
    return (
        [str(one) for one in fits] if isinstance(fits, list) and all(isinstance(one, str) for one in fits) else []
    )


def _interpreted(function: Block, module: Module, context: Context) -> bool:
    """Whether the package is known to hold nothing but sources that are the same for every machine."""
    archive = archive_of(function, module)
    if archive is None:
        return False
    written = archive.attribute("source_file")
    if written is not None:
        return text_of(written.value).endswith(_INTERPRETED)
    inline = archive.blocks("source")
    if inline:
        return all(text_of(one.value("filename")).endswith(_INTERPRETED) for one in inline)
    files = archived(archive, module, context.tree)
    return bool(files) and all(one.endswith(_INTERPRETED) for one in files)


RULE = Rule(
    id="lambda-architecture",
    title="Function without an architecture, or with code for another one",
    severity=Severity.HIGH,
    stage=Stage.RUN,
    why="The function is deployed and fails at its first call: what is compiled for one architecture cannot be "
    'loaded on the other ("exec format error", "invalid ELF header").',
    reference="https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html",
    check=check,
)
