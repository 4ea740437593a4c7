"""In which order Terraform makes things."""

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module


def is_after(later: Block, earlier: Block, module: Module) -> bool:
    """Whether a block refers to another one, be it through others."""
    seen: set[str] = set()
    waiting = [earlier]
    while waiting:
        for one in module.referrers(waiting.pop()):
            if one is later:
                return True
            if one.labels and one.address not in seen:
                seen.add(one.address)
                waiting.append(one)
    return False
