"""amount_details: line items as objects, arithmetic that must come out, and what a capture or an increment replaces."""

from typing import Any
from urllib.parse import urlencode

import pytest

from parameters.amounts import LINE_ITEMS_MAX, PRODUCT_CODE_MAX, PRODUCT_NAME_MAX
from tests.api.conftest import Api, error_of

PATH = "/v1/payment_intents"
HELD = ("capture_method=manual&confirm=true&payment_method=pm_card_visa&payment_method_options[card]"
        "[request_incremental_authorization]=if_available")  # fmt: skip


def details(*items: tuple[int, int], **more: Any) -> str:
    """The form of line items of (unit_cost, quantity), and of `more` by its bracketed name."""
    pairs: dict[str, Any] = {}
    for index, (cost, quantity) in enumerate(items):
        item = f"amount_details[line_items][{index}]"
        pairs |= {f"{item}[product_name]": f"Item {index}", f"{item}[unit_cost]": cost, f"{item}[quantity]": quantity}
    return urlencode(pairs | {f"amount_details{name}": value for name, value in more.items()})


async def items_of(api: Api, intent: str, query: str = "") -> dict[str, Any]:
    response = await api.get(f"{PATH}/{intent}/amount_details_line_items", query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_line_items_are_stored_returned_and_listed(api: Api) -> None:
    form = details((500, 2), (33, 3), **{
        "[line_items][0][product_code]": "SKU-1", "[line_items][0][unit_of_measure]": "feet",
        "[line_items][1][payment_method_options][klarna][reference]": "ref",
        "[line_items][1][payment_method_options][paypal][category]": "donation",
    })  # fmt: skip
    intent = await api.create(form)
    assert intent["amount_details"] == {"tip": {}}, "many, so only on request"
    listed = await items_of(api, intent["id"])
    assert listed["url"] == f"{PATH}/{intent['id']}/amount_details_line_items"
    first, second = listed["data"]
    assert first["id"].startswith("uli_")
    assert (first["product_name"], first["unit_cost"], first["quantity"]) == ("Item 0", 500, 2)
    assert (first["product_code"], first["unit_of_measure"]) == ("SKU-1", "feet")
    assert second["payment_method_options"] == {
        "klarna": {"image_url": None, "product_url": None, "reference": "ref", "subscription_reference": None},
        "paypal": {"category": "donation"},
    }
    response = await api.get(f"{PATH}/{intent['id']}", "expand[]=amount_details.line_items")
    assert response.json()["amount_details"]["line_items"] == listed
    page = await api.get(PATH, "expand[]=data.amount_details.line_items")
    assert page.json()["data"][0]["amount_details"]["line_items"]["data"] == listed["data"]


async def test_pages_of_line_items_go_both_ways(api: Api) -> None:
    intent = await api.create(details((1, 1_094), *[(1, 1)] * 5))
    ids = [item["id"] for item in (await items_of(api, intent["id"]))["data"]]
    assert len(set(ids)) == 6
    for query, expected, more in (
        ("limit=2", ids[:2], True),
        (f"limit=2&starting_after={ids[1]}", ids[2:4], True),
        (f"limit=2&starting_after={ids[3]}", ids[4:], False),
        (f"limit=2&ending_before={ids[4]}", ids[2:4], True),
        (f"limit=3&ending_before={ids[2]}", ids[:2], False),
    ):
        page = await items_of(api, intent["id"], query)
        assert ([item["id"] for item in page["data"]], page["has_more"]) == (expected, more), query
    path = f"{PATH}/{intent['id']}/amount_details_line_items"
    error = error_of(await api.get(path, "starting_after=uli_none"))
    assert (error["code"], error["param"]) == ("resource_missing", "starting_after")
    assert (await api.get(f"{PATH}/pi_none/amount_details_line_items")).status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"[shipping][amount]": 100, "[line_items][0][unit_cost]": 999},
        {"[tax][total_tax_amount]": 99, "[line_items][0][unit_cost]": 1_000},
        {"[discount_amount]": 1, "[line_items][0][unit_cost]": 1_100},
        {"[line_items][0][discount_amount]": 1, "[line_items][0][unit_cost]": 1_100},
        {"[line_items][0][tax][total_tax_amount]": 99, "[line_items][0][unit_cost]": 1_000},
    ],
)
async def test_what_adds_up_is_taken(api: Api, more: dict[str, int]) -> None:
    intent = await api.create(details((1_099, 1), **more))
    assert "error" not in intent["amount_details"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"[line_items][0][unit_cost]": 1_000}, "amount_details_amount_mismatch"),
        ({"[tax][total_tax_amount]": 1}, "amount_details_amount_mismatch"),
        ({"[shipping][amount]": 1_100}, "amount_details_tax_shipping_discount_greater_than_amount"),
        ({"[discount_amount]": 1, "[line_items][0][discount_amount]": 1}, "parameters_exclusive"),
        ({"[tax][total_tax_amount]": 1, "[line_items][0][tax][total_tax_amount]": 1}, "parameters_exclusive"),
        ({"[line_items][0][quantity]": 0}, "parameter_invalid_integer"),
        ({"[line_items][0][unit_cost]": -1}, "parameter_invalid_integer"),
        ({"[discount_amount]": 0}, "parameter_invalid_integer"),
        ({"[shipping][amount]": -1}, "parameter_invalid_integer"),
        ({"[line_items][0][product_name]": "x" * (PRODUCT_NAME_MAX + 1)}, None),
        ({"[line_items][0][product_code]": "x" * (PRODUCT_CODE_MAX + 1)}, None),
        ({"[line_items][0][unit_of_measure]": "a b"}, None),
        ({"[shipping][to_postal_code]": "12/34"}, None),
        ({"[shipping][to_postal_code]": "1" * 11}, None),
        ({"[line_items][0][color]": "red"}, "parameter_unknown"),
        ({"[line_items][x][color]": "red"}, None),
    ],
)
async def test_what_does_not_add_up_is_refused_and_changes_nothing(
    api: Api, more: dict[str, Any], code: str | None
) -> None:
    response = await api.post(PATH, f"amount=1099&currency=usd&{details((1_099, 1), **more)}")
    assert response.status_code == 400
    assert error_of(response).get("code") == code
    assert (await api.get(PATH)).json()["data"] == []


