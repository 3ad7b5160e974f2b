"""Axe looks at every hosted page, by day and by night; shop, dashboard and fields have theirs beside them."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from api.pages import bank_accounts
from tests.e2e.conftest import Running
from tests.e2e.test_bank_transfers import asked as transfer_asked
from tests.e2e.test_bank_transfers import customer_of
from tests.e2e.test_browser_library import AXE, LOOK, watched
from tests.e2e.test_families import confirmed
from tests.e2e.test_in_browser import CHROMIUM, browser, challenged  # noqa: F401
from tests.e2e.test_vouchers import page_of, shown

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it"),
    pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/"),
]


def challenge(client: Any) -> str:
    return str(challenged(client, "https://shop.example/").next_action.redirect_to_url.url)


def microdeposits(client: Any) -> str:
    action = confirmed(client, "us_bank_account").next_action
    return str(action.verify_with_microdeposits.hosted_verification_url)


def linking(client: Any) -> str:
    """The page that `collectBankAccountForPayment` shows."""
    return microdeposits(client).partition("/microdeposits")[0] + bank_accounts.PATH


def transfer(client: Any) -> str:
    action = transfer_asked(client, customer_of(client)).next_action
    return str(action.display_bank_transfer_instructions.hosted_instructions_url)


def voucher(client: Any) -> str:
    return str(page_of(shown(client, "oxxo")))


def code(client: Any) -> str:
    return str(page_of(shown(client, "pix")))


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("page_for", [challenge, microdeposits, linking, transfer, voucher, code])
def test_no_serious_fault(
    running: Running,
    browser: Browser,  # noqa: F811
    page_for: Callable[[Any], str],
    night: bool,
) -> None:
    with watched(browser, page_for(running.client())) as page:
        page.emulate_media(color_scheme="dark" if night else "light")
        page.evaluate(AXE.read_text())
        assert page.evaluate(LOOK) == []
