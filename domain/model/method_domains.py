"""Payment method domains: where a merchant's pages are that show wallets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDomain:
    """One of them; nobody has to prove that it is theirs, as no wallet of ours asks for it."""

    id: str
    account: str
    livemode: bool
    created: int
    domain_name: str
    enabled: bool = True
