"""How long a gateway may be asked about an effect: for as long as it keeps the key.

After that the same question may be a new payment, so nobody asks it, and somebody has to say what became of it
(domain/machine/resolving.py).
"""

from domain.model.gateways import GatewayProfile


class KeyForgotten(Exception):
    """Its gateway does not keep the key of an effect any more, and has not said what became of it."""


def can_be_asked(profile: GatewayProfile | None) -> bool:
    """Whether a gateway that declares this can be asked by a key what became of an effect.

    None is whoever is no gateway here: our own records, which can, or one of a name that nobody has.
    """
    return profile is None or profile.answers_by_key
