"""A first headgate.toml for a project, as text with comments: what `headgate init` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STAGING_NAMES = ("staging", "stage", "preview", "test", "qa", "dev", "development")
PRODUCTION_NAMES = ("production", "prod", "live")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a project. `environments` are wrangler's; empty texts and lists were not found."""

    service: str
    wrangler_config: str
    environments: tuple[str, ...] = ()
    account_id: str = ""
    secrets: tuple[str, ...] = ()
    test_command: tuple[str, ...] = ()
    test_results: tuple[str, ...] = ()


def headgate_toml(found: Found) -> str:
    """The whole file."""
    sections = (
        _head(found),
        _platform(found),
        _environments(found),
        _tests(found),
        _secrets(found),
        _SMOKE,
        _REST,
    )
    return "\n".join(sections)


def chosen_environments(names: Sequence[str]) -> Mapping[str, str]:
    """Headgate's two environments and wrangler's names for them; '' is wrangler's top level.

    Where wrangler has only one of the two, the top level is the other. Where it has neither, a staging
    environment has to be added to the wrangler configuration.
    """
    staging = next((name for name in STAGING_NAMES if name in names), "")
    production = next((name for name in PRODUCTION_NAMES if name in names), "")
    if not staging and not production:
        return {"staging": "staging", "production": ""}
    return {staging or "staging": staging, production or "production": production}


def missing_environments(found: Found) -> tuple[str, ...]:
    """Environments that the file names and the wrangler configuration lacks."""
    wanted = chosen_environments(found.environments).values()
    return tuple(name for name in wanted if name and name not in found.environments)


def _head(found: Found) -> str:
    return f"""\
# How {found.service} goes to production. `headgate doctor` checks this file and all it needs.
# docs/reference/configuration.md of Headgate explains every setting.

service = {_toml(found.service)}
wrangler_config = {_toml(found.wrangler_config)}
"""


def _platform(found: Found) -> str:
    if found.account_id:
        return f"""\
[platform]
# The API token comes from the environment variable CLOUDFLARE_API_TOKEN; it never stands in this file.
account_id = {_toml(found.account_id)}
"""
    return """\
[platform]
# A Cloudflare on this machine, from `headgate edge up`: good for a first try. For your own account, put
# `account_id = "..."` here instead (`npx wrangler whoami` shows it), and the API token in the environment
# variable CLOUDFLARE_API_TOKEN.
local_edge = ".headgate/edge"
"""


def _environments(found: Found) -> str:
    chosen = chosen_environments(found.environments)
    staging, production = chosen
    lines = [
        "# A release goes to staging first, then to production. `url` may name an environment's own address."
    ]
    for name, wrangler_env in chosen.items():
        lines.append(f"[environments.{name}]")
        if not wrangler_env:
            lines.append('wrangler_env = ""     # the top level of the wrangler configuration')
    if (staging, production) != ("staging", "production"):
        lines += ["", "[release]", f"staging = {_toml(staging)}", f"production = {_toml(production)}"]
    return "\n".join(lines) + "\n"


def _tests(found: Found) -> str:
    command = found.test_command or ("npm", "test")
    results = found.test_results or ("reports/junit.xml",)
    return f"""\
# `headgate test` runs this on the artifact. Nothing is released whose artifact was not tested.
[tests]
command = {_toml(command)}
results = {_toml(results)}     # JUnit XML; the command has to write it
"""


def _secrets(found: Found) -> str:
    return f"""\
# Names of secrets that must exist in an environment before a release goes there.
[secrets]
required = {_toml(found.secrets)}
"""


_SMOKE = """\
# What is tried in staging, and on the new version in production before it gets any traffic.
[[smoke]]
name = "front page"
path = "/"
status = 200
# body_contains = "Welcome"

# A command works as well; it finds HEADGATE_URL in its environment.
# [[smoke]]
# name = "script"
# command = ["./smoke.sh"]
"""

_REST = """\
# After the switch the new version is watched; it is rolled back by itself if it does worse than the old one.
[watch]
duration_seconds = 60

# Or step by step, each step weighed against the version before while both serve:
# [rollout]
# strategy = "canary"
# steps = [5, 25, 50, 100]

# Who is told, besides the terminal. `env:NAME` takes the address from an environment variable.
# [notify.webhooks]
# developer = "env:DEVELOPER_WEBHOOK"
"""


def _toml(value: str | Sequence[str]) -> str:
    """A text or a list of texts. TOML's basic strings are JSON's, apart from the delete character."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "[" + ", ".join(_toml(item) for item in value) + "]"
