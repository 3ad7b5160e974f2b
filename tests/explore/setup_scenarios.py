"""Scenarios of SetupIntents: two and three commands of every kind, with what happens outside."""

from dataclasses import replace

from tests.explore.scenarios import Scenario, pairs
from tests.explore.world import STORE_REFUSES

SETUP_SCENARIOS = (
    *pairs("setup confirmable", "confirm, another card, declined, cancel, note"),
    Scenario("setup confirmable", ("confirm", "other method")),
    Scenario("setup confirmable", ("confirm", "unset")),
    Scenario("setup confirmable", ("other method", "cancel")),
    *pairs("setup challenged", "authentication, cancel, another card, note, other method, owner gone"),
    *pairs("setup proving", "verify, guess, cancel, note, another card, owner gone"),
    Scenario("setup challenged", ("refusal", "cancel")),
    Scenario("setup challenged", ("refusal", "another card")),
    Scenario("setup challenged", ("authentication", "signaled cancel")),
    Scenario("setup challenged soon", ("confirm", "authentication")),
    Scenario("setup account soon", ("confirm", "verify")),
    Scenario("setup nothing", ("create setup",)),
    Scenario("setup confirmable", ("confirm", "park")),
    Scenario("setup confirmable", ("confirm", "cancellation")),
    Scenario("setup challenged", ("authentication", "cancellation")),
    Scenario("setup proving", ("verify", "cancellation")),
    Scenario("setup confirmable", ("confirm", "loss")),
    Scenario("setup challenged", ("authentication", "loss")),
    Scenario("setup challenged soon", ("confirm", "backup", "cancel"), faults=0),
    Scenario("setup challenged", ("authentication", "backup", "cancel"), faults=0),
    *(
        replace(scenario, kinds=frozenset({STORE_REFUSES}))
        for scenario in (
            Scenario("setup confirmable", ("confirm", "another card")),
            Scenario("setup challenged", ("authentication", "signaled cancel")),
        )
    ),
    Scenario("setup confirmable", ("confirm", "another card", "cancel")),
    Scenario("setup confirmable", ("declined", "another card", "note")),
    Scenario("setup challenged", ("authentication", "another card", "cancel")),
    Scenario("setup proving", ("guess", "verify", "cancel")),
)
"""Walked whole."""

SETUP_QUICK = tuple(
    scenario
    for scenario in SETUP_SCENARIOS
    if scenario.name
    in (
        "setup nothing: create setup",
        "setup confirmable: confirm, another card",
        "setup confirmable: confirm, cancel",
        "setup challenged: authentication, cancel",
        "setup challenged: authentication, owner gone",
        "setup proving: verify, guess",
        "setup confirmable: confirm, loss",
    )
)
"""Those of a few thousand worlds each."""

SETUP_LONG = (
    Scenario("setup challenged soon", ("declined", "confirm", "authentication", "another card", "note", "cancel"), 4),
    Scenario("setup account soon", ("confirm", "guess", "verify", "owner gone", "other method", "note"), 4),
    Scenario("setup confirmable", ("declined", "another card", "note", "cancel"), 4, history_events_max=12),
)
"""Too long to be walked whole: at random."""
