"""`total_count` of lists: counted where the version lets one ask, whatever page is shown, and of nobody else's."""

import pytest

from api.build import OPERATIONS
from rendering.versions.changes.counted_lists import LISTS
from tests.api.conftest import Api, connected, error_of

OLD = {"Stripe_Version": "2025-02-24.acacia"}
OURS = ("/v1/listeners", "/v1/webhook_endpoints/{id}/deliveries")
"""Lists that Stripe has not."""


def test_every_list_of_stripes_counts() -> None:
    lists = [one for one in OPERATIONS if one.is_list and not one.is_search and one.path.startswith("/v1/")]
    assert {one.name for one in lists if not one.path.startswith(OURS)} == set(LISTS)


async def test_all_that_the_filters_let_through_is_counted_and_not_the_page(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    mine = [(await api.create(f"customer={customer}"))["id"] for _ in range(3)]
    await api.create()
    elsewhere = await connected(api)
    await api.post("/v1/payment_intents", "amount=100&currency=usd", Stripe_Account=elsewhere)
    for query, total, shown in (
        ("limit=1", 4, 1),
        (f"customer={customer}&limit=2", 3, 2),
        (f"customer={customer}&starting_after={mine[1]}", 3, 1),
        (f"customer={customer}&ending_before={mine[1]}", 3, 1),
        ("created[gt]=99999999999", 0, 0),
    ):
        for way in ("include[]=total_count", "expand[0]=total_count", "include[0]=total_count"):
            body = (await api.get("/v1/payment_intents", f"{query}&{way}", **OLD)).json()
            assert (body["total_count"], len(body["data"])) == (total, shown), (query, way)
    assert "total_count" not in (await api.get("/v1/payment_intents", **OLD)).json()


async def test_lists_that_are_no_page_of_a_table_count_as_well(api: Api) -> None:
    item = "amount_details[line_items][{n}]"
    said = f"{item}[product_name]=x&{item}[quantity]=1&{item}[unit_cost]={{cost}}"
    intent = await api.create("&".join(said.format(n=n, cost=cost) for n, cost in enumerate((1000, 99))))
    path = f"/v1/payment_intents/{intent['id']}/amount_details_line_items"
    body = (await api.get(path, "limit=1&include[]=total_count", **OLD)).json()
    assert (body["total_count"], len(body["data"]), body["has_more"]) == (2, 1, True)


async def test_what_is_nobodys_is_not_counted_either(api: Api) -> None:
    await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")
    for query in ("", "&type=card"):
        body = (await api.get("/v1/payment_methods", f"expand[]=total_count{query}", **OLD)).json()
        assert (body["total_count"], body["data"], body["has_more"]) == (0, [], False)


@pytest.mark.parametrize("version", ["2025-03-31.basil", "2026-10-28.endive"])
async def test_newer_versions_count_no_list(api: Api, version: str) -> None:
    for way in ("include[]=total_count", "expand[]=total_count", "expand[]=data.customer&expand[]=total_count"):
        error = error_of(await api.get("/v1/customers", way, Stripe_Version=version))
        assert error["code"] == "property_forbidden", way
    error = error_of(await api.get("/v1/customers", "include[]=data", Stripe_Version=version))
    assert (error["code"], error["param"]) == ("parameter_unknown", "include")
