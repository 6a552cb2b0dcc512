"""Workers on the platform: the port `Platform` on the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from headgate.adapters.cloudflare import reading
from headgate.adapters.cloudflare.client import ApiCall, json_body
from headgate.adapters.cloudflare.lost_answers import surely
from headgate.adapters.cloudflare.upload_form import notes, upload_form
from headgate.domain.errors import PlatformError, PlatformRefused
from headgate.domain.traffic import Deployment, Split, Version, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headgate.adapters.cloudflare.access import Access
    from headgate.adapters.cloudflare.client import ApiClient
    from headgate.domain.artifact import Bundle

_ACCOUNT = "/accounts/{account}"
_PAGES_MAX = 50
_PAGE_SIZE = 100


class WorkersPlatform:
    """An account's Workers. `is_public` says of a new one whether it gets a workers.dev address."""

    def __init__(
        self, api: ApiClient, access: Access, *, is_public: Callable[[str], bool] = lambda _script: True
    ) -> None:
        self._api = api
        self._access = access
        self._is_public = is_public

    def verify_access(self) -> str:
        token = self._token_id()
        self._account_subdomain()
        return f"token {token[:8]}… for account {self._access.account_id[:4]}…"

    def deployment(self, script: str) -> Deployment | None:
        return self._api.read_or_none(
            ApiCall("GET", _script(script, "deployments")), reading.newest_deployment
        )

    def version(self, script: str, version_id: str) -> Version | None:
        return self._api.read_or_none(
            ApiCall("GET", _script(script, "versions", version_id)), reading.version
        )

    def versions(self, script: str) -> Sequence[Version]:
        newest = ApiCall("GET", _script(script, "versions"), query={"deployable": "true"})
        return self._api.read_or_none(newest, reading.versions) or ()

    def upload_version(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        body, content_type = upload_form(bundle, message=message, tag=tag)
        query = {"bindings_inherit": "strict"}
        upload = ApiCall("POST", _script(script, "versions"), query, body, content_type)
        return surely(
            lambda: self._api.read(upload, reading.version),
            lambda: self._tagged(script, tag),
            pause=self._api.pause,
        )

    def create_worker(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        serving = self._serving(script)
        if serving is None:
            serving = surely(
                lambda: self._put(script, bundle, message=message, tag=tag),
                lambda: self._serving(script),
                pause=self._api.pause,
            )
        if not tag or serving.tag != tag:
            raise PlatformError(
                f"The Worker {script} exists by now, with version {serving.id}.",
                where=script,
                remedy="Somebody else created it meanwhile. Run the release again to go beside that version.",
            )
        if self._is_public(script):
            self._api.call(ApiCall("POST", _script(script, "subdomain"), body=json_body({"enabled": True})))
        return serving

    def deploy(self, script: str, split: Split, *, message: str, force: bool = False) -> Deployment:
        """As the port says; `force` brings a version back whose secrets differ from those that serve now."""
        checked(split)
        body = {
            "strategy": "percentage",
            "versions": [
                {"version_id": version, "percentage": _whole(share)} for version, share in split.items()
            ],
            "annotations": notes(message=message),
        }
        query = {"force": "true"} if force else {}
        deploy = ApiCall("POST", _script(script, "deployments"), query, json_body(body))
        return surely(
            lambda: self._api.read(deploy, reading.deployment),
            lambda: self._deployed(script, split),
            pause=self._api.pause,
        )

    def delete_worker(self, script: str) -> None:
        self._api.read_or_none(ApiCall("DELETE", _script(script), query={"force": "true"}), reading.nothing)

    def secret_names(self, script: str) -> frozenset[str] | None:
        return self._api.read_or_none(ApiCall("GET", _script(script, "secrets")), reading.names)

    def kv_namespaces(self) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for page in range(1, _PAGES_MAX + 1):
            query = {"page": page, "per_page": _PAGE_SIZE}
            ids = self._api.read(ApiCall("GET", f"{_ACCOUNT}/storage/kv/namespaces", query), reading.ids)
            found |= ids
            if len(ids) < _PAGE_SIZE:
                return found
        raise PlatformError(
            f"The account has more than {_PAGES_MAX * _PAGE_SIZE} KV namespaces.", where="KV namespaces"
        )

    def address(self, script: str) -> str:
        if self._access.traffic_url:
            traffic = urlsplit(self._access.traffic_url)
            return f"{traffic.scheme}://{script}.localhost:{traffic.port}"
        switch = ApiCall("GET", _script(script, "subdomain"))
        subdomain = self._account_subdomain() if self._api.read_or_none(switch, reading.enabled) else None
        if not subdomain:
            raise PlatformError(
                f"The Worker {script} has no workers.dev address.",
                where=script,
                remedy="Set `url` for its environment in headgate.toml to the address of its route.",
            )
        return f"https://{script}.{subdomain}.workers.dev"

    def _token_id(self) -> str:
        """The token's id. Tokens of a user and tokens of an account are asked after in different places."""
        try:
            return self._api.read(ApiCall("GET", "/user/tokens/verify"), reading.id_of)
        except PlatformRefused as error:
            try:
                return self._api.read(ApiCall("GET", f"{_ACCOUNT}/tokens/verify"), reading.id_of)
            except PlatformError:
                raise error from None

    def _account_subdomain(self) -> str | None:
        return self._api.read_or_none(ApiCall("GET", f"{_ACCOUNT}/workers/subdomain"), reading.subdomain)

    def _put(self, script: str, bundle: Bundle, *, message: str, tag: str) -> Version:
        body, content_type = upload_form(bundle, message=message, tag=tag)
        query = {"excludeScript": "true", "bindings_inherit": "strict"}
        self._api.call(ApiCall("PUT", _script(script), query, body, content_type))
        serving = self._serving(script)
        if serving is None:
            raise PlatformError(f"The Worker {script} was uploaded, and yet nothing serves.", where=script)
        return serving

    def _serving(self, script: str) -> Version | None:
        current = self.deployment(script)
        return None if current is None else self.version(script, current.main_version)

    def _tagged(self, script: str, tag: str) -> Version | None:
        return next((version for version in self.versions(script) if tag and version.tag == tag), None)

    def _deployed(self, script: str, split: Split) -> Deployment | None:
        current = self.deployment(script)
        return current if current is not None and current.split == dict(split) else None


def _script(script: str, *below: str) -> str:
    return "/".join(
        ["/accounts/{account}/workers/scripts", *(quote(part, safe="") for part in (script, *below))]
    )


def _whole(share: float) -> float:
    """A whole number without a decimal point, as wrangler sends it."""
    return int(share) if share == int(share) else share
