"""What the API does for the browser library: serves it, and takes an authentication back that a buyer gave up."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.browser.library import FRAME_FILES, HERE, SCRIPT_PATHS
from domain.model.outcomes import AuthenticationRequired
from settings import ROOT
from tests.api.conftest import Api

SOURCES = ROOT / "browser"


@pytest.mark.parametrize("path", SCRIPT_PATHS)
async def test_the_script_is_where_stripes_is(api: Api, path: str) -> None:
    answer = await api.request("GET", path)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("name", FRAME_FILES)
async def test_frames_may_be_anywhere_and_send_nothing_elsewhere(api: Api, name: str) -> None:
    answer = await api.request("GET", f"/elements/{name}")
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors" not in policy


async def test_nothing_else_is_served(api: Api) -> None:
    for path in ("/elements/library.py", "/elements/../library.py", "/elements/", "/demo", "/demo/v1/customers"):
        assert (await api.request("GET", path)).status_code == 404


@pytest.mark.skipif(not (SOURCES / "node_modules").exists(), reason="npm ci was not run in browser/")
def test_what_is_served_is_what_the_sources_say(tmp_path: Path) -> None:
    copy = tmp_path / "browser"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(SOURCES / "node_modules")
    subprocess.run(["npm", "run", "--silent", "build"], cwd=copy, check=True, capture_output=True)
    built = {path.name: path.read_text() for path in (tmp_path / "api" / "browser" / "files").iterdir()}
    assert {name: (HERE / name).read_text() == text for name, text in built.items()} == dict.fromkeys(built, True)
    assert set(built) == {"stripe.js", "frame.js", "demo.js"}
    assert not any(re.search(r"https?://(?!www\.w3\.org)", text) for text in built.values()), "nothing from elsewhere"


SMALL = {"stripe.js": 20_000, "frame.js": 60_000}
"""Bytes on the wire at most, gzipped: a shop's page waits for the first, and a buyer for the second."""


@pytest.mark.parametrize("name", SMALL)
def test_scripts_stay_small(name: str) -> None:
    assert len(gzip.compress((HERE / name).read_bytes())) <= SMALL[name]


async def challenged(api: Api) -> dict[str, str]:
    api.engine.gateway.answers.append(AuthenticationRequired(authentication="authn_1", url="https://bank.example"))
    form = "amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true&use_stripe_sdk=true"
    made: dict[str, str] = (await api.post("/v1/payment_intents", form)).json()
    assert made["status"] == "requires_action"
    return made


async def test_a_buyer_gives_up(api: Api) -> None:
    made = await challenged(api)
    form = f"client_secret={made['client_secret']}&source=authn_1"
    answer = await api.post(f"/v1/payment_intents/{made['id']}/source_cancel", form)
    assert (answer.status_code, answer.json()["status"]) == (200, "requires_payment_method")
    now = (await api.get(f"/v1/payment_intents/{made['id']}")).json()
    assert now["status"] == "requires_payment_method"
    assert now["last_payment_error"]["code"] == "payment_intent_authentication_failure"


@pytest.mark.parametrize(
    ("secret", "source", "status"),
    [("pi_wrong_secret_x", "authn_1", 400), (None, "authn_other", 400)],
)
async def test_nobody_gives_up_for_another(api: Api, secret: str | None, source: str, status: int) -> None:
    made = await challenged(api)
    form = f"client_secret={secret or made['client_secret']}&source={source}"
    answer = await api.post(f"/v1/payment_intents/{made['id']}/source_cancel", form)
    assert answer.status_code == status
    assert (await api.get(f"/v1/payment_intents/{made['id']}")).json()["status"] == "requires_action"


ACCOUNT = (
    "payment_method_data[type]=us_bank_account&payment_method_data[billing_details][name]=Jenny"
    "&payment_method_data[us_bank_account][routing_number]=110000000"
    "&payment_method_data[us_bank_account][account_number]=000123456789"
    "&payment_method_data[us_bank_account][account_holder_type]=individual"
)


