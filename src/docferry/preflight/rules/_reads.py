"""Which environment variables a Python file reads."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from docferry.preflight.rules._python import (
    catches,
    constants,
    finds_out,
    imported,
    is_registered,
    last_name,
    returns,
    suppresses,
    target_of,
)

# These read variables whose names cannot be told here.
_READERS = ("dotenv", "decouple", "dynaconf", "environs", "pydantic_settings", "pydantic.BaseSettings")

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What is done with the value of a variable to find something out.
_FINDS_OUT = (ast.Attribute, ast.BoolOp, ast.Compare, ast.IfExp, ast.Subscript, ast.UnaryOp)
_ASK = (ast.BoolOp, ast.Compare, ast.If, ast.IfExp, ast.Match, ast.NamedExpr, ast.UnaryOp, ast.While)
# With None in place of these, boto3 finds out the value itself.
_BOTO_TAKES_NONE = ("endpoint_url", "region_name", "profile_name", "aws_session_token", "verify", "config")
# No function has that name: nothing says that it is run.
_PERHAPS = "?"


@dataclass(frozen=True, slots=True)
class Read:
    """One place where a variable is read. `default` is the expression used without it, empty if there is none.

    `needed` says that an error is raised where it is not set, `optional` that the code asks whether it is.
    `line` and `column` begin at 1. `within` names the class and the function that it is in; it is empty where the
    import of the file is enough, and ends with `?` where the environment decides whether it is read. `kept_as` is
    the name that the value gets.
    """

    name: str
    line: int
    column: int
    default: str
    needed: bool
    optional: bool
    within: tuple[str, ...] = ()
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a file reads and sets itself, what it imports, and whether it reads variables that cannot be told.

    `mentions` are the names that each function uses, and under `()` those that are used when the file is imported.
    Of `asked` the code finds out whether they are None, or gives them to what takes None.
    """

    reads: tuple[Read, ...]
    sets: frozenset[str]
    imports: tuple[str, ...]
    more: bool
    mentions: Mapping[tuple[str, ...], frozenset[str]]
    asked: frozenset[str]

    def may_be_none(self, read: Read) -> bool:
        """Whether the code is prepared for None in place of what is read, here or in another file."""
        return not read.needed and read.kept_as in self.asked


@lru_cache(maxsize=256)
def reads_of(text: str) -> Reads | None:
    """Return what a file reads, or None if it is no Python of this version."""
    try:
        with warnings.catch_warnings():
            # What is odd in it is no concern of the one who checks the configuration.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = _File(tree)
    try:
        found.visit()
    except RecursionError:
        return None
    reads = tuple(replace(one, optional=True) if one.name in found.tested else one for one in found.reads)
    mentions = {within: frozenset(names) for within, names in found.mentions.items()}
    asked = frozenset(found.asked - {""})
    return Reads(reads, frozenset(found.sets), found.imports, found.more, mentions, asked)


