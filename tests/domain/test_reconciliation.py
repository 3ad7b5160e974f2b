"""Reconciliation: every way in which our charges and the gateway's book can disagree is found, and nothing else."""

import pytest

from domain.reconciliation import Ours, Theirs, compare, compare_transfers


def book(*entries: tuple[str, int]) -> Theirs:
    found = Theirs()
    for operation, amount in entries:
        found.add(operation, amount)
    return found


PAID = Ours(id="ch_1", status="succeeded", authorized=100, captured=100)
HELD = Ours(id="ch_1", status="succeeded", authorized=100, held=100)
AGREED = [
    (PAID, book(("authorize", 100), ("capture", 100))),
    (PAID, book(("debit", 100))),
    (Ours(id="ch_1", status="succeeded", authorized=100, captured=60, refunded=10),
     book(("authorize", 100), ("capture", 60), ("refund", 30), ("refund_return", 20))),
    (Ours(id="ch_1", status="succeeded", authorized=150, held=150), book(("authorize", 100), ("increment", 50))),
    (Ours(id="ch_1", status="succeeded", authorized=100), book(("authorize", 100), ("void", 100))),
    (Ours(id="ch_1", status="failed"), book()),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs"), AGREED)
def test_both_say_the_same(ours: Ours, theirs: Theirs) -> None:
    report = compare([ours], {ours.id: theirs})
    assert report.clean, report.differences
    assert report.charges == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "what"),
    [
        (PAID, book(("authorize", 100)), "captured"),
        (PAID, book(), "captured"),
        (PAID, book(("authorize", 100), ("capture", 100), ("authorize", 100)), "authorized more than once"),
        (PAID, book(("authorize", 100), ("capture", 100), ("refund", 5)), "refunded"),
        (
            Ours(id="ch_1", status="succeeded", authorized=100, held=100),
            book(("authorize", 100), ("void", 100)),
            "held",
        ),
        (Ours(id="ch_1", status="failed"), book(("authorize", 100)), "still held"),
        (Ours(id="ch_1", status="failed"), book(("authorize", 100), ("capture", 100)), "captured"),
    ],
)
def test_a_difference_is_named(ours: Ours, theirs: Theirs, what: str) -> None:
    report = compare([ours], {ours.id: theirs})
    assert what in [found.what for found in report.differences]


def test_money_that_we_know_nothing_of() -> None:
    report = compare([], {"ch_2": book(("authorize", 5))})
    assert [(found.id, found.what) for found in report.differences] == [("ch_2", "unknown to us")]


def test_what_is_under_way_is_set_apart() -> None:
    report = compare([Ours(id="ch_1", status="pending", under_way=True)], {"ch_1": book(("debit", 5))})
    assert (report.clean, report.under_way) == (True, ["ch_1"])


def test_an_entry_that_nobody_understands_is_no_silence() -> None:
    with pytest.raises(ValueError, match="levitate"):
        book(("levitate", 1))


def test_transfers() -> None:
    assert compare_transfers({"trf_1": 5}, {"trf_1": 5}) == []
    found = compare_transfers({"trf_1": 5, "trf_2": 1}, {"trf_1": 4, "trf_3": 9})
    assert [(one.id, one.ours, one.theirs) for one in found] == [("trf_1", 5, 4), ("trf_2", 1, 0), ("trf_3", 0, 9)]
