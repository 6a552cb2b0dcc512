"""The acts on a Worker, in the order that loses no request: start, switch, remember, only then retire."""

from __future__ import annotations

import asyncio
import logging
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from localedge.errors import (
    CODE_MALFORMED,
    CODE_NAMESPACE_OF_BINDING,
    CODE_NO_VERSIONS,
    CODE_SECRET_NOT_DEPLOYED,
    CODE_SETTINGS_NOT_DEPLOYED,
    ApiError,
    Invalid,
    script_missing,
    version_missing,
)
from localedge.state.model import Deployment, Script, Share, StoredModule, Version, utc_now
from localedge.workers import rules
from localedge.workers.bindings import Bindings, with_secrets
from localedge.workers.drafts import Draft, draft_from_upload, draft_from_version, started, version_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from localedge.state.blobs import Blobs
    from localedge.state.namespaces import NamespaceTable
    from localedge.state.workers import WorkerTable
    from localedge.workers.processes import Processes
    from localedge.workers.upload_form import Upload

log = logging.getLogger(__name__)


class Releases:
    """Uploads, deployments, secrets and deletion. Two acts on one Worker happen one after the other."""

    def __init__(
        self, table: WorkerTable, namespaces: NamespaceTable, blobs: Blobs, processes: Processes
    ) -> None:
        self._table = table
        self._namespaces = namespaces
        self._blobs = blobs
        self._processes = processes
        # Weak, so that a lock lives as long as someone holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def restore(self) -> None:
        """After a start of the edge: everything that was deployed serves again, with the same split."""
        self._blobs.keep_only(self._table.digests())
        for script in self._table.scripts():
            try:
                await self._restore(script.name)
            except (ApiError, OSError) as error:
                # The other Workers have to serve all the same; this one does after its next deployment.
                log.warning("Worker %s does not serve: %s", script.name, error)

    async def upload(
        self, name: str, upload: Upload, *, source: str, strict: bool
    ) -> tuple[Version, Deployment]:
        """A new version at 100 %, of a Worker that is made if it is not there."""
        async with self._lock(name):
            script = self._table.script(name) or _new_script(name)
            script = replace(script, modified_on=utc_now(), settings={**script.settings, **upload.settings})
            draft = self._draft(name, upload, source=source, strict=strict)
            return await self._release(script, draft, trigger="upload")

    async def upload_version(self, name: str, upload: Upload, *, source: str, strict: bool) -> Version:
        """A new version that does not serve yet."""
        async with self._lock(name):
            script = self._script(name)
            draft = self._draft(name, upload, source=source, strict=strict)
            return await self._add_version(script, draft, trigger="version_upload")

    async def deploy(
        self, name: str, shares: Sequence[Share], *, source: str, annotations: Mapping[str, str], force: bool
    ) -> Deployment:
        """Let one or two versions serve."""
        async with self._lock(name):
            self._script(name)
            versions = [self._deployable(name, share.version_id) for share in shares]
            if not force:
                self._check_way_back(name, versions)
            for version in versions:
                await self._processes.start(version, self._table.secrets(version.id))
            annotations = {"workers/triggered_by": "deployment", **annotations}
            return await self._switch(_new_deployment(name, shares, source, annotations))

    async def change_secrets(
        self, name: str, changes: Mapping[str, str | None], *, source: str
    ) -> tuple[Version, Deployment]:
        """Set or remove secrets of the version that serves: a new version, same code, deployed at once."""
        async with self._lock(name):
            script = self._script(name)
            latest = self._latest(name)
            if not rules.fully_deployed(latest, self._table.current_deployment(name)):
                message = (
                    "Secret edit failed. The latest version of your Worker does not serve all traffic:"
                    " deploy it first, or change the secret in a new version (wrangler versions secret put)."
                )
                raise Invalid(CODE_SECRET_NOT_DEPLOYED, message)
            draft = self._draft_with_secrets(latest, changes, source=source, annotations={})
            return await self._release(script, draft, trigger="secret")

    async def change_secrets_in_new_version(
        self, name: str, changes: Mapping[str, str | None], *, source: str, annotations: Mapping[str, str]
    ) -> Version:
        """The same, in a version that does not serve yet."""
        async with self._lock(name):
            script = self._script(name)
            draft = self._draft_with_secrets(
                self._latest(name), changes, source=source, annotations=annotations
            )
            return await self._add_version(script, draft, trigger="secret")

    async def change_settings(
        self, name: str, change: Callable[[Version, Bindings], Draft]
    ) -> tuple[Version, Deployment]:
        """What `change` makes of the version that serves: a new version, deployed at once."""
        async with self._lock(name):
            script, latest = self._script(name), self._latest(name)
            if not rules.fully_deployed(latest, self._table.current_deployment(name)):
                message = (
                    "Script edit failed. The latest version of your Worker does not serve all traffic: deploy"
                    " it first, or upload a new version with the settings. What no version has is changed by"
                    f" PATCH workers/scripts/{name}/script-settings."
                )
                raise Invalid(CODE_SETTINGS_NOT_DEPLOYED, message)
            return await self._release(script, change(latest, self.bindings_of(latest)), trigger="settings")

    async def delete(self, name: str) -> None:
        """The Worker with all that belongs to it; its address answers 404 from now on."""
        async with self._lock(name):
            self._script(name)
            await self._processes.split(name, ())
            self._table.delete_script(name)
            self._processes.retire_all_but(name, set())

    def bindings_of(self, version: Version | None) -> Bindings:
        """A version's bindings with its secrets; none of no version."""
        return Bindings(version.bindings, self._table.secrets(version.id)) if version else Bindings()

    def module_body(self, module: StoredModule) -> bytes:
        return self._blobs.get(module.digest)

    async def _restore(self, name: str) -> None:
        deployments = self._table.deployments(name, limit=rules.DEPLOYABLE_MAX)
        if not deployments:
            return
        for version_id in rules.stay_up(deployments, ()):
            version = self._version(name, version_id)
            await self._processes.start(version, self._table.secrets(version_id))
        await self._processes.split(name, deployments[0].shares)

    async def _release(self, script: Script, draft: Draft, *, trigger: str) -> tuple[Version, Deployment]:
        version = await self._add_version(script, draft, trigger=trigger)
        annotations = {"workers/triggered_by": trigger}
        if message := draft.annotations.get("workers/message"):
            annotations["workers/message"] = message
        shares = (Share(version.id, 100),)
        return version, await self._switch(_new_deployment(script.name, shares, draft.source, annotations))

    async def _add_version(self, script: Script, draft: Draft, *, trigger: str) -> Version:
        """Start the version for real; only one that came up is remembered."""
        self._check_namespaces(draft.bindings)
        latest = self._table.latest_version(script.name)
        version = version_of(
            replace(draft, annotations={"workers/triggered_by": trigger, **draft.annotations}),
            version_id=str(uuid.uuid4()),
            script=script.name,
            number=latest.number + 1 if latest else 1,
            created_on=utc_now(),
        )
        version = started(version, await self._processes.start(version, draft.bindings.secrets))
        try:
            with self._table.transaction():
                self._table.put_script(script)
                self._table.add_version(version, draft.bindings.secrets)
        finally:
            self._retire(script.name)
        return version

    async def _switch(self, deployment: Deployment) -> Deployment:
        """Send the traffic over, remember it, and retire what is no longer needed."""
        before = self._table.current_deployment(deployment.script)
        await self._processes.split(deployment.script, deployment.shares)
        try:
            self._table.add_deployment(deployment)
        except BaseException:
            await self._processes.split(deployment.script, before.shares if before else ())
            raise
        self._retire(deployment.script)
        return deployment

    def _retire(self, name: str) -> None:
        deployments = self._table.deployments(name, limit=rules.DEPLOYABLE_MAX)
        newest = self._table.versions(name, limit=rules.NEWEST_KEPT_UP)
        self._processes.retire_all_but(name, rules.stay_up(deployments, newest))

    def _check_way_back(self, name: str, targets: Sequence[Version]) -> None:
        current = self._table.current_deployment(name)
        if current is None or len(targets) > 1:
            return
        serving = [self._version(name, version_id) for version_id in current.version_ids]
        if rules.goes_back(targets[0], serving):
            texts = self._table.secrets(serving[0].id)
            rules.check_secrets_unchanged(texts, self._table.secrets(targets[0].id), targets[0].id)

    def _check_namespaces(self, bindings: Bindings) -> None:
        for binding in bindings.public:
            namespace_id = binding.get("namespace_id")
            if binding["type"] != "kv_namespace" or self._namespaces.get(str(namespace_id)):
                continue
            message = f"binding {binding['name']!r}: KV namespace not found, namespace_id is {namespace_id!r}"
            raise Invalid(CODE_NAMESPACE_OF_BINDING, message)

    def _draft(self, name: str, upload: Upload, *, source: str, strict: bool) -> Draft:
        before = self.bindings_of(self._table.latest_version(name))
        return draft_from_upload(upload, before=before, strict=strict, source=source, blobs=self._blobs)

    def _draft_with_secrets(
        self,
        latest: Version,
        changes: Mapping[str, str | None],
        *,
        source: str,
        annotations: Mapping[str, str],
    ) -> Draft:
        bindings = with_secrets(self.bindings_of(latest), changes)
        return draft_from_version(latest, bindings, source=source, annotations=annotations)

    def _script(self, name: str) -> Script:
        script = self._table.script(name)
        if script is None:
            raise script_missing(name)
        return script

    def _version(self, name: str, version_id: str) -> Version:
        version = self._table.version(name, version_id)
        if version is None:
            raise version_missing(name, version_id)
        return version

    def _deployable(self, name: str, version_id: str) -> Version:
        version = self._version(name, version_id)
        if version.number <= self._latest(name).number - rules.DEPLOYABLE_MAX:
            message = (
                f"version {version_id} can't be deployed: it is not one of the {rules.DEPLOYABLE_MAX} newest"
            )
            raise Invalid(CODE_MALFORMED, message)
        return version

    def _latest(self, name: str) -> Version:
        latest = self._table.latest_version(name)
        if latest is None:
            raise Invalid(CODE_NO_VERSIONS, f"Worker {name} has no version yet; upload one first")
        return latest

    @asynccontextmanager
    async def _lock(self, name: str) -> AsyncIterator[None]:
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        async with lock:
            yield


def _new_script(name: str) -> Script:
    now = utc_now()
    return Script(name=name, tag=uuid.uuid4().hex, created_on=now, modified_on=now)


def _new_deployment(
    script: str, shares: Sequence[Share], source: str, annotations: Mapping[str, str]
) -> Deployment:
    return Deployment(
        id=str(uuid.uuid4()),
        script=script,
        created_on=utc_now(),
        source=source,
        shares=tuple(shares),
        annotations=dict(annotations),
    )
