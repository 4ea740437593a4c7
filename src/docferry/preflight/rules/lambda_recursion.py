"""A function does not write to where it is called from."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value
from docferry.preflight.policy import Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._environment import KNOWN, code_of
from docferry.preflight.rules._lambda import QUEUE, function_of, resource_of
from docferry.preflight.rules._loops import BUCKET, TOPIC, Trigger, triggers
from docferry.preflight.rules._role_policies import Granted, granted_to, patterns_of
from docferry.preflight.tree import Tree

WRITES = {BUCKET: "s3:PutObject", TOPIC: "sns:Publish", QUEUE: "sqs:SendMessage"}
# What writes in the SDK for Python.
CALLS = {
    BUCKET: {"put_object", "upload_file", "upload_fileobj", "copy_from", "copy_object"}
    | {
        "create_multipart_upload",
        "initiate_multipart_upload",
        "generate_presigned_post",
    },
    TOPIC: {"publish", "publish_batch"},
    QUEUE: {"send_message", "send_message_batch", "send_messages"},
}
# Queues, dicts and files have methods of these names too, with other arguments.
_PUT_OR_COPY = re.compile(r"\.put\([^()]*\bBody\s*=|(?<!\bcopy)(?<!\bshutil)\.copy\(\s*(?!deep\b)[^\s)]")
_ARN = re.compile(r"arn:[a-z-]+:s3:::([^/]+)(?:/(.*))?")


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for functions that a bucket, a topic or a queue calls and that may write to it."""
    meant = [
        function_of(one.value("function_name"), module)
        for one in module.resources("aws_lambda_function_recursion_config")
        if one.value("recursive_loop") != "Terminate"
    ]
    for trigger in triggers(module):
        if trigger.function in meant:
            continue
        lets = _lets_write(trigger, granted_to(trigger.function, module), module)
        if lets is not None:
            yield from _outcomes(trigger, lets, _writes(trigger, module, context.tree))


def _outcomes(trigger: Trigger, lets: Statement | Unknown, writes: bool | None) -> Iterator[Outcome]:
    source, function = trigger.source.address, trigger.function.address
    if writes is False:
        return
    if not isinstance(lets, Unknown):
        yield RULE.finding(
            at=trigger.at,
            message=f"{source} calls {function}, which may write to it ({lets.place.file}:{lets.place.line})",
            fix=_fix(trigger),
            severity=_severity(trigger, lets, seen=writes is True),
        )
    elif trigger.source.labels[0] == BUCKET:
        # Of a queue's reader that may do something with queues, the same would say too little.
        yield RULE.undecided(
            at=trigger.at, what_is_unknown=f"whether {function} writes to {source}, which calls it"
        )


def _fix(trigger: Trigger) -> str:
    if trigger.source.labels[0] == BUCKET:
        return "Write to another bucket, or keep prefixes apart: one in the notification, another in the policy."
    return "Write to another one; if the loop is meant, set `recursive_loop` to Allow and see to it that it ends."


def _severity(trigger: Trigger, lets: Statement, *, seen: bool) -> Severity:
    """Return critical where the code writes, less if it is not seen, if it may write everywhere, and for queues.

    Of queues Lambda breaks the loop.
    """
    anywhere = isinstance(lets.resources, tuple) and "*" in lets.resources
    if anywhere or trigger.source.labels[0] == QUEUE:
        return Severity.HIGH if seen else Severity.MEDIUM
    return Severity.CRITICAL if seen else Severity.HIGH


def _writes(trigger: Trigger, module: Module, tree: Tree) -> bool | None:
    """Return whether the function's code calls what writes, None if it is not found or not known well enough."""
    code = code_of(trigger.function, module, tree)
    if code is None:
        return None
    texts = [code.package.text(path, tree) for path in code.parts]
    words = {word for one in texts for word in re.findall(r"\w+", one)}
    kind = trigger.source.labels[0]
    if words & CALLS[kind] or (kind == BUCKET and any(_PUT_OR_COPY.search(one) for one in texts)):
        return True
    # Code that imports nothing else calls the SDK itself where it writes.
    return False if code.imports <= KNOWN else None


