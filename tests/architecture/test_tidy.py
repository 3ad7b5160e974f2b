"""House rules that no linter knows: sizes, empty __init__ files, docstrings that say what must not live here."""

import ast
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from settings import ROOT

FUNCTION_LINES_MAX = 40
TEST_FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400
TEST_FILE_LINES_MAX = 500
LONGER_FILES = {
    "temporal/engine.py": (
        450,
        "the engine's port and its adapter to Temporal, which answers every question of the routes",
    ),
}
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


FILES = sources()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes_and_loose_ends(path: Path) -> None:
    name, text = str(path.relative_to(ROOT)), path.read_text()
    if path.name == "__init__.py":
        assert text == "", "import-linter cannot see through an __init__.py"
        return
    lines = len(text.splitlines())
    is_test = name.startswith("tests/")
    limit = TEST_FILE_LINES_MAX if is_test else LONGER_FILES.get(name, (FILE_LINES_MAX, ""))[0]
    assert lines <= limit, f"{name} has {lines} lines; split it by meaning"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), f"{name} does not say what lives here"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            most = TEST_FUNCTION_LINES_MAX if is_test else FUNCTION_LINES_MAX
            assert size <= most, f"{name}: {node.name} has {size} lines; split it by meaning"
    for word in UNFINISHED:
        assert word not in text, f"{name} is unfinished: {word}"


def packages() -> set[str]:
    """Every folder at the top that has Python in it, but for the tests."""
    return {path.relative_to(ROOT).parts[0] for path in FILES if path.parent != ROOT} - {"tests"}


def test_every_package_is_one() -> None:
    for package in {path.parent for path in FILES} - {ROOT, ROOT / "browser", ROOT / "tests" / "e2e" / "node"}:
        assert (package / "__init__.py").exists(), package


def test_import_linter_guards_every_package() -> None:
    """Its lists are held to the tree here, so that a new room is guarded from its first day."""
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    assert set(rules["importlinter"]["root_packages"].split()) == packages()
    layers = re.findall(r"\w+", rules["importlinter:contract:layers"]["layers"])
    assert sorted(layers) == sorted(packages())


def test_the_domain_is_pure() -> None:
    for path in FILES:
        if path.relative_to(ROOT).parts[0] != "domain":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                root = name.split(".")[0]
                assert root == "domain" or root in sys.stdlib_module_names, f"{path.name} imports {name}"


def imports_of(path: Path, modules: set[str]) -> set[str]:
    """The modules of ours that this one imports, wherever in it."""
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names & modules


def test_no_import_goes_round_in_a_circle() -> None:
    """Not by way of TYPE_CHECKING either, nor from within a function."""
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in FILES if path.name != "__init__.py"
    }
    paths = {name: path for name, path in paths.items() if not name.startswith("tests.")}
    left = {name: imports_of(path, set(paths)) for name, path in paths.items()}
    while leaves := {name for name, imported in left.items() if not imported & left.keys()}:
        left = {name: imported for name, imported in left.items() if name not in leaves}
    assert left == {}


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("workflows.payment_intent", ("sqlalchemy", "httpx", "fastapi", "asyncpg")),
        ("worker", ("api", "fastapi")),
        ("domain.machine.transitions", ("pydantic", "temporalio", "sqlalchemy", "httpx", "fastapi")),
    ],
)
def test_importing_one_does_not_load_the_others(module: str, never: tuple[str, ...]) -> None:
    """In a fresh interpreter, because this one has loaded everything."""
    program = f"import sys, {module}; print([n for n in {never!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr or done.stdout


def test_no_lock_file_names_a_host() -> None:
    for lock in ROOT.glob("requirements*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
