"""What is referred to is found for a whole file at once, and is what each expression says by itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from docferry.preflight.hcl.expression import Expression, Scope
from docferry.preflight.hcl.load import directories, load
from docferry.preflight.hcl.value import Reference

INFRA = Path(__file__).parents[3] / "infra"
CORPUS = Path(__file__).parents[1] / "corpus"


def named(tmp_path: Path, written: str) -> tuple[Reference, ...]:
    (tmp_path / "main.tf").write_text(f"locals {{\n  a = {written}\n}}\n", encoding="utf-8")
    return expressions(tmp_path)[0].references


def expressions(root: Path) -> list[Expression]:
    modules = [load(root, directory, names).module for directory, names in directories(root)]
    blocks = [each for module in modules for block in module.blocks for each in block.walk()]
    return [one.expression for block in blocks for one in block.attributes.values()]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("var.a", [Reference(("var", "a"))]),
        ("b.z ? c.y : d.x", [Reference(("b", "z")), Reference(("c", "y")), Reference(("d", "x"))]),
        ('"${a.b}-${c.d}"', [Reference(("a", "b")), Reference(("c", "d"))]),
        ('a.b["k"].c', [Reference(("a", "b", "c"), indexed=True)]),
        ("a.b[var.k].c", [Reference(("a", "b", "c"), indexed=True), Reference(("var", "k"))]),
        ("a.b[*].c", [Reference(("a", "b", "c"), indexed=True, splat=True)]),
        ("a.b.*.c", [Reference(("a", "b", "c"), indexed=True, splat=True)]),
        ("(a.b /* or */ . c)", [Reference(("a", "b", "c"))]),
        ("[\n a\n  .b\n]", [Reference(("a", "b"))]),
        ("a.b/c.d", [Reference(("a", "b")), Reference(("c", "d"))]),
        ("max(a.b...)", [Reference(("a", "b"))]),
        ("a.größe", [Reference(("a", "größe"))]),
        ("a.b-c", [Reference(("a", "b-c"))]),
        ("[for x in var.y : x.id if z.id]", [Reference(("var", "y")), Reference(("z", "id"))]),
        ("{ for k, v in a.b : k.c => v.d }", [Reference(("a", "b"))]),
        ("[for x in a.b : x.id] == x.id", [Reference(("a", "b")), Reference(("x", "id"))]),
        ('"%{ for x in var.y }${x.id}%{ endfor }${x.z}"', [Reference(("var", "y")), Reference(("x", "z"))]),
        ("{ a = b, (c.d) = e.f }", [Reference(("c", "d")), Reference(("e", "f"))]),
        ("a", []),
        ('"a.b"', []),
        ("1.5", []),
    ],
)
def test_what_is_named_is_found_in_order(tmp_path: Path, written: str, found: list[Reference]) -> None:
    assert list(named(tmp_path, written)) == found


@pytest.mark.parametrize("root", [INFRA, CORPUS], ids=["infra", "corpus"])
def test_a_file_says_of_each_expression_what_that_says_by_itself(root: Path) -> None:
    checked = 0
    for one in expressions(root):
        assert one.references == replace(one, scope=Scope()).references, one.text
        checked += 1
    assert checked > 500
