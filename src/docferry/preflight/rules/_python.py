"""Questions to the syntax tree of a Python file."""

import ast
from collections.abc import Iterable, Iterator


def catches(handler: ast.ExceptHandler) -> bool:
    """Whether the code goes on where a key is missing."""
    if isinstance(handler.body[-1], ast.Raise):
        return False
    return handler.type is None or _is_for_missing(handler.type)


def suppresses(context: ast.expr) -> bool:
    """Whether what a `with` opens lets a missing key be."""
    is_so = isinstance(context, ast.Call) and last_name(context.func) == "suppress"
    return is_so and _is_for_missing(context)


def _is_for_missing(errors: ast.expr) -> bool:
    return any(name in ast.unparse(errors) for name in ("KeyError", "LookupError", "Exception"))


def last_name(node: ast.AST) -> str:
    """Return `c` of a.b.c, or nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def finds_out(call: ast.Call, inner: ast.AST) -> bool:
    """Whether it says something of the value: one of its own methods, or the value as another type."""
    return inner is call.func or last_name(call.func) in ("bool", "int", "str")


def target_of(assignment: ast.Assign | ast.AnnAssign) -> ast.expr:
    """Return what is assigned to, the first of several."""
    return assignment.targets[0] if isinstance(assignment, ast.Assign) else assignment.target


def returns(branch: ast.If) -> bool:
    """Whether a branch ends the function."""
    return isinstance(branch.body[-1], ast.Return)


def is_registered(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator such as `@app.get("/orders")` hands it on, so that nothing else has to name it."""
    return any(
        isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and any(isinstance(given, ast.Constant) and isinstance(given.value, str) for given in one.args[:1])
        for one in function.decorator_list
    )


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names of modules that may be imported: `.` for each level of a relative one."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base
            yield from (f"{base}{'' if base.endswith('.') else '.'}{one.name}" for one in node.names)


def constants(body: Iterable[ast.stmt], nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Give the texts that have a name at the top of a file, and nothing else that is called so."""
    names = [one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    names += [one.arg for one in nodes if isinstance(one, ast.arg)]
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            held = node.value
            if (
                isinstance(held, ast.Constant)
                and isinstance(held.value, str)
                and names.count(node.targets[0].id) == 1
            ):
                yield node.targets[0].id, held.value
