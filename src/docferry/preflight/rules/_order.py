"""In which order Terraform makes things."""

from docferry.preflight.finding import Edit
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.expression import Expression
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


def waits_for(later: Block, missing: list[str]) -> tuple[Edit, ...]:
    """Return the edit that has a block wait for addresses, or nothing where that cannot be written."""
    if later.in_json:
        return ()
    written = later.attribute("depends_on")
    if written is None:
        return (later.inserted(f"depends_on = [{', '.join(missing)}]\n\n"),)
    elements = written.expression.elements
    if elements is None:
        return ()
    if not elements:
        return (written.expression.replaced(f"[{', '.join(missing)}]"),)
    last = elements[-1]
    return (last.replaced(f",{_before(last)}".join([last.text, *missing])),)


def _before(element: Expression) -> str:
    """Return what is before an element and is to be before the next: a new line, or a space."""
    start, after = element.source.line_range(element.place.line)
    margin = element.source.text(start, element.start)
    end = "\r\n" if element.source.data[start:after].endswith(b"\r\n") else "\n"
    return " " if margin.strip() else f"{end}{margin}"
