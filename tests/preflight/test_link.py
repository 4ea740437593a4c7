"""Local modules: what their callers pass."""

from pathlib import Path

from docferry.preflight.hcl.load import directories, load
from docferry.preflight.hcl.value import UNKNOWN, Template, Value
from docferry.preflight.link import families, link
from tests.preflight.checking import written

CHILD = 'variable "a" { default = "d" }\nvariable "b" {}'


def variables(root: Path, files: dict[str, str], directory: str) -> dict[str, Value]:
    written(root, files)
    modules = {found: load(root, found, names).module for found, names in directories(root)}
    link(modules)
    return modules[directory].scope.variables


def test_a_caller_passes_values_and_else_the_default_holds(tmp_path: Path) -> None:
    files = {
        "m/main.tf": CHILD,
        "main.tf": 'module "m" {\n  source = "./m"\n  b = "${local.x}!"\n}\nlocals {\n  x = 1\n}',
    }
    assert variables(tmp_path, files, "m") == {"a": "d", "b": "1!"}


def test_callers_that_differ_leave_it_unknown(tmp_path: Path) -> None:
    call = 'module "%s" {\n  source = "./m"\n  a = %s\n  b = 1\n}\n'
    files = {"m/main.tf": CHILD, "main.tf": call % ("x", '"p"') + call % ("y", '"q"')}
    assert variables(tmp_path, files, "m") == {"a": UNKNOWN, "b": 1}


def test_what_calls_a_module_no_times_calls_it(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./m"\n  count = 0\n  b = 1\n}\n'
    assert variables(tmp_path, {"m/main.tf": CHILD, "main.tf": call}, "m") == {"a": "d", "b": 1}


def test_a_file_of_values_is_not_the_callers(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./m"\n  b = 1\n}\n'
    files = {"m/main.tf": CHILD, "main.tf": call, "m/terraform.tfvars": 'a = "t"\nb = 1\n'}
    assert variables(tmp_path, files, "m") == {"a": UNKNOWN, "b": 1}


def test_a_callers_references_are_unknown_within(tmp_path: Path) -> None:
    files = {
        "m/main.tf": CHILD,
        "main.tf": 'module "m" {\n  source = "./m"\n  a = [aws_a.b.id]\n  b = "x-${aws_a.b.id}"\n}',
    }
    assert variables(tmp_path, files, "m") == {"a": [UNKNOWN], "b": Template(("x-", UNKNOWN))}


def test_values_pass_through_modules_between(tmp_path: Path) -> None:
    files = {
        "a/inner/main.tf": 'variable "v" {}',
        "a/main.tf": 'variable "v" {}\nmodule "inner" {\n  source = "./inner"\n  v = var.v\n}',
        "z/main.tf": 'module "a" {\n  source = "../a"\n  v = 7\n}',
    }
    assert variables(tmp_path, files, "a/inner") == {"v": 7}


def test_modules_that_call_each_other_end(tmp_path: Path) -> None:
    files = {
        "a/main.tf": 'variable "v" {}\nmodule "b" {\n  source = "../b"\n  v = var.v\n}',
        "b/main.tf": 'variable "v" {}\nmodule "a" {\n  source = "../a"\n  v = var.v\n}',
    }
    assert variables(tmp_path, files, "a") == {"v": UNKNOWN}


def test_only_directories_that_call_each_other_are_held_together(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}',
        "m/main.tf.json": '{"module": {"n": {"source": "../n"}}}',
        "n/main.tf": "",
        "alone/main.tf": 'module "r" {\n  source = "git::x"\n}',
    }
    found = list(directories(written(tmp_path, files)))
    together = [sorted(directory for directory, _ in one) for one in families(tmp_path, found)]
    assert sorted(together) == [[".", "m", "n"], ["alone"]]
