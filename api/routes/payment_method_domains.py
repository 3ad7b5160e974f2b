"""Payment method domains: where pages are that show wallets. All of them are shown there, without more ado."""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Resource
from domain.model.hashes import JsonObject
from domain.model.method_domains import MethodDomain
from parameters.others import NoParameters
from parameters.tokens import (
    MethodDomainCreateParameters,
    MethodDomainsListParameters,
    MethodDomainUpdateParameters,
)
from records import method_domains as records
from rendering.method_domain import render

Body = JsonObject


async def create(call: Call, given: MethodDomainCreateParameters) -> Body:
    """Register a domain; one that is registered stays as it is."""
    domain = MethodDomain(
        id=call.mint.id("pmd_1"),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        domain_name=given.domain_name,
        enabled=given.enabled,
    )
    return render(await records.add(call.services.database, domain))


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One domain."""
    del given
    return render(await _known(call))


async def update(call: Call, given: MethodDomainUpdateParameters) -> Body:
    """Show wallets there, or not."""
    domain, enabled = await _known(call), given.enabled

    def change(before: MethodDomain) -> MethodDomain:
        return before if enabled is None else replace(before, enabled=enabled)

    changed = await records.change(call.services.database, call.scope, domain.id, change)
    return render(changed or domain)


async def validate(call: Call, given: NoParameters) -> Body:
    """Look whether wallets may be shown there: they may, if it is enabled."""
    return await retrieve(call, given)


async def list_all(call: Call, given: MethodDomainsListParameters) -> Body:
    """A page, newest first."""
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), given.domain_name, given.enabled
    )
    return list_body("/v1/payment_method_domains", [render(domain) for domain in found], has_more)


async def _known(call: Call) -> MethodDomain:
    id_ = call.path_id("payment_method_domain", "payment_method_domain")
    domain = await records.load(call.services.database, call.scope, id_)
    if domain is None:
        raise missing("payment_method_domain", id_, "payment_method_domain", in_path=True)
    return domain


RESOURCE = Resource(path="/v1/payment_method_domains", name="payment_method_domains", returns="payment_method_domain")

_CREATE, _LIST = "Register a domain for wallets", "List domains for wallets"

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", _CREATE, MethodDomainCreateParameters, create),
    RESOURCE.operation("GET", "", "list", _LIST, MethodDomainsListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a domain", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", "Update a domain", MethodDomainUpdateParameters, update),
    RESOURCE.operation("POST", "/{id}/validate", "validate", "Look at a domain again", NoParameters, validate),
)
