"""Sites of static assets for tests, uploaded as the API's reference describes it."""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
from typing import TYPE_CHECKING, Any

from tests.localedge.client import ES_MODULE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.localedge.client import Answer, RunningEdge

FILES = {
    "/index.html": b"<h1>home</h1>",
    "/about.html": b"<h1>about</h1>",
    "/docs/index.html": b"<h1>docs</h1>",
    "/404.html": b"<h1>lost</h1>",
    "/style.css": b"body {}",
    "/empty.txt": b"",
    "/a file.txt": b"spaced",
}

ASKS_ITS_ASSETS = """
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/throw") throw new Error("thrown by the Worker");
    if (url.pathname === "/through") return env.ASSETS.fetch(new URL("/style.css", url));
    return new Response("worker " + url.pathname);
  },
};
"""


def hash_of(path: str, body: bytes) -> str:
    """Any hash will do for the API; wrangler's depends on the extension too."""
    return hashlib.sha256(body + path.rpartition(".")[2].encode()).hexdigest()[:32]


def manifest_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {path: {"hash": hash_of(path, body), "size": len(body)} for path, body in files.items()}


def open_session(edge: RunningEdge, script: str, files: Mapping[str, bytes]) -> Answer:
    return edge.api(
        "POST", f"/workers/scripts/{script}/assets-upload-session", json={"manifest": manifest_of(files)}
    )


def send_files(edge: RunningEdge, token: str, parts: Mapping[str, tuple[bytes, str]]) -> Answer:
    """`parts` is hash -> (content, content type)."""
    form = {name: (name, base64.b64encode(body), kind) for name, (body, kind) in parts.items()}
    return edge.api(
        "POST",
        "/workers/assets/upload?base64=true",
        files=form,
        headers={"Authorization": f"Bearer {token}"},
    )


def upload_files(edge: RunningEdge, script: str, files: Mapping[str, bytes]) -> str:
    """Upload what is missing of a site; the completion token."""
    session = open_session(edge, script, files)
    assert session.status == 200, session
    parts = {hash_of(path, body): (body, _type_of(path)) for path, body in files.items()}
    token = str(session.result["jwt"])
    for bucket in session.result["buckets"]:
        answer = send_files(edge, session.result["jwt"], {name: parts[name] for name in bucket})
        assert answer.status in {201, 202}, answer
        token = str(answer.result.get("jwt", token))
    return token


def site_form(token: str | None, code: str | None = None, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401
    """The form of an upload with assets; `config` is theirs, without `code` there is no Worker."""
    config = metadata.pop("config", {})
    whole: dict[str, Any] = {"compatibility_date": "2026-01-01", **metadata}
    if token is not None:
        whole["assets"] = {"jwt": token, "config": config}
    form: dict[str, Any] = {}
    if code is not None:
        whole["main_module"] = "index.js"
        whole.setdefault("bindings", [{"name": "ASSETS", "type": "assets"}])
        form["index.js"] = ("index.js", code, ES_MODULE)
    return {"files": {"metadata": (None, json.dumps(whole)), **form}}


def deploy_site(
    edge: RunningEdge,
    script: str,
    files: Mapping[str, bytes] = FILES,
    code: str | None = None,
    **config: Any,  # noqa: ANN401
) -> str:
    """Upload a site and give it all traffic; its version's id."""
    form = site_form(upload_files(edge, script, files), code, config=config)
    answer = edge.api("PUT", f"/workers/scripts/{script}", **form)
    assert answer.status == 200, answer
    return str(answer.result["version_id"])


def _type_of(path: str) -> str:
    kind = mimetypes.guess_type(path)[0]
    if kind is None:
        return "application/null"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
