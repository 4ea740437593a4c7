"""What rules on functions share."""

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Template, Value

FUNCTION = "aws_lambda_function"
ALIAS = "aws_lambda_alias"
QUEUE = "aws_sqs_queue"
MAPPING = "aws_lambda_event_source_mapping"


def whole(value: Value) -> int | None:
    """Return a whole number, also one that is written as a text, else None."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else None


def text_of(value: Value) -> str:
    """Return what is known of a text, its parts with a space between."""
    if isinstance(value, Template):
        return " ".join(one for one in value.parts if isinstance(one, str))
    return value if isinstance(value, str) else ""


def resource_of(value: Value, module: Module, *types: str) -> Block | None:
    """Return the resource of one of these types that a value refers to, or that its text begins with."""
    if isinstance(value, Template):
        value = next((one for one in value.parts if one), None)
    if not isinstance(value, Reference):
        return None
    block = module.resolve(value)
    fits = block is not None and block.type == "resource" and block.labels[0] in types
    return block if fits else None


def function_of(value: Value, module: Module) -> Block | None:
    """Return the function that a value names: by a reference to it or to an alias of it, or by its name."""
    found = resource_of(value, module, FUNCTION, ALIAS)
    if found is not None and found.labels[0] == ALIAS:
        return function_of(found.value("function_name"), module)
    if found is None and isinstance(value, str) and value:
        named = [one for one in module.resources(FUNCTION) if one.value("function_name") == value]
        return named[0] if len(named) == 1 else None
    return found
