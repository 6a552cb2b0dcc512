"""Custom domains: hosts that one Worker answers, whatever the path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from localedge.coverage import SDKS, Client, Endpoint
from localedge.envelope import ok
from localedge.errors import CODE_DOMAIN_MISSING, CODE_MALFORMED, Invalid, Missing
from localedge.requests import flag, page_of, read_json, read_object
from localedge.resources import ACCOUNT, SCRIPT
from localedge.resources.lookup import script_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from localedge.edge import Edge
    from localedge.zones.table import Domain

DOMAINS = f"{ACCOUNT}/workers/domains"
RECORDS = f"{DOMAINS}/records"
DOMAIN = f"{DOMAINS}/{{domain}}"
DOMAINS_MAX = 100
"""So many of one Worker."""
FILTERS = ("hostname", "service", "zone_id", "zone_name", "environment")


COVERAGE = (
    Endpoint("GET", DOMAINS, "list (`hostname`, `service`, `zone_id`, `zone_name`, `environment`)", SDKS),
    Endpoint("PUT", DOMAINS, "give a host to a Worker, also when another has it", SDKS),
    Endpoint("GET", DOMAIN, "one custom domain", SDKS),
    Endpoint("DELETE", DOMAIN, "take the host away", SDKS),
    Endpoint("GET", RECORDS, "the same list as `workers/domains`"),
    Endpoint("GET", f"{RECORDS}/{{domain}}", "one custom domain"),
    Endpoint(
        "POST",
        f"{SCRIPT}/domains/changeset",
        "what setting a Worker's domains would change",
        (Client.WRANGLER,),
    ),
    Endpoint("PUT", f"{SCRIPT}/domains/records", "give a Worker these and no others", (Client.WRANGLER,)),
)


def routes(edge: Edge) -> list[Route]:
    """What this resource answers."""
    domains = Domains(edge)
    return [
        Route(DOMAINS, domains.list_all, methods=["GET"]),
        Route(DOMAINS, domains.attach, methods=["PUT"]),
        Route(RECORDS, domains.list_all, methods=["GET"]),
        Route(f"{RECORDS}/{{domain}}", domains.get, methods=["GET"]),
        Route(DOMAIN, domains.get, methods=["GET"]),
        Route(DOMAIN, domains.detach, methods=["DELETE"]),
        Route(f"{SCRIPT}/domains/changeset", domains.changeset, methods=["POST"]),
        Route(f"{SCRIPT}/domains/records", domains.replace, methods=["PUT"]),
    ]


class Domains:
    """Every change serves when it is answered."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_all(self, request: Request) -> Response:
        shown = [self._show(domain) for domain in self._edge.zones.domains()]
        asked = {name: request.query_params[name] for name in FILTERS if name in request.query_params}
        found = [domain for domain in shown if asked.items() <= domain.items()]
        if request.query_params.get("page", "0") == "0":  # clients that do not page, and one that begins at 0
            return ok(found)
        page = page_of(request, size=100, size_max=1000)
        part = page.cut(found)
        return ok(part, info=page.info(count=len(part), total=len(found)))

    async def attach(self, request: Request) -> Response:
        asked = await read_object(request)
        domain = self._edge.claims.domain(asked, str(asked.get("service")))
        self._edge.zones.put_domain(domain)
        await self._edge.addressing.publish()
        return ok(self._show(domain))

    async def get(self, request: Request) -> Response:
        return ok(self._show(self._found(request)))

    async def detach(self, request: Request) -> Response:
        self._edge.zones.delete_domain(self._found(request).id)
        await self._edge.addressing.publish()
        return ok(None)

    async def changeset(self, request: Request) -> Response:
        """Nothing conflicts, as there are no DNS records here that could."""
        service = script_of(self._edge, request).name
        wanted = self._wanted(await read_json(request), service)
        before = {domain.hostname: domain for domain in self._edge.zones.domains()}
        hosts = {domain.hostname for domain in wanted}
        gone = [domain for host, domain in before.items() if domain.service == service and host not in hosts]
        return ok(
            {
                "added": [self._show(domain) for domain in wanted if domain.hostname not in before],
                "updated": [
                    {**self._show(domain), "modified": domain != before[domain.hostname]}
                    for domain in wanted
                    if domain.hostname in before
                ],
                "removed": [self._show(domain) for domain in gone] if flag(request, "replace_state") else [],
                "conflicting": [],
            }
        )

    async def replace(self, request: Request) -> Response:
        """A Worker's domains as a whole. Those of others are taken only with `override_existing_origin`."""
        service, asked = script_of(self._edge, request).name, await read_object(request)
        wanted = self._wanted(asked.get("origins"), service)
        if not asked.get("override_existing_origin"):
            for domain in wanted:
                self._edge.claims.check_free(domain)
        hosts = {domain.hostname for domain in wanted}
        with self._edge.zones.transaction():
            for domain in self._edge.zones.domains():
                if domain.service == service and domain.hostname not in hosts:
                    self._edge.zones.delete_domain(domain.id)
            for domain in wanted:
                self._edge.zones.put_domain(domain)
        await self._edge.addressing.publish()
        return ok([self._show(domain) for domain in wanted])

    def _wanted(self, asked: object, service: str) -> list[Domain]:
        if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
            raise Invalid(CODE_MALFORMED, "the domains have to be a list of objects with a hostname each")
        if len(asked) > DOMAINS_MAX:
            message = f"a Worker has at most {DOMAINS_MAX} custom domains, these are {len(asked)}"
            raise Invalid(CODE_MALFORMED, message)
        return [self._edge.claims.domain(each, service) for each in asked]

    def _found(self, request: Request) -> Domain:
        domain_id = str(request.path_params["domain"])
        domain = self._edge.zones.domain(domain_id)
        if domain is None:
            raise Missing(CODE_DOMAIN_MISSING, f"there is no custom domain {domain_id}")
        return domain

    def _show(self, domain: Domain) -> dict[str, Any]:
        zone = self._edge.zones.zone(domain.zone_id)
        return {
            "id": domain.id,
            "zone_id": domain.zone_id,
            "zone_name": zone.name if zone else None,
            "hostname": domain.hostname,
            "service": domain.service,
            "environment": "production",
            "cert_id": "",  # there is no TLS here, so there are no certificates
            "enabled": domain.enabled,
            "previews_enabled": False,
        }
