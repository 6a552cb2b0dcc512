"""`headgate init`: write a first headgate.toml from what the project has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.domain.errors import ConfigError
from headgate.entrypoints.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from headgate.config.template import Found
    from headgate.domain.wrangler_file import WranglerFile
    from headgate.entrypoints.cli.context import Context


def configure(parser: ArgumentParser) -> None:
    """It has no arguments of its own."""


def run(_args: Namespace, context: Context) -> int:
    """Write the file, and say what to do next. Never writes over one that is there."""
    from headgate.bootstrap import wrangler_file
    from headgate.config import FILE_NAME
    from headgate.config.template import headgate_toml

    folder = (context.project or Path.cwd()).absolute()
    file = folder / FILE_NAME
    if file.exists():
        raise ConfigError(
            "There is a headgate.toml already.",
            where=str(file),
            remedy="Change it, or move it away to get a new one.",
        )
    found = look(folder, wrangler_file(folder))
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(headgate_toml(found))
    except OSError as error:
        raise ConfigError(
            f"headgate.toml cannot be written: {error.strerror}.",
            where=str(folder),
            remedy="Make the folder writable.",
        ) from error
    steps = next_steps(found)
    if context.json:
        context.give({"file": str(file), "next_steps": steps})
    context.say(
        "\n".join((f"Wrote {file}.", "", "Next:", *(f"  {n}. {step}" for n, step in enumerate(steps, 1))))
    )
    return ExitCode.DONE


def look(folder: Path, wrangler: WranglerFile) -> Found:
    """What the project has."""
    from headgate.config.template import Found, chosen_environments

    names = tuple(wrangler.data.get("env") or {})
    fields = [
        wrangler.in_environment(name) for name in chosen_environments(names).values() if name in ("", *names)
    ]
    required = {name for each in fields for name in (each.get("secrets") or {}).get("required", ())}
    command, results = _tests(folder)
    return Found(
        service=_service(wrangler.data.get("name"), folder),
        wrangler_config=wrangler.path,
        environments=names,
        account_id=str(wrangler.data.get("account_id") or ""),
        secrets=tuple(sorted(required or _names_in(folder / ".dev.vars"))),
        test_command=command,
        test_results=results,
    )


def next_steps(found: Found) -> list[str]:
    """What is left to do before the first release."""
    from headgate.config.template import missing_environments

    steps = [
        f"Add the environment `{name}` to {found.wrangler_config} (env.{name})."
        for name in missing_environments(found)
    ]
    steps += ["Look through headgate.toml; add smoke checks that say whether the service works."]
    steps += [] if found.test_results else ["See that the tests write JUnit XML to reports/junit.xml."]
    steps += [] if found.account_id else ["`headgate edge up` starts a Cloudflare on this machine."]
    return [
        *steps,
        "`headgate doctor` says what is still missing.",
        "`headgate test`, then `headgate deploy`.",
    ]


def _service(name: object, folder: Path) -> str:
    """Wrangler's name for the Worker, or the folder's, as far as a service may be called that."""
    wanted = re.sub(r"[^A-Za-z0-9._-]+", "-", str(name or folder.name)).strip("-._")
    return wanted[:63] or "service"


def _tests(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The test command of package.json, and the JUnit file that it names."""
    script = str(_package(folder).get("scripts", {}).get("test", ""))
    if not script:
        return (), ()
    file = re.search(r"""(?:=|\s)["']?([^\s"'=]+\.xml)\b""", script)
    return (_package_manager(folder), "test"), ((file[1],) if file else ())


def _package_manager(folder: Path) -> str:
    lock_files = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "package-lock.json": "npm"}
    return next((program for lock, program in lock_files.items() if (folder / lock).exists()), "npm")


def _package(folder: Path) -> Mapping[str, Any]:
    try:
        package = json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return package if isinstance(package, dict) and isinstance(package.get("scripts", {}), dict) else {}


def _names_in(file: Path) -> set[str]:
    """The names, never the values, that wrangler's file of local secrets sets."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    return set(re.findall(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", text, re.MULTILINE))
