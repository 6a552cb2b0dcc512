"""Builds the bundle with the project's own wrangler: the port `Builder`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from headgate.adapters.processes import Finished, run
from headgate.adapters.wrangler.carried import not_carried
from headgate.adapters.wrangler.form_data import NotAnUpload, parse
from headgate.adapters.wrangler.toolchain import find_node
from headgate.domain.errors import ConfigError, ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headgate.adapters.wrangler.toolchain import Wrangler
    from headgate.domain.artifact import Bundle
    from headgate.domain.settings import EnvironmentSettings
    from headgate.domain.wrangler_file import WranglerFile
    from headgate.ports import CallLog

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ERROR_LINES_MAX = 30
_NOT_FOR_BUILDS = re.compile(r"CLOUDFLARE_API_|CLOUDFLARE_EMAIL|CF_API_|CF_EMAIL|WRANGLER_OUTPUT_|NODE_ENV$")
"""Variables that a build does not get: it needs no credentials; and with NODE_ENV, which wrangler writes into
the bundle, the digest would depend on the machine."""


class WranglerBuilder:
    """Runs `wrangler deploy --dry-run --outfile`. With a folder as `cache` Node starts faster next time."""

    def __init__(
        self,
        project: Path,
        configuration: WranglerFile,
        wrangler: Wrangler,
        *,
        calls: CallLog,
        cache: Path | None = None,
        timeout_seconds: float = 300.0,
    ) -> None:
        self._project = project
        self._configuration = configuration
        self._wrangler = wrangler
        self._calls = calls
        self._cache = cache
        self._timeout_seconds = timeout_seconds

    def build(self, environment: EnvironmentSettings) -> Bundle:
        self._check(environment)
        with TemporaryDirectory(prefix="headgate-build-") as folder:
            outfile = Path(folder) / "upload.form"
            finished = self._run(outfile, environment)
            if not finished.succeeded:
                raise self._failed(finished, environment)
            return self._bundle(outfile, finished)

    def _check(self, environment: EnvironmentSettings) -> None:
        if not self._configuration.has_environment(environment.wrangler_env):
            raise ConfigError(
                f"wrangler knows no environment {environment.wrangler_env!r}.",
                where=self._configuration.path,
                remedy=f"Add it under `env`, or set wrangler_env for {environment.name} in headgate.toml.",
            )
        left_out = not_carried(self._configuration.in_environment(environment.wrangler_env))
        if left_out:
            raise ProjectError(
                f"Headgate cannot release this yet: {', '.join(left_out)}.",
                where=f"{self._configuration.path}, environment {environment.name}",
                remedy="It would be left out silently. Release this Worker with `wrangler deploy` for now.",
            )

    def _run(self, outfile: Path, environment: EnvironmentSettings) -> Finished:
        arguments = ["deploy", "--dry-run", "--outfile", str(outfile), "--env", environment.wrangler_env]
        arguments += ["--config", self._configuration.path]
        node = find_node()
        try:
            finished = run(
                [str(node), str(self._wrangler.script), *arguments],
                folder=self._project,
                environment=self._environment(node, outfile.parent),
                timeout_seconds=self._timeout_seconds,
            )
        except OSError as error:
            raise ProjectError(f"Node cannot be started: {error}.", where=str(node)) from error
        shown = f"wrangler deploy --dry-run --env={environment.wrangler_env}"
        self._calls.note(f"{shown} exit {finished.exit_code} ({1000 * finished.seconds:.0f} ms)")
        return finished

    def _environment(self, node: Path, temporary: Path) -> Mapping[str, str]:
        own = {name: value for name, value in os.environ.items() if not _NOT_FOR_BUILDS.match(name)}
        cache = {"NODE_COMPILE_CACHE": str(self._cache)} if self._cache else {}
        return (
            own
            | cache
            | {
                "CI": "1",
                "FORCE_COLOR": "0",
                "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                "TMPDIR": str(temporary),
                "WRANGLER_HIDE_BANNER": "true",
                "WRANGLER_SEND_METRICS": "false",
                "WRANGLER_WRITE_LOGS": "false",
            }
        )

    def _bundle(self, outfile: Path, finished: Finished) -> Bundle:
        try:
            return parse(outfile.read_bytes())
        except FileNotFoundError:
            what = "wrangler ended well and wrote no bundle"
        except NotAnUpload as error:
            what = f"wrangler's bundle cannot be read: {error}"
        raise ProjectError(
            f"{what}. It said: {error_lines(finished.output) or 'nothing'}",
            where=f"wrangler {self._wrangler.version}",
            remedy="Bring wrangler to the version that Headgate is tested with: `npm install wrangler@4`.",
        )

    def _failed(self, finished: Finished, environment: EnvironmentSettings) -> ProjectError:
        ended = f"took longer than {self._timeout_seconds:g} s" if finished.timed_out else "failed"
        return ProjectError(
            f"The build for {environment.name} {ended}:\n{error_lines(finished.output)}\n",
            where=f"wrangler {self._wrangler.version}, {self._configuration.path}",
            remedy=f"See it with `npx wrangler deploy --dry-run --env={environment.wrangler_env}`.",
        )


def error_lines(output: str) -> str:
    """What wrangler said was wrong, without colours: from its first error on, or else the end of it all."""
    lines = [line.rstrip() for line in _ESCAPES.sub("", output).splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if "[ERROR]" in line), None)
    kept = lines[-_ERROR_LINES_MAX:] if first is None else lines[first : first + _ERROR_LINES_MAX]
    return "\n".join(kept)
