"""Which bucket of a module a value means, and which resources are about it."""

import re
from dataclasses import dataclass

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value

BUCKET = "aws_s3_bucket"
_HOPS = 4
_INDEX = re.compile(r"\[[^\]]*\]")


def bucket_of(value: Value, module: Module) -> Block | None:
    """Return the bucket of a module that a name, an ARN or a reference means, or None if that cannot be told.

    A reference may name a resource that is about a bucket, such as its versioning.
    """
    for _ in range(_HOPS):
        if isinstance(value, str):
            value = value.rpartition(":::")[2]
        elif isinstance(value, Template) and _called(value, module) is None:
            value = _behind_an_arn(value)
        named = _called(value, module)
        if named is not None:
            return named
        block = module.resolve(value) if isinstance(value, Reference) else None
        if block is None or block.type != "resource":
            return None
        if block.labels[0] == BUCKET:
            return block
        if not block.labels[0].startswith(f"{BUCKET}_"):
            return None
        value = block.value("bucket")
    return None


def _behind_an_arn(value: Template) -> Value:
    """Return what stands for the name in a template such as `arn:aws:s3:::${aws_s3_bucket.a.id}`."""
    *before, last = value.parts
    return last if before and isinstance(last, Reference) and str(before[-1]).endswith(":::") else UNKNOWN


def _called(name: Value, module: Module) -> Block | None:
    """Return the bucket with a name, be it one that only its expression tells, such as `module.label.id`."""
    if not name or not _is_one(name):
        return None
    return next((one for one in module.resources(BUCKET) if one.value("bucket") == name), None)


def _is_one(name: Value) -> bool:
    # What is indexed may be another name each time.
    parts = name.parts if isinstance(name, Template) else (name,)
    return all(isinstance(one, str) or (isinstance(one, Reference) and not one.indexed) for one in parts)


def is_imported(bucket: Block, module: Module) -> bool:
    """Whether a bucket is there already, as it or something of it is imported: it may not be as new ones are."""
    return any(one.type == "import" for one in module.referrers(bucket))


@dataclass(frozen=True, slots=True)
class About:
    """The resources of a type that are about a bucket. `all_of_them` is False where there may be others."""

    blocks: tuple[Block, ...]
    all_of_them: bool


def about(bucket: Block, kind: str, module: Module) -> About:
    """Return the resources of a type that are about a bucket of a module."""
    blocks = module.resources(kind)
    found = tuple(one for one in blocks if bucket_of(one.value("bucket"), module) is bucket)
    others = [one.value("bucket") for one in blocks if one not in found]
    perhaps = any(_may_be(bucket, one, module) for one in others)
    return About(found, module.complete and not perhaps and not passed_on(bucket, module))


def same_one(one: Block, other: Block, bucket: Block) -> bool:
    """Whether two resources about a bucket are about the same one, where there are several of it."""
    return not bucket.repeated or _index_of(one) == _index_of(other)


def _index_of(block: Block) -> list[str]:
    return _INDEX.findall(block.attributes["bucket"].expression.text)


def passed_on(bucket: Block, module: Module) -> bool:
    """Whether another module is given a bucket, be it by its name: more may be set for it there."""
    given = ("module", "output") if module.callers else ("module",)
    if any(one.type in given for one in module.referrers(bucket)):
        return True
    name, calls = bucket.attribute("bucket"), module.of("module")
    if name is None or name.value is None:
        return False
    return any(_names(one, name) for call in calls for one in call.attributes.values())


def _names(argument: Attribute, name: Attribute) -> bool:
    """Whether an argument has the name of a bucket in it, as that is written or as what it comes to."""
    return name.expression.text in argument.expression.text or _holds(argument.value, name.value)


def _holds(value: Value, name: Value) -> bool:
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return (isinstance(value, str) and value == name) or any(_holds(one, name) for one in inner)


def _may_be(bucket: Block, value: Value, module: Module) -> bool:
    if bucket_of(value, module) is not None:
        return False
    if isinstance(value, Reference):
        block = module.resolve(value)
        return value == bucket.value("bucket") or (block is not None and block.type == "resource")
    return not (isinstance(value, str) and isinstance(bucket.value("bucket"), str))


@dataclass(frozen=True, slots=True)
class Versioning:
    """Whether a bucket keeps versions, what says so, and whether that hangs on a variable."""

    enabled: bool | Unknown
    at: Attribute | None = None

    @property
    def certain(self) -> bool:
        """Whether it hangs on no variable."""
        return self.at is None or not self.at.expression.assumed


def versioning(bucket: Block, module: Module) -> Versioning:
    """Tell whether a bucket of a module keeps versions. Object Lock turns that on by itself."""
    locked = bucket.value("object_lock_enabled")
    if locked not in (None, False, "false"):
        return Versioning(UNKNOWN if locked is UNKNOWN else True, bucket.attributes["object_lock_enabled"])
    if inline := bucket.block("object_lock_configuration"):
        return Versioning(UNKNOWN if inline.perhaps_absent else True)
    found = about(bucket, "aws_s3_bucket_versioning", module)
    said = [_said(one, "enabled", (True, "true")) for one in bucket.blocks("versioning")]
    for one in found.blocks:
        unsure = one.perhaps_absent and _how_many(one) != _how_many(bucket)
        inner = one.blocks("versioning_configuration")
        said += [_said(each, "status", ("Enabled",), unsure=unsure) for each in inner]
    for state in (True, UNKNOWN, False):
        if of_state := [one for one in said if one.enabled is state]:
            return of_state[0]
    return Versioning(False if found.all_of_them and not found.blocks else UNKNOWN)


def _how_many(block: Block) -> list[str]:
    return [block.attributes[one].expression.text for one in ("count", "for_each") if one in block.attributes]


def _said(block: Block, name: str, on: tuple[Value, ...], *, unsure: bool = False) -> Versioning:
    attribute = block.attribute(name)
    if attribute is None or attribute.value is UNKNOWN or block.dynamic or unsure:
        return Versioning(UNKNOWN, attribute)
    if not isinstance(attribute.value, bool | str):
        return Versioning(UNKNOWN, attribute)
    return Versioning(attribute.value in on, attribute)