async def test_at_most_so_many_lines(api: Api) -> None:
    just = await api.post(PATH, f"amount={LINE_ITEMS_MAX}&currency=usd&{details(*[(1, 1)] * LINE_ITEMS_MAX)}")
    assert just.status_code == 200
    over = await api.post(PATH, f"amount=201&currency=usd&{details(*[(1, 1)] * (LINE_ITEMS_MAX + 1))}")
    assert "at most 200" in error_of(over)["message"]


async def test_a_wrong_sum_is_shown_when_it_is_not_enforced(api: Api) -> None:
    lenient = {"[enforce_arithmetic_validation]": "false"}
    wrong = await api.create(details((1_000, 1), **lenient))
    assert wrong["amount_details"]["error"]["code"] == "amount_details_amount_mismatch"
    assert "1000" in wrong["amount_details"]["error"]["message"]
    right = await api.create(details((1_099, 1), **lenient))
    assert "error" not in right["amount_details"]


async def test_an_update_merges_and_clears(api: Api) -> None:
    intent = await api.create(details((1_000, 1), **{"[shipping][amount]": 99, "[shipping][to_postal_code]": "12345"}))
    path = f"{PATH}/{intent['id']}"
    refused = await api.post(path, "amount_details[shipping]=")
    assert error_of(refused)["code"] == "amount_details_amount_mismatch"
    refused = await api.post(path, "amount=2000")
    assert error_of(refused)["code"] == "amount_details_amount_mismatch"
    changed = (await api.post(path, f"amount=2000&{details((2_000, 1))}&amount_details[shipping]=")).json()
    assert changed["amount_details"] == {"tip": {}}
    assert [item["unit_cost"] for item in (await items_of(api, intent["id"]))["data"]] == [2_000]
    await api.post(path, "amount_details=")
    assert (await items_of(api, intent["id"]))["data"] == []


async def test_a_capture_is_compared_with_what_it_takes_and_replaces(api: Api) -> None:
    intent = await api.create(f"{HELD}&{details((1_099, 1))}")
    path = f"{PATH}/{intent['id']}/capture"
    refused = error_of(await api.post(path, f"amount_to_capture=500&{details((501, 1))}"))
    assert refused["code"] == "amount_details_amount_mismatch"
    assert refused["payment_intent"]["status"] == "requires_capture"
    taken = (await api.post(path, f"amount_to_capture=500&{details((250, 2))}")).json()
    assert (taken["status"], taken["amount_received"]) == ("succeeded", 500)
    assert [item["unit_cost"] for item in (await items_of(api, intent["id"]))["data"]] == [250]


async def test_an_increment_is_compared_with_the_new_total(api: Api) -> None:
    intent = await api.create(f"{HELD}&{details((1_099, 1))}")
    path = f"{PATH}/{intent['id']}/increment_authorization"
    assert error_of(await api.post(path, f"amount=1500&{details((1_499, 1))}"))["param"] == "amount_details"
    raised = (await api.post(path, f"amount=1500&{details((1_500, 1))}")).json()
    assert raised["amount"] == 1_500
    assert [item["unit_cost"] for item in (await items_of(api, intent["id"]))["data"]] == [1_500]
