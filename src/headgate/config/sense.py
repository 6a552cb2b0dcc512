"""What a schema cannot know: settings that do not fit each other, or the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headgate.config.build import at_home
from headgate.config.metrics import misfits
from headgate.config.wrangler_file import find_wrangler_file
from headgate.domain.settings import WRANGLER_FILES

if TYPE_CHECKING:
    from pathlib import Path

    from headgate.config.mistake import Mistake

Table = Mapping[str, Any]
ALL = 100
"""Percent."""


def nonsense(document: Table, project: Path) -> list[Mistake]:
    """Every mistake of a document that the schema allows."""
    return [
        *_platform(document["platform"]),
        *_release(document),
        *_same_worker(document),
        *_smoke_names(document["smoke"]),
        *_metrics(document),
        *_rollout(document.get("rollout", {})),
        *_wrangler(document, project),
    ]


def _mistake(at: tuple[str | int, ...], what: str, remedy: str) -> Mistake:
    # Loaded for a mistake only: it brings what finds lines.
    from headgate.config.mistake import Mistake

    return Mistake(at, what, remedy)


def _platform(platform: Table) -> Iterator[Mistake]:
    if platform.get("local_edge") and platform.get("account_id"):
        yield _mistake(
            ("platform", "local_edge"),
            "`local_edge` and `account_id` are both set.",
            "Take one out: a project is deployed to a local edge or to an account.",
        )
    if not platform.get("local_edge") and not platform.get("account_id"):
        yield _mistake(
            ("platform",),
            "`[platform]` does not say where to deploy to.",
            'Add `account_id = "..."` (`wrangler whoami` shows it), or `local_edge = ".headgate/edge"`.',
        )
    if _in_the_clear(platform.get("api_base", "")):
        yield _mistake(
            ("platform", "api_base"),
            "`api_base` would send the API token over the network unencrypted.",
            "Use `https://`; `http://` is for addresses on this machine.",
        )


def _in_the_clear(address: str) -> bool:
    if not address.startswith("http://"):
        return False
    host = address.removeprefix("http://").partition("/")[0].rpartition("@")[2]
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return not (name in ("localhost", "127.0.0.1", "::1") or name.endswith(".localhost"))


def _release(document: Table) -> Iterator[Mistake]:
    environments = document["environments"]
    parts = _parts(document)
    for part, name in parts.items():
        if name not in environments:
            yield _mistake(
                ("release", part) if part in document.get("release", {}) else ("environments",),
                f"There is no environment `{name}`, which is the one for {part}.",
                f"Add `[environments.{name}]`, or name another under `[release]`: {part} = ... "
                f"(there is {', '.join(environments)}).",
            )
    if parts["staging"] == parts["production"]:
        yield _mistake(
            ("release", "staging"),
            "Staging and production are the same environment.",
            "Name two: a release is tried in staging before it goes to production.",
        )


def _parts(document: Table) -> dict[str, str]:
    return {"staging": "staging", "production": "production", **document.get("release", {})}


def _same_worker(document: Table) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for name, table in document["environments"].items():
        wrangler_env = table.get("wrangler_env", name)
        if wrangler_env in seen:
            yield _mistake(
                ("environments", name),
                f"`{seen[wrangler_env]}` and `{name}` are the same environment to wrangler.",
                "Give each its own `wrangler_env`, so that each is a Worker of its own.",
            )
        seen.setdefault(wrangler_env, name)


def _smoke_names(checks: list[Table]) -> Iterator[Mistake]:
    names = [check["name"] for check in checks]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield _mistake(
                ("smoke", number, "name"),
                f"Two smoke checks are named `{name}`.",
                "Give each its own name, so that a report says which one failed.",
            )


def _rollout(rollout: Table) -> Iterator[Mistake]:
    steps = rollout.get("steps", [5, 25, 50, 100])
    if steps != sorted(steps) or steps[-1] != ALL:
        yield _mistake(
            ("rollout", "steps"),
            "`steps` must grow, and end with 100.",
            "Give the shares in percent, such as [5, 25, 50, 100].",
        )
    unknown = [share for share in rollout.get("pauses", ()) if share not in steps]
    if unknown:
        yield _mistake(
            ("rollout", "pauses"),
            f"`pauses` names a step that is not there: {unknown[0]:g}.",
            f"Pause after one of {', '.join(f'{share:g}' for share in steps if share < ALL)}.",
        )


def _metrics(document: Table) -> Iterator[Mistake]:
    for at, what, remedy in misfits(document):
        yield _mistake(at, what, remedy)
    if _in_the_clear(document.get("metrics", {}).get("prometheus", {}).get("url", "")):
        yield _mistake(
            ("metrics", "prometheus", "url"),
            "`url` would send what is asked, and the token, over the network unencrypted.",
            "Use `https://`; `http://` is for addresses on this machine.",
        )


def _wrangler(document: Table, project: Path) -> Iterator[Mistake]:
    named = document.get("wrangler_config", "")
    if find_wrangler_file(project, at_home(named)):
        return
    if named:
        yield _mistake(
            ("wrangler_config",), f"There is no file `{named}`.", "Name the project's wrangler configuration."
        )
    else:
        yield _mistake(
            (),
            f"There is no wrangler configuration beside headgate.toml ({', '.join(WRANGLER_FILES)}).",
            "Put headgate.toml into the folder of the Worker, or name the file: wrangler_config = ...",
        )
