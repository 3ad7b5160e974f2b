"""How the console is served: one page for every address, files by name alone, under a policy that lets nothing in."""

import gzip
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.browser import dashboard
from api.browser.dashboard import ASSETS, BUILT
from settings import ROOT

SOURCES = ROOT / "console"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    dashboard.mount(app, "http://temporal.example/namespaces/default")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@pytest.mark.parametrize("path", ["", "/", "/payments", "/payments/pi_1?tab=failed", "/logs/req_1", "/nobody"])
async def test_every_address_is_the_same_page(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"/dashboard{path}")
    assert (answer.status_code, answer.text) == (200, (BUILT / "index.html").read_text())
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/logs/req_1"])
async def test_its_policy_lets_nothing_in(http: httpx.AsyncClient, path: str) -> None:
    policy = (await http.get(path)).headers["content-security-policy"]
    for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                      "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"):  # fmt: skip
        assert directive in policy
    assert "unsafe" not in policy


def test_the_page_has_no_script_and_no_style_of_its_own() -> None:
    page = (BUILT / "index.html").read_text()
    assert re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|style=|javascript:", page) == []
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {name.rpartition("/")[0] for name in named} - {""} == {"/dashboard/assets"}
    assert {name.rpartition("/")[2] for name in named if name != "data:,"} <= ASSETS.keys()


async def test_files_are_kept_for_good_and_packed_for_who_can_unpack(http: httpx.AsyncClient) -> None:
    for name, path in ASSETS.items():
        plain = await http.get(f"/dashboard/assets/{name}", headers={"Accept-Encoding": "identity"})
        packed = await http.get(f"/dashboard/assets/{name}", headers={"Accept-Encoding": "gzip"})
        assert plain.content == packed.content == path.read_bytes()
        assert packed.headers["content-encoding"] == "gzip"
        assert "immutable" in plain.headers["cache-control"]
        assert plain.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")


@pytest.mark.parametrize(
    "path", ["assets/nobody.js", "assets/../index.html", "assets/%2e%2e%2findex.html", "v1/nobody"]
)
async def test_nothing_else_is_served(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"/dashboard/{path}")
    assert answer.status_code == 404 or answer.text == (BUILT / "index.html").read_text()
    assert (await http.post(f"/dashboard/{path}")).status_code in (404, 405)


async def test_a_path_of_the_api_that_is_not_there_is_no_page(http: httpx.AsyncClient) -> None:
    answer = await http.get("/dashboard/v1/nobody")
    assert (answer.status_code, "<html" in answer.text) == (404, False)


FIRST_PAINT_MAX, LARGEST_MAX = 200_000, 130_000
"""Bytes on the wire, gzipped: what the page itself names, and any one file that a place asks for besides."""


def test_it_stays_light() -> None:
    page = (BUILT / "index.html").read_text()
    sizes = {name: len(gzip.compress(path.read_bytes())) for name, path in ASSETS.items()}
    assert sum(size for name, size in sizes.items() if name in page) <= FIRST_PAINT_MAX
    assert max(sizes.values()) <= LARGEST_MAX


@pytest.mark.skipif(not (SOURCES / "node_modules").exists(), reason="npm ci was not run in console/")
def test_what_is_served_is_what_the_sources_say(tmp_path: Path) -> None:
    copy = tmp_path / "console"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(SOURCES / "node_modules")
    subprocess.run(["npm", "run", "--silent", "build"], cwd=copy, check=True, capture_output=True)
    built = tmp_path / "api" / "browser" / "console"
    made = {path.relative_to(built): path.read_bytes() for path in built.rglob("*") if path.is_file()}
    there = {path.relative_to(BUILT): path.read_bytes() for path in BUILT.rglob("*") if path.is_file()}
    assert made.keys() == there.keys()
    assert {name for name, content in made.items() if there[name] != content} == set()
