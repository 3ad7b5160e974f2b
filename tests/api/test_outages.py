"""What is no operation answers 503 and 500 like everything else, in the form that whoever asks can read."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.build import build, mount
from records.base import RecordsUnavailable
from tests.api.conftest import Api, error_of

PAGES = ("/3d_secure/return?payment_intent=pi_1&authentication=a", "/bank_transfers?payment_intent=pi_1&reference=a",
         "/microdeposits?payment_intent=pi_1&reference=a")  # fmt: skip


class Away:
    """A projection that does not answer."""

    def __init__(self, why: Exception) -> None:
        self.why = why

    async def latest(self, id_: str) -> Any:
        del id_
        raise self.why


async def ask(api: Api, path: str, why: Exception, accept: str) -> httpx.Response:
    app, away = build(), Away(why)
    mount(app, replace(api.services, projection=away))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        return await http.get(path, headers={"Accept": accept})


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_without_records_says_not_now(api: Api, path: str) -> None:
    shown = await ask(api, path, RecordsUnavailable("a full disk"), "text/html")
    assert shown.status_code == 503
    assert "try again in a moment" in shown.text
    told = await ask(api, path, RecordsUnavailable("a full disk"), "*/*")
    assert (told.status_code, error_of(told)["type"]) == (503, "api_error")
    assert told.headers["stripe-should-retry"] == "true"


@pytest.mark.parametrize("path", PAGES)
async def test_a_fault_of_ours_is_said_without_saying_which(api: Api, path: str) -> None:
    shown = await ask(api, path, KeyError("a secret"), "text/html")
    assert (shown.status_code, "our fault" in shown.text) == (500, True)
    told = await ask(api, path, KeyError("a secret"), "*/*")
    assert (told.status_code, error_of(told)["type"]) == (500, "api_error")
    assert "a secret" not in shown.text + told.text
