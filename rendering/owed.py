"""What a payment is owed, as the console shows it."""

from dataclasses import asdict

from domain.machine.owing import Owed
from domain.model.hashes import JsonObject


def owed(told: Owed | None) -> JsonObject | None:
    """Texts say why something cannot be said, or need not be; None: it can."""
    return asdict(told) | {"object": "dashboard_owed", "reference": told.reference or None} if told else None
