"""Reports: what is named, and how it is read. The table of kinds in the documentation is this one."""

from cli.reconcile import readable
from domain.reconciliation.kinds import READINGS, Kind
from domain.reconciliation.report import Difference, Report, seen_twice
from settings import ROOT

ONE = Difference(kind=Kind.CAPTURED_DIFFERS, id="ch_1", ours=0, theirs=900, payment_intent="pi_1")
TWO = Difference(kind=Kind.EVENT_MISSING, id="pi_1", ours=1, theirs=0, payment_intent="pi_1", detail="x.created")


def test_what_is_the_same_twice_is_a_difference_and_the_rest_has_moved() -> None:
    moved = Difference(kind=Kind.CAPTURED_DIFFERS, id="ch_1", ours=0, theirs=500, payment_intent="pi_1")
    assert seen_twice([ONE, TWO], [ONE, ONE]) == ([ONE], [])
    assert seen_twice([ONE], [moved, TWO]) == ([], [moved, TWO])
    assert seen_twice([ONE], []) == ([], [])


def test_it_is_counted_by_kind_and_shown() -> None:
    report = Report(intents=2, charges=1, differences=[TWO, ONE, TWO])
    assert not report.clean
    assert report.kinds() == {Kind.EVENT_MISSING: 2, Kind.CAPTURED_DIFFERS: 1}
    shown = report.shown()
    assert shown["kinds"] == {"event_missing": 2, "captured_differs": 1}
    assert shown["differences"][1] == {
        "kind": "captured_differs", "id": "ch_1", "payment_intent": "pi_1", "what": "captured differs", "ours": 0,
        "theirs": 900,
    }  # fmt: skip
    assert TWO.what == "event missing: x.created"
    assert Report().clean


def test_each_kind_has_its_reading_and_the_documentation_has_them_all() -> None:
    assert list(READINGS) == list(Kind)
    table = [f"| {kind.words} | {reading.means} | {reading.remedy} |" for kind, reading in READINGS.items()]
    assert "\n".join(table) in (ROOT / "docs" / "OPERATING.md").read_text()


def test_people_read_what_it_is_what_it_means_and_what_to_do() -> None:
    lines = readable(Report(intents=2, under_way=["pi_2"], differences=[ONE, TWO])).splitlines()
    assert lines[1] == "1 under way, not compared with the gateway: pi_2"
    assert "  captured differs: ch_1 of pi_1: charge 0, gateway 900" in lines
    assert "  event missing: x.created: pi_1: expected 1, events 0" in lines
    assert f"captured differs (1): {READINGS[Kind.CAPTURED_DIFFERS].means}" in lines
    assert f"  {READINGS[Kind.EVENT_MISSING].remedy}" in lines
    assert lines[-1] == "2 differences."
    assert readable(Report()).splitlines()[-1] == "No difference."
