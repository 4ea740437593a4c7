"""The variables that a function in Python reads, and those that are set for it."""

import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression, Scope
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Unknown
from docferry.preflight.rules._code import Package, is_code, package_of
from docferry.preflight.rules._reads import Read, Reads, reads_of
from docferry.preflight.tree import Tree

_BY_AWS = ("AWS_", "LAMBDA_", "_LAMBDA_")
_BY_AWS_NAMES = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "SHLVL",
    "TZ",
    "PWD",
}
# What libraries, extensions of Lambda and Python itself read: nothing of it is in the function's own code.
_BY_LIBRARIES = (
    "AWS_", "BOTO_", "DATADOG_", "DD_", "DJANGO_", "DT_", "ELASTIC_", "FLASK_", "GOOGLE_", "HF_",
    "HTTPS_PROXY", "HTTP_PROXY", "LAMBDA_", "LC_", "LUMIGO_", "MPLCONFIGDIR", "NEW_RELIC_", "NO_PROXY",
    "NUMBA_", "OMP_", "OPENBLAS_", "ORACLE_", "OTEL_", "PARAMETERS_SECRETS_", "PG", "PIP_", "POWERTOOLS_",
    "PYTHON", "REQUESTS_CA_BUNDLE", "SECRETS_", "SENTRY_", "SSL_CERT_", "SSM_PARAMETER_STORE_", "TMPDIR",
    "TNS_ADMIN", "XDG_", "XRAY_",
)  # fmt: skip
# What does nothing for a project of itself: neither write for it nor read its variables.
KNOWN = {*sys.stdlib_module_names, "aws_lambda_powertools", "boto3", "botocore", "dateutil", "requests", "urllib3"}
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Code:
    """What the code of a function reads: a path and a place for each variable.

    `more` says that it may read others too, `sets` what it sets itself. `parts` are the files that it is made of.
    `entry` is what Lambda calls in the handler's file.
    """

    package: Package
    parts: dict[str, Reads]
    entry: str

    @property
    def more(self) -> bool:
        """Whether it reads variables whose names cannot be told."""
        return any(one.more for one in self.parts.values())

    def reads(self) -> Iterator[tuple[str, Read]]:
        """Give each place that is come to where a variable is read that the code does not set, with its file."""
        sets = {name for one in self.parts.values() for name in one.sets}
        run = self._run()
        for path, part in self.parts.items():
            for read in part.reads:
                if read.name not in sets and (path, read.within) in run:
                    asked = any(one.may_be_none(read) for one in self.parts.values())
                    yield path, replace(read, optional=read.optional or asked)

    def _run(self) -> set[tuple[str, tuple[str, ...]]]:
        """Return the functions that are named, in what is run, from the one on that Lambda calls.

        A file that several functions share reads what each of them needs.
        """
        entry = (self.package.handler, (self.entry,))
        waiting = {(path, within) for path, one in self.parts.items() for within in one.mentions}
        names: set[str] = set() if entry in waiting else {self.entry}
        run: set[tuple[str, tuple[str, ...]]] = set()
        found = waiting
        while found:
            found = {one for one in waiting if one == entry or _is_named(one[1], names)}
            waiting -= found
            run |= found
            names.update(name for path, within in found for name in self.parts[path].mentions[within])
        return run

    @property
    def imports(self) -> set[str]:
        """The first names of all that it imports from elsewhere."""
        names = {name.split(".")[0] for one in self.parts.values() for name in one.imports if name[:1] != "."}
        return {one for one in names if not self._is_own(posixpath.join(self.package.root, one))}

    def _is_own(self, stem: str) -> bool:
        return any(one == f"{stem}.py" or one.startswith(f"{stem}/") for one in self.package.files)


def _is_named(within: tuple[str, ...], names: set[str]) -> bool:
    # Python itself calls what is called as __init__ is.
    return all(one in names or (one.startswith("__") and one.endswith("__")) for one in within)


def code_of(function: Block, module: Module, tree: Tree) -> Code | None:
    """Return what the code of a function in Python reads, or None if it is not found or not understood."""
    package = package_of(function, module, tree)
    if package is None:
        return None
    files = set(package.files)
    parts: dict[str, Reads] = {}
    waiting = [package.handler]
    while waiting:
        path = waiting.pop()
        if path in parts:
            continue
        reads = reads_of(package.text(path, tree))
        if reads is None:
            return None
        parts[path] = reads
        waiting += [one for name in reads.imports for one in _files_of(name, path, package.root) if one in files]
    return Code(package, parts, str(function.value("handler")).rpartition(".")[2])


def _files_of(name: str, path: str, root: str) -> Iterator[str]:
    """Give where a module of a name may be, and the packages that it is in."""
    level = len(name) - len(name.lstrip("."))
    base = root
    if level:
        base = posixpath.dirname(path)
        for _ in range(level - 1):
            base = posixpath.dirname(base)
    parts = [one for one in name.lstrip(".").split(".") if one]
    for length in range(len(parts) + 1):
        stem = posixpath.join(base, *parts[:length])
        yield from (posixpath.join(stem, "__init__.py"), f"{stem}.py")


def is_python(function: Block) -> bool:
    """Whether a function's code may be Python in a zip file."""
    runtime = function.value("runtime")
    return runtime is UNKNOWN or (isinstance(runtime, str) and runtime.startswith("python"))


def set_for(function: Block) -> set[str] | Unknown:
    """Return the names of the variables that are set for a function."""
    blocks = function.blocks("environment")
    if any(one.dynamic for one in blocks) or function.ignores("environment"):
        return UNKNOWN
    variables = blocks[0].value("variables") if blocks else None
    if variables is None:
        return set()
    return set(variables) if isinstance(variables, dict) else UNKNOWN


def hangs_on_a_variable(expression: Expression, scope: Scope) -> bool:
    """Whether the names in a map, and not only their values, may differ at deployment."""
    if expression.items is not None:
        return False
    name, given = expression.call or ("", [])
    if name == "merge":
        return any(hangs_on_a_variable(one, scope) for one in given)
    behind = scope.local_values.get(expression.text.removeprefix("local."))
    return expression.assumed if behind is None else hangs_on_a_variable(behind, scope)


def variables_of(function: Block) -> Attribute | None:
    """Return the argument that sets variables."""
    block = function.block("environment")
    return block.attribute("variables") if block else None


def set_by_aws(name: str) -> bool:
    """Whether Lambda sets a variable itself; the account's number it does not."""
    return name != "AWS_ACCOUNT_ID" and (name.startswith(_BY_AWS) or name in _BY_AWS_NAMES)


def read_by_libraries(name: str, code: Code) -> bool:
    """Whether a variable may be there for a library, an extension or Python itself."""
    if set_by_aws(name) or name.upper().startswith(_BY_LIBRARIES):
        return True
    if name == "LOG_LEVEL":
        return "aws_lambda_powertools" in code.imports
    first = name.split("_", maxsplit=1)[0].lower()
    return any(one.lower().startswith(first) for one in code.imports if one not in ("os", "json"))


def words_of(code: Code, tree: Tree) -> set[str]:
    """Return all words in the files of a package that are text."""
    package = code.package
    suffixes = "" if package.named else ".py"
    paths = [one for one in package.files if is_code(one) and one.endswith(suffixes)]
    return {word for path in paths for word in _WORD.findall(package.text(path, tree))}