def _lets_write(trigger: Trigger, granted: Granted, module: Module) -> Statement | Unknown | None:
    """Return the statement that lets a function write to what calls it, UNKNOWN if there may be one."""
    found: Unknown | None = None if granted.complete else UNKNOWN
    doubtful = granted.shared or trigger.filtered or any(not one.allows for one in granted.statements)
    for statement in (one for one in granted.statements if one.allows):
        patterns = patterns_of(statement, WRITES[trigger.source.labels[0]])
        reaches = _reaches(statement, trigger, module)
        if patterns == () or reaches is False:
            continue
        sure = isinstance(patterns, tuple) and any(_is_meant(one, trigger) for one in patterns)
        elsewhere = reaches and any(_is_elsewhere(one, trigger, module) for one in _listed(statement))
        if reaches and sure and not (doubtful or elsewhere) and statement.conditions == ():
            return statement
        found = UNKNOWN
    return found


def _is_meant(pattern: str, trigger: Trigger) -> bool:
    """Whether an action is there to write: who may do all with a queue often means to read it."""
    return pattern != "*" and (trigger.source.labels[0] == BUCKET or not pattern.endswith(":*"))


def _reaches(statement: Statement, trigger: Trigger, module: Module) -> bool | None:
    if isinstance(statement.resources, Unknown) or statement.not_resources:
        return None
    fits = _fits_object if trigger.source.labels[0] == BUCKET else _fits_source
    found = [fits(one, trigger, module) for one in statement.resources]
    return True if True in found else None if None in found else False


def _listed(statement: Statement) -> tuple[Value, ...]:
    return told(statement.resources)


def _is_elsewhere(resource: Value, trigger: Trigger, module: Module) -> bool:
    """Whether it is another place to write to: then the list does not say which one it writes to."""
    kind = trigger.source.labels[0]
    if kind == BUCKET:
        held = _bucket_and_key(resource, module)
        return held is not None and held[1] != "" and _fits_object(resource, trigger, module) is False
    block = module.resolve(resource) if isinstance(resource, Reference) else None
    return block is not None and block is not trigger.source and block.labels[0] == kind


def _fits_source(resource: Value, trigger: Trigger, module: Module) -> bool | None:
    """Return whether a topic or a queue is meant by an ARN in a policy."""
    block = module.resolve(resource) if isinstance(resource, Reference) else None
    if block is not None:
        return block is trigger.source
    name = trigger.source.value("name")
    if isinstance(resource, str) and "*" not in resource and isinstance(name, str):
        return resource.rsplit(":", 1)[-1] == name
    return None


def _fits_object(resource: Value, trigger: Trigger, module: Module) -> bool | None:
    """Return whether objects that an ARN in a policy means are among those that call the function."""
    if resource == "*":
        return _overlaps("*", trigger)
    if isinstance(resource, Reference):
        # The bucket itself, which is no object.
        return False if module.resolve(resource) is not None else None
    held = _bucket_and_key(resource, module)
    if held is None:
        return None
    bucket, key = held
    if isinstance(bucket, Block):
        return _overlaps(key, trigger) if bucket is trigger.source else False
    name = trigger.source.value("bucket")
    if "*" in bucket or not isinstance(name, str):
        return None
    return _overlaps(key, trigger) if bucket == name else False


def _bucket_and_key(resource: Value, module: Module) -> tuple[Block | str, str] | None:
    if isinstance(resource, str):
        found = _ARN.fullmatch(resource)
        return (found[1], found[2] or "") if found else None
    if not isinstance(resource, Template):
        return None
    before = "".join(str(one) for one in resource.parts[:1] if isinstance(one, str))
    if before and not re.fullmatch(r"arn:[a-z-]+:s3:::", before):
        return None
    held, *rest = resource.parts[1:] if before else resource.parts
    bucket = resource_of(held, module, BUCKET)
    if bucket is None or len(rest) > 1 or not all(isinstance(one, str) and one.startswith("/") for one in rest):
        return None
    return bucket, str(rest[0])[1:] if rest else ""


def _overlaps(pattern: str, trigger: Trigger) -> bool | None:
    """Return whether keys of a pattern surely are among those of the trigger; None if some may be."""
    if not pattern:
        return False
    start, tail = re.split(r"[*?]", pattern)[0], re.split(r"[*?]", pattern)[-1]
    prefix, suffix = trigger.prefix, trigger.suffix
    if prefix is None or suffix is None:
        return None
    within = start.startswith(prefix)
    if not within:
        return None if start != pattern and prefix.startswith(start) else False
    if not suffix or tail.endswith(suffix):
        return True
    return None if start != pattern and suffix.endswith(tail) else False


RULE = Rule(
    id="lambda-recursion",
    title="Function that may write to where it is called from",
    severity=Severity.CRITICAL,
    stage=Stage.RUN,
    why="What it writes calls it again, and so on: each round costs, and the account's concurrency is used up. "
    "Lambda breaks some of these loops after about 16 rounds, and then the event is lost.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
    check=check,
)