class _File:
    """Walks one file."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.reads: list[Read] = []
        self.sets: set[str] = set()
        self.tested: set[str] = set()
        self.asked: set[str] = set()
        self._nodes = list(ast.walk(tree))
        self.imports = tuple(imported(self._nodes))
        self.more = any(one == name or one.startswith(f"{name}.") for one in self.imports for name in _READERS)
        self._parents = {inner: node for node in self._nodes for inner in ast.iter_child_nodes(node)}
        self._constants = dict(constants(tree.body, self._nodes))
        self.mentions: dict[tuple[str, ...], set[str]] = {}
        self._modules: set[str] = set()
        self._environs: set[str] = set()
        self._getenvs: set[str] = set()
        for node in self._nodes:
            self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            self._modules |= {one.asname or one.name for one in node.names if one.name == "os"}
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            self._environs |= {one.asname or one.name for one in node.names if one.name == "environ"}
            self._getenvs |= {one.asname or one.name for one in node.names if one.name == "getenv"}

    def visit(self) -> None:
        """Look at the whole file."""
        renamed = {node.value for node in self._nodes if isinstance(node, ast.Assign) and self._renames(node)}
        asking = [node for node in self._nodes if self._is_asking(node)]
        self._found_out = {name for node in asking for name in self._kept_as(node)} - {""}
        self._within = dict(self._located())
        for node in self._nodes:
            self.mentions.setdefault(self._within[node], set()).update(self._mentioned(node))
            if self._is_asked(node):
                self.asked.add(last_name(node))
            if isinstance(node, ast.Call) and self._is_getenv(node.func):
                self._got(node)
            elif self._is_environ(node) and node not in renamed:
                self._used(node)

    def _is_asking(self, node: ast.AST) -> bool:
        return self._is_environ(node) or self._is_getenv(node)

    def _kept_as(self, node: ast.AST) -> Iterator[str]:
        """Give the names of what is found out from the environment: a variable's, or that of a function."""
        above = self._parents.get(node)
        while isinstance(above, _FINDS_OUT) or (isinstance(above, ast.Call) and finds_out(above, node)):
            node, above = above, self._parents.get(above)
        if isinstance(above, ast.Assign):
            yield from (last_name(one) for one in above.targets)
        elif isinstance(above, ast.AnnAssign | ast.NamedExpr):
            yield last_name(above.target)
        elif isinstance(above, ast.Return):
            yield from (one.name for one in self._around(above) if isinstance(one, _FUNCTIONS))

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self._parents:
            node = self._parents[node]
            yield node

    def _located(self) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
        """Give each node, with the names of the classes and of the outermost function whose call it waits for."""
        waiting: list[tuple[ast.AST, tuple[str, ...], tuple[str, ...]]] = [(self.tree, (), ())]
        while waiting:
            node, classes, within = waiting.pop()
            yield node, within
            inside, later = within, dict.fromkeys(self._left_open_in(node), (*within, _PERHAPS))
            if isinstance(node, ast.ClassDef):
                classes = (*classes, node.name)
            elif isinstance(node, _FUNCTIONS) and not within and not is_registered(node):
                inside = (*classes, node.name)
                later = {**dict.fromkeys(node.body, inside), **dict.fromkeys(later, (*inside, _PERHAPS))}
            waiting += [(one, classes, later.get(one, within)) for one in ast.iter_child_nodes(node)]

    def _left_open_in(self, node: ast.AST) -> Iterator[ast.AST]:
        """Give the parts of a node of which the environment decides whether they are run."""
        if isinstance(node, ast.If):
            # Lambda imports a file and does not start it.
            yield from node.body if self._asks(node.test) or "__main__" in ast.unparse(node.test) else ()
            yield from node.orelse if self._asks(node.test) else ()
        elif isinstance(node, ast.IfExp):
            yield from (node.body, node.orelse) if self._asks(node.test) else ()
        elif isinstance(node, _FUNCTIONS):
            body = iter(node.body)
            if any(isinstance(one, ast.If) and self._asks(one.test) and returns(one) for one in body):
                yield from body

    def _asks(self, test: ast.AST) -> bool:
        return any(self._is_asking(one) or last_name(one) in self._found_out for one in ast.walk(test))

    def _mentioned(self, node: ast.AST) -> set[str]:
        """Return the name that is used, or what one that is imported under another name was called."""
        if isinstance(node, ast.alias):
            return {node.name.rsplit(".", 1)[-1]} if node.asname else set()
        return {last_name(node)} - {""}

    def _renames(self, node: ast.Assign) -> bool:
        """Take note of another name for the environment."""
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Name) or not self._is_environ(node.value):
            return False
        self._environs.add(target.id)
        return True

    def _is_environ(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._environs and isinstance(node.ctx, ast.Load)
        return isinstance(node, ast.Attribute) and node.attr == "environ" and self._is_os(node.value)

    def _is_os(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in self._modules

    def _is_getenv(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._getenvs
        if not isinstance(node, ast.Attribute):
            return False
        return (node.attr == "getenv" and self._is_os(node.value)) or (
            node.attr == "get" and self._is_environ(node.value)
        )

    def _used(self, node: ast.AST) -> None:
        """Look at what is done with the environment itself."""
        above = self._parents.get(node)
        if isinstance(above, ast.Subscript):
            name = self._text(above.slice)
            if not isinstance(above.ctx, ast.Load):
                self.sets.add(name)
            elif name:
                self._add(above, name, "", True)
            self.more = self.more or not name
        elif isinstance(above, ast.Compare) and node in above.comparators:
            self.tested.add(self._text(above.left))
        elif isinstance(above, ast.Attribute) and above.attr in ("setdefault", "pop", "get", "update"):
            self._called(above)
        else:
            self.more = True

    def _called(self, method: ast.Attribute) -> None:
        call = self._parents.get(method)
        if method.attr == "get" or not isinstance(call, ast.Call):
            self.more = self.more or not isinstance(call, ast.Call)
            return
        if method.attr == "update":
            self.sets |= {one.arg for one in call.keywords if one.arg}
            keys = [key for one in call.args if isinstance(one, ast.Dict) for key in one.keys if key is not None]
            self.sets |= {self._text(one) for one in keys}
        elif call.args:
            self.sets.add(self._text(call.args[0]))

    def _got(self, call: ast.Call) -> None:
        name = self._text(call.args[0]) if call.args else ""
        if not name:
            self.more = True
            return
        given = [*call.args[1:2], *(one.value for one in call.keywords if one.arg == "default")]
        default = ast.unparse(given[0]) if given else ""
        # Who writes None as the default means it.
        self._add(call, name, "" if default == "None" else default, False, optional=default == "None")

    def _add(self, node: ast.expr, name: str, default: str, needed: bool, optional: bool = False) -> None:
        above = self._parents.get(node)
        if (
            isinstance(above, ast.BoolOp)
            and isinstance(above.op, ast.Or)
            and above.values[0] is node
            and not default
        ):
            default = ast.unparse(above.values[1])
        # What is returned the caller may ask about.
        asked = self._is_asked(node) or isinstance(above, ast.Return)
        optional = optional or self._is_caught(node) or (not needed and asked)
        kept_as = last_name(target_of(above)) if isinstance(above, ast.Assign | ast.AnnAssign) else ""
        within = self._within[node]
        self.reads.append(Read(name, node.lineno, node.col_offset + 1, default, needed, optional, within, kept_as))

    def _is_asked(self, node: ast.AST) -> bool:
        above = self._parents.get(node)
        if isinstance(above, _ASK):
            return True
        if isinstance(above, ast.keyword):
            return above.arg in _BOTO_TAKES_NONE
        return isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func.id == "bool"

    def _is_caught(self, node: ast.AST) -> bool:
        """Whether the code goes on without it."""
        below, above = node, self._parents.get(node)
        while above is not None:
            if isinstance(above, ast.Try) and below in above.body and any(catches(one) for one in above.handlers):
                return True
            if isinstance(above, ast.With) and any(suppresses(one.context_expr) for one in above.items):
                return True
            below, above = above, self._parents.get(above)
        return False

    def _text(self, node: ast.AST) -> str:
        """Return a name that is written out or is a constant of the file, or nothing."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return self._constants.get(node.id, "") if isinstance(node, ast.Name) else ""