async def test_a_linked_account_is_what_the_payment_is_to_be_paid_from(api: Api) -> None:
    made = await api.create("allowed_payment_method_types[]=us_bank_account")
    path, secret = f"/v1/payment_intents/{made['id']}/collect_bank_account", made["client_secret"]
    answer = await api.post(path, f"client_secret={secret}&{ACCOUNT}", key=api.publishable)
    assert (answer.status_code, answer.json()["status"]) == (200, "requires_confirmation")
    method = (await api.get(f"/v1/payment_methods/{answer.json()['payment_method']}")).json()
    assert (method["us_bank_account"]["last4"], method["billing_details"]["name"]) == ("6789", "Jenny")


@pytest.mark.parametrize(
    ("form", "param"),
    [
        (f"client_secret=pi_other_secret_x&{ACCOUNT}", "client_secret"),
        (f"client_secret={{secret}}&{ACCOUNT.replace('=us_bank_account', '=boleto')}", "payment_method_data[type]"),
        ("client_secret={secret}", "payment_method_data"),
    ],
)
async def test_no_other_account_is(api: Api, form: str, param: str) -> None:
    made = await api.create("allowed_payment_method_types[]=us_bank_account")
    path = f"/v1/payment_intents/{made['id']}/collect_bank_account"
    answer = await api.post(path, form.format(secret=made["client_secret"]), key=api.publishable)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert (await api.get(f"/v1/payment_intents/{made['id']}")).json()["payment_method"] is None


async def test_none_is_where_the_merchant_wants_deposits(api: Api) -> None:
    options = "payment_method_options[us_bank_account][verification_method]=microdeposits"
    made = await api.create(f"allowed_payment_method_types[]=us_bank_account&{options}")
    form = f"client_secret={made['client_secret']}&{ACCOUNT}"
    answer = await api.post(f"/v1/payment_intents/{made['id']}/collect_bank_account", form, key=api.publishable)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, options.partition("=")[0])
    assert (await api.get(f"/v1/payment_intents/{made['id']}")).json()["payment_method"] is None


async def test_a_buyer_gives_up_setting_a_card_up(api: Api) -> None:
    api.engine.gateway.answers.append(AuthenticationRequired(authentication="authn_1", url="https://bank.example"))
    form = "payment_method=pm_card_visa&confirm=true&use_stripe_sdk=true"
    made = (await api.post("/v1/setup_intents", form)).json()
    assert made["status"] == "requires_action"
    path = f"/v1/setup_intents/{made['id']}/source_cancel"
    refused = await api.post(path, "client_secret=seti_x_secret_y&source=authn_1", key=api.publishable)
    assert (refused.status_code, (await api.get(path.removesuffix("/source_cancel"))).json()["status"]) == (
        400, "requires_action",
    )  # fmt: skip
    answer = await api.post(path, f"client_secret={made['client_secret']}&source=authn_1", key=api.publishable)
    assert (answer.status_code, answer.json()["status"]) == (200, "requires_payment_method")
    assert answer.json()["last_setup_error"]["code"] == "setup_intent_authentication_failure"


async def test_a_linked_account_is_what_is_set_up(api: Api) -> None:
    made = (await api.post("/v1/setup_intents", "allowed_payment_method_types[]=us_bank_account")).json()
    path = f"/v1/setup_intents/{made['id']}/collect_bank_account"
    wrong = f"client_secret={made['client_secret']}&{ACCOUNT.replace('=us_bank_account', '=boleto')}"
    assert (await api.post(path, wrong, key=api.publishable)).json()["error"]["param"] == "payment_method_data[type]"
    answer = await api.post(path, f"client_secret={made['client_secret']}&{ACCOUNT}", key=api.publishable)
    assert (answer.status_code, answer.json()["status"]) == (200, "requires_confirmation")
    method = (await api.get(f"/v1/payment_methods/{answer.json()['payment_method']}")).json()
    assert (method["us_bank_account"]["last4"], method["billing_details"]["name"]) == ("6789", "Jenny")
