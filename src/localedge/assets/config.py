"""How a version's assets are served: as an upload says it, checked, and as Cloudflare's workers want it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localedge.assets.headers import parse_headers
from localedge.assets.redirects import parse_redirects
from localedge.assets.routing import read_routing
from localedge.errors import CODE_ASSET_RULES, CODE_VALIDATION, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.assets.headers import Fault

HTML_HANDLING = ("auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none")
NOT_FOUND_HANDLING = ("single-page-application", "404-page", "none")
KEPT = (
    "html_handling",
    "not_found_handling",
    "run_worker_first",
    "serve_directly",
    "base_path",
    "_headers",
    "_redirects",
)

RULES_BYTES_MAX = 1024 * 1024
FAULTS_TOLD_MAX = 20


@dataclass(frozen=True, slots=True)
class UploadedAssets:
    """What an upload says of its assets. Without a token it takes those of the version before."""

    jwt: str | None
    config: Mapping[str, Any]


def read_assets(metadata: Mapping[str, Any]) -> UploadedAssets | None:
    """`assets` and `keep_assets` of an upload's metadata; `Invalid` says what is wrong with them."""
    given, keep = metadata.get("assets"), metadata.get("keep_assets")
    if given is None:
        return UploadedAssets(None, {}) if keep is True else None
    if not isinstance(given, dict):
        raise Invalid(CODE_VALIDATION, "assets has to be an object")
    jwt, config = given.get("jwt"), given.get("config") or {}
    if not isinstance(config, dict):
        raise Invalid(CODE_VALIDATION, "assets.config has to be an object")
    if not isinstance(jwt, str) and keep is not True:
        raise Invalid(
            CODE_VALIDATION, "assets needs the completion token of an upload as its jwt, or keep_assets"
        )
    kept = {name: config[name] for name in KEPT if config.get(name) is not None}
    _check(kept)
    return UploadedAssets(jwt if isinstance(jwt, str) else None, kept)


def asset_config(config: Mapping[str, Any], *, date: str, flags: Sequence[str]) -> dict[str, Any]:
    """The configuration of the asset worker."""
    html_handling = config.get("html_handling")
    redirects = parse_redirects(config.get("_redirects", ""), html_handling=html_handling).configuration()
    headers = parse_headers(config.get("_headers", "")).configuration()
    wanted = {
        "html_handling": html_handling,
        "not_found_handling": config.get("not_found_handling"),
        "base_path": config.get("base_path"),
        "redirects": redirects,
        "headers": headers,
        "has_static_routing": isinstance(config.get("run_worker_first"), list),
        "compatibility_date": date,
        "compatibility_flags": list(flags),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def router_config(config: Mapping[str, Any], *, has_worker: bool) -> dict[str, Any]:
    """The configuration of the router before it."""
    first = _worker_first(config)
    if isinstance(first, list):
        return {"has_user_worker": has_worker, "static_routing": read_routing(first)}
    return {"has_user_worker": has_worker, "invoke_user_worker_ahead_of_assets": first}


def check_without_worker(config: Mapping[str, Any]) -> None:
    """Assets alone cannot let a Worker go first."""
    if _worker_first(config):
        raise Invalid(
            CODE_VALIDATION, "assets.config.run_worker_first needs a Worker script, this upload has none"
        )


def _worker_first(config: Mapping[str, Any]) -> bool | list[str]:
    """`serve_directly` is its older name, the other way round."""
    first = config.get("run_worker_first")
    if first is None and "serve_directly" in config:
        return not config["serve_directly"]
    return first if isinstance(first, list) else bool(first)


def _check(config: Mapping[str, Any]) -> None:
    _check_choice(config, "html_handling", HTML_HANDLING)
    _check_choice(config, "not_found_handling", NOT_FOUND_HANDLING)
    if not isinstance(config.get("serve_directly", True), bool):
        raise Invalid(CODE_VALIDATION, "assets.config.serve_directly has to be true or false")
    first = config.get("run_worker_first", False)
    if isinstance(first, list):
        read_routing(first)
    elif not isinstance(first, bool):
        raise Invalid(
            CODE_VALIDATION, "assets.config.run_worker_first has to be true, false or a list of patterns"
        )
    _check_base_path(config.get("base_path", "/"))
    headers, redirects = _text(config, "_headers"), _text(config, "_redirects")
    _check_rules("_headers", parse_headers(headers).faults)
    parsed = parse_redirects(redirects, html_handling=config.get("html_handling"))
    _check_rules("_redirects", parsed.faults)


def _check_choice(config: Mapping[str, Any], name: str, choices: Sequence[str]) -> None:
    if config.get(name, choices[0]) not in choices:
        raise Invalid(CODE_VALIDATION, f"assets.config.{name} has to be one of {', '.join(choices)}")


def _check_base_path(path: object) -> None:
    """As the asset worker checks it, which would fail at every request otherwise."""
    is_path = isinstance(path, str) and path and not path.startswith("//")
    if not is_path or re.search(r"[\\?#%\x00-\x1f\x7f]|^[A-Za-z][A-Za-z\d+.-]*:", str(path)):
        raise Invalid(CODE_VALIDATION, f"assets.config.base_path has to be a plain path, not {path!r}")


def _text(config: Mapping[str, Any], name: str) -> str:
    text = config.get(name, "")
    if not isinstance(text, str) or len(text.encode()) > RULES_BYTES_MAX:
        message = (
            f"assets.config.{name} has to be the text of a {name} file, of at most {RULES_BYTES_MAX} bytes"
        )
        raise Invalid(CODE_VALIDATION, message)
    return text


def _check_rules(name: str, faults: Sequence[Fault]) -> None:
    """One wrong line fails the whole upload, as on the platform."""
    if faults:
        told = [f"Line {fault.line_number}: {fault.message}" for fault in faults[:FAULTS_TOLD_MAX]]
        raise Invalid(CODE_ASSET_RULES, "\n".join([f"Invalid {name} configuration:", *told]))
