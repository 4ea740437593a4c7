"""Files named override.tf or *_override.tf: they change blocks of the others, as Terraform merges them."""

from dataclasses import replace

from docferry.preflight.hcl.block import Block

_SINGLE = ("terraform", "locals")
_STATE = ("backend", "cloud")


def is_override(path: str) -> bool:
    """Whether a file changes what others declare, going by its name."""
    stem = path.rpartition("/")[2].removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def merged(blocks: list[Block], overrides: list[Block]) -> tuple[Block, ...]:
    """Return the blocks with the overrides in them: attributes one by one, nested blocks all of a type at once."""
    result = list(blocks)
    for one in overrides:
        at = next((i for i, block in enumerate(result) if _same(block, one)), None)
        if one.type == "terraform" and any(one.block(name) for name in _STATE):
            # There is one place for the state: that of the others is not even read.
            result = [_without_state(block) if block.type == "terraform" else block for block in result]
        if at is None or one.type in _SINGLE:
            result.append(one)
            continue
        block = result[at]
        replaced = {child.type for child in one.children}
        children = (*(child for child in block.children if child.type not in replaced), *one.children)
        result[at] = replace(block, attributes=block.attributes | one.attributes, children=children)
    return tuple(result)


def _without_state(block: Block) -> Block:
    return replace(block, children=tuple(child for child in block.children if child.type not in _STATE))


def _same(block: Block, override: Block) -> bool:
    if (block.type, block.labels) != (override.type, override.labels):
        return False
    return block.type != "provider" or block.value("alias") == override.value("alias")
