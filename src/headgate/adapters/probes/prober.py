"""Runs one smoke check and says in one line what was asked and what came: the port `Prober`."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from headgate.adapters.http_client import Answer, HttpClient, HttpError, Request
from headgate.adapters.probes.expectation import complaint, excerpt
from headgate.domain.smoke import SmokeResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headgate.domain.settings import SmokeCheck

OVERRIDE_HEADER = "Cloudflare-Workers-Version-Overrides"
VERSION_HEADER = "x-localedge-version"
_NOT_FOR_CHECKS = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_TOKEN", "CF_API_KEY")


class SmokeProber:
    """Commands run in the project's folder, with the environment's variables except the API's credentials."""

    def __init__(self, project: Path, http: HttpClient) -> None:
        self._project = project
        self._http = http

    def run(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str = "") -> SmokeResult:
        if check.command:
            return self._command(check, base_url, script=script, version_id=version_id)
        return self._request(check, base_url, script=script, version_id=version_id)

    def _request(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str) -> SmokeResult:
        asked = f"{check.method} {check.path}"
        headers = dict(check.headers)
        if version_id:
            headers[OVERRIDE_HEADER] = override(script, version_id)
        body = check.body.encode() if check.body else None
        request = Request(check.method, f"{base_url.rstrip('/')}{check.path}", headers, body)
        started = time.monotonic()
        try:
            answer = self._http.send(request, timeout_seconds=check.timeout_seconds)
        except HttpError as error:
            return _failed(check, f"{asked}: {error}", started)
        wrong = complaint(check, answer.status, answer.text) or _other_version(answer, version_id)
        came = f"{asked}: {answer.status} in {1000 * answer.seconds:.0f} ms"
        return SmokeResult(check.name, not wrong, f"{came}, {wrong}" if wrong else came, answer.seconds)

    def _command(self, check: SmokeCheck, base_url: str, *, script: str, version_id: str) -> SmokeResult:
        from headgate.adapters.processes import run  # subprocess: only for those who check by command

        asked = excerpt(" ".join(check.command))
        started = time.monotonic()
        try:
            finished = run(
                check.command,
                folder=self._project,
                environment=_environment(base_url, script, version_id),
                timeout_seconds=check.timeout_seconds,
                output_bytes_max=1 << 16,
            )
        except OSError as error:
            what = f"{asked}: cannot be started: {error.strerror or error}"
            return _failed(check, what, started)
        if finished.timed_out:
            ended = f"still ran after {check.timeout_seconds:g} s"
        else:
            ended = f"exit code {finished.exit_code} in {1000 * finished.seconds:.0f} ms"
        said = "" if finished.succeeded else f", {_last_line(finished.output)}"
        return SmokeResult(check.name, finished.succeeded, f"{asked}: {ended}{said}", finished.seconds)


def _failed(check: SmokeCheck, what: str, started: float) -> SmokeResult:
    return SmokeResult(check.name, passed=False, what=what, seconds=time.monotonic() - started)


def _other_version(answer: Answer, wanted: str) -> str:
    """A complaint if another version answered. The local edge says which one did; the platform does not."""
    answered = answer.headers.get(VERSION_HEADER, "")
    if not wanted or answered in ("", wanted):
        return ""
    return f"expected version {wanted} to answer; version {answered} did"


def override(script: str, version_id: str) -> str:
    """The value of the header that asks for one version: a structured dictionary."""
    return f'{script}="{version_id}"'


def _environment(base_url: str, script: str, version_id: str) -> Mapping[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CHECKS}
    return own | {
        "HEADGATE_URL": base_url,
        "HEADGATE_SCRIPT": script,
        "HEADGATE_VERSION_ID": version_id,
        "HEADGATE_VERSION_OVERRIDE": override(script, version_id) if version_id else "",
    }


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return f"its last line is {excerpt(lines[-1])!r}" if lines else "it said nothing"
