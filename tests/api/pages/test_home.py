"""The page at `/`: it leads to what there is, and names nothing that there is not."""

import re

import httpx
import pytest

from api.browser import dashboard
from api.build import build, mount
from api.pages import home
from tests.api.conftest import Api


def client(api: Api, *absent: str) -> httpx.AsyncClient:
    mount(app := build(), api.services)
    dashboard.mount(app, "http://temporal")
    home.mount(app, *absent)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")


async def test_it_leads_to_what_there_is(api: Api) -> None:
    async with client(api, "/demo", "/health") as http:
        answer = await http.get("/")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        links = re.findall(r'href="([^"]+)"', answer.text)
        assert links == ["/dashboard", "/docs"]
        for link in links:
            assert (await http.get(link)).status_code == 200, link


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_whoever_asks_it_for_something_else_is_answered_as_ever(api: Api, method: str) -> None:
    async with client(api) as http:
        answer = await http.request(method, "/")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
