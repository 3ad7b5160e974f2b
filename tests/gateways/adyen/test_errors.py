"""Adyen's errors: every row of the table, and what must never be taken for a no."""

from typing import Any

import pytest

from gateways.adyen.errors import ROWS, Verdict, raised, read, verdict
from gateways.base import (
    GatewayError,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
    GatewayUndecided,
)

TRUE, FALSE = {"transient-error": "true"}, {"transient-error": "false"}


def body(code: str, kind: str = "internal", message: str = "") -> dict[str, Any]:
    return {"status": 0, "errorCode": code, "errorType": kind, "message": message}


SHAPES: list[tuple[int, Any, dict[str, str], Verdict, int]] = [
    (422, body("704"), TRUE, Verdict.BUSY, 0),
    (409, body("704"), TRUE, Verdict.BUSY, 0),
    (422, body("704"), {}, Verdict.NEVER_AGAIN, 1),
    (409, body("704"), FALSE, Verdict.NEVER_AGAIN, 1),
    (500, body("905"), TRUE, Verdict.NOTHING_DONE, 2),
    (503, {}, TRUE, Verdict.NOTHING_DONE, 2),
    (503, body("703"), {}, Verdict.NOTHING_DONE, 3),
    (429, body("00_500"), {}, Verdict.WAIT, 4),
    (429, None, {}, Verdict.WAIT, 4),
    (500, {"errorCode": "00_500", "detail": "Too many requests"}, {}, Verdict.WAIT, 5),
    (401, body("000", "security"), {}, Verdict.NOTHING_DONE, 6),
    (403, body("010", "security"), {}, Verdict.NOTHING_DONE, 6),
    (404, None, {}, Verdict.NOTHING_DONE, 6),
    (409, body("999"), {}, Verdict.NEVER_AGAIN, 7),
    (400, body("702", "validation"), {}, Verdict.REFUSED, 8),
    (422, body("14_030", "validation"), {}, Verdict.REFUSED, 8),
    (500, body("905", "configuration"), {}, Verdict.REFUSED, 9),
    (500, body("905"), {}, Verdict.NEVER_AGAIN, 10),
    (500, body("IOEXCEPTION_RECEIVED"), FALSE, Verdict.NEVER_AGAIN, 10),
    (418, body("1"), {}, Verdict.NEVER_AGAIN, 11),
]
PORT: dict[Verdict, type[GatewayError]] = {
    Verdict.AGAIN: GatewayUnavailable,
    Verdict.BUSY: GatewayUndecided,
    Verdict.NEVER_AGAIN: GatewayUnavailable,
    Verdict.NOTHING_DONE: GatewayNotAsked,
    Verdict.WAIT: GatewayRateLimited,
    Verdict.REFUSED: GatewayRejected,
}


@pytest.mark.parametrize(("status", "said", "headers", "known", "row"), SHAPES)
def test_every_shape_of_an_error(status: int, said: Any, headers: dict[str, str], known: Verdict, row: int) -> None:
    error = read(said, headers)
    assert verdict(status, error) == (known, ROWS[row].name)
    assert type(raised("/payments", status, error)[1]) is PORT[known]


def test_every_row_has_a_shape() -> None:
    assert {row for *_, row in SHAPES} == set(range(len(ROWS)))


@pytest.mark.parametrize(("status", "said"), [(200, None), (302, None), (502, "<html>"), (504, None), (503, [])])
def test_what_is_not_of_adyen_leaves_us_knowing_nothing_and_the_key_as_it_was(status: int, said: Any) -> None:
    known, error = raised("/payments", status, read(said, {}))
    assert known is Verdict.AGAIN
    assert type(error) is GatewayUnavailable


@pytest.mark.parametrize("status", [409, 422])
@pytest.mark.parametrize("headers", [{}, TRUE, FALSE])
def test_704_is_never_a_no(status: int, headers: dict[str, str]) -> None:
    _, error = raised("/payments", status, read(body("704", "validation"), headers))
    expected = GatewayUndecided if headers == TRUE else GatewayUnavailable
    assert type(error) is expected, "something may have been done: no no, and nobody else's"


def test_what_adyen_says_is_not_copied_into_the_log() -> None:
    _, error = raised("/payments", 422, read(body("101", "validation", "4111111111111111 is no number\n"), {}))
    assert "4111" not in str(error)
    assert "\n" not in str(error)
