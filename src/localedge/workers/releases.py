"""The acts on a Worker, in the order that loses no request: start, switch, remember, only then retire."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from localedge.errors import (
    CODE_MALFORMED,
    CODE_NO_VERSIONS,
    CODE_SECRET_NOT_DEPLOYED,
    CODE_SETTINGS_NOT_DEPLOYED,
    CODE_VERSION_MISSING,
    ApiError,
    Invalid,
    Missing,
    script_missing,
    version_missing,
)
from localedge.objects.plans import check_without_migration
from localedge.state.model import Deployment, Script, Share, StoredAssets, StoredModule, Version, utc_now
from localedge.workers import handlers, rules
from localedge.workers.bindings import Bindings, with_secrets
from localedge.workers.drafts import (
    Draft,
    draft_from_upload,
    draft_from_version,
    started,
    version_of,
    with_objects,
)
from localedge.workers.references import References

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from localedge.assets.store import AssetStore
    from localedge.objects.plans import ObjectPlan, ObjectPlans
    from localedge.state.blobs import Blobs
    from localedge.state.workers import WorkerTable
    from localedge.workers.processes import Processes
    from localedge.workers.referents import Referents
    from localedge.workers.upload_form import Upload

log = logging.getLogger(__name__)

TRIGGER = "workers/triggered_by"
RESTORED_AT_ONCE = 4


class Releases:
    """Uploads, deployments, secrets and deletion. Two acts on one Worker happen one after the other."""

    def __init__(
        self,
        table: WorkerTable,
        referents: Referents,
        blobs: Blobs,
        assets: AssetStore,
        processes: Processes,
        *,
        objects: ObjectPlans,
    ) -> None:
        self._table = table
        self._objects = objects
        self._references = References(table)
        self._referents = referents
        self._blobs = blobs
        self._assets = assets
        self._processes = processes
        # Weak, so that a lock lives as long as someone holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def restore(self) -> None:
        """After a start of the edge: everything that was deployed serves again, with the same split."""
        kept = self._table.kept_versions(rules.DEPLOYABLE_MAX)
        assets = self._assets.keep(self._table.asset_manifests(kept))
        self._blobs.keep_only(self._table.digests(kept) | assets)
        await self._for_each_script(self._restore)

    async def ready_rollbacks(self) -> None:
        """After `restore`: the versions that served before are ready to serve again."""
        await self._for_each_script(self._ready_rollback)

    async def _for_each_script(self, act: Callable[[str], Awaitable[None]]) -> None:
        """Some at a time."""
        turns = asyncio.Semaphore(RESTORED_AT_ONCE)

        async def acted(name: str) -> None:
            async with turns:
                await act(name)

        async with asyncio.TaskGroup() as tasks:
            for script in self._table.scripts():
                tasks.create_task(acted(script.name))

    async def upload(
        self, name: str, upload: Upload, *, source: str, strict: bool
    ) -> tuple[Version, Deployment]:
        """A new version at 100 %, of a Worker that is made if it is not there."""
        async with self._acting_on(name):
            draft = self._draft(name, upload, source=source, strict=strict)
            return await self._release(name, draft, trigger="upload", settings=upload.settings)

    async def upload_version(self, name: str, upload: Upload, *, source: str, strict: bool) -> Version:
        """A new version that does not serve yet."""
        async with self._acting_on(name):
            self._check_script(name)
            check_without_migration(upload.migrations)
            draft = self._draft(name, upload, source=source, strict=strict)
            return await self._add_version(name, draft, trigger="version_upload")

    async def deploy(
        self, name: str, shares: Sequence[Share], *, source: str, annotations: Mapping[str, str], force: bool
    ) -> Deployment:
        """Let one or two versions serve."""
        async with self._acting_on(name):
            self._check_script(name)
            versions = [self._deployable(name, share.version_id) for share in shares]
            self._check_change(name, versions, force=force)
            for version in versions:
                await self._processes.start(version, self._table.secrets(version.id))
            return await self._switch(name, shares, source, {**annotations, TRIGGER: "deployment"})

    async def change_secrets(
        self, name: str, changes: Mapping[str, str | None], *, source: str
    ) -> tuple[Version, Deployment]:
        """Set or remove secrets of the version that serves: a new version, same code, deployed at once."""
        async with self._acting_on(name):
            latest = self._latest(name)
            if not rules.fully_deployed(latest, self._table.current_deployment(name)):
                message = (
                    "Secret edit failed. The latest version of your Worker does not serve all traffic:"
                    " deploy it first, or change the secret in a new version (wrangler versions secret put)."
                )
                raise Invalid(CODE_SECRET_NOT_DEPLOYED, message)
            draft = self._draft_with_secrets(latest, changes, source=source, annotations={})
            return await self._release(name, draft, trigger="secret")

    async def change_secrets_in_new_version(
        self, name: str, changes: Mapping[str, str | None], *, source: str, annotations: Mapping[str, str]
    ) -> Version:
        """The same, in a version that does not serve yet."""
        async with self._acting_on(name):
            latest = self._latest(name)
            draft = self._draft_with_secrets(latest, changes, source=source, annotations=annotations)
            return await self._add_version(name, draft, trigger="secret")

    async def change_settings(
        self, name: str, change: Callable[[Version, Bindings], Draft]
    ) -> tuple[Version, Deployment]:
        """What `change` makes of the version that serves: a new version, deployed at once."""
        async with self._acting_on(name):
            latest = self._latest(name)
            if not rules.fully_deployed(latest, self._table.current_deployment(name)):
                message = (
                    "Script edit failed. The latest version of your Worker does not serve all traffic: deploy"
                    " it first, or upload a new version with the settings. What no version has is changed by"
                    f" PATCH workers/scripts/{name}/script-settings."
                )
                raise Invalid(CODE_SETTINGS_NOT_DEPLOYED, message)
            return await self._release(name, change(latest, self.bindings_of(latest)), trigger="settings")

    async def delete(self, name: str, *, force: bool) -> None:
        """The Worker with all that belongs to it, Durable Objects too; its address answers 404 from now on.

        `Conflict` when other Workers depend on it, unless `force`.
        """
        async with self._acting_on(name):
            self._check_script(name)
            if not force:
                self._references.check_unused(name)
            await self._split(name, (), remember=lambda: self._table.delete_script(name))
            await self._processes.forget_objects(name)

    def bindings_of(self, version: Version | None) -> Bindings:
        """A version's bindings with its secrets; none of no version."""
        return Bindings(version.bindings, self._table.secrets(version.id)) if version else Bindings()

    def module_body(self, version: Version, module: StoredModule) -> bytes:
        """`Missing` when the version is so old that its code was let go."""
        try:
            return self._blobs.get(module.digest)
        except FileNotFoundError as error:
            message = f"the code of version {version.id} is not kept: it is older than the newest versions"
            raise Missing(CODE_VERSION_MISSING, f"{message} ({rules.DEPLOYABLE_MAX})") from error

    async def _restore(self, name: str) -> None:
        serving = self._table.current_deployment(name)
        if serving is None:
            return
        # One that does not start must not keep the others down; its next deployment brings it back.
        with _logged(f"Worker {name} does not serve"):
            for version_id in serving.version_ids:
                await self._start(name, version_id)
            await self._processes.split(name, serving.shares)

    async def _ready_rollback(self, name: str) -> None:
        serving = self._table.current_deployment(name)
        up = set(serving.version_ids) if serving else set()
        for version_id in self._stay_up(name, ()) - up:
            with _logged(f"version {version_id} of Worker {name} is not ready to come back"):
                await self._start(name, version_id)

    def _stay_up(self, name: str, newest: Sequence[Version]) -> set[str]:
        return rules.stay_up(self._table.deployments_back(name, limit=rules.DEPLOYABLE_MAX), newest)

    async def _start(self, name: str, version_id: str) -> None:
        await self._processes.start(self._version(name, version_id), self._table.secrets(version_id))

    async def _release(
        self, name: str, draft: Draft, *, trigger: str, settings: Mapping[str, Any] | None = None
    ) -> tuple[Version, Deployment]:
        version = await self._add_version(name, draft, trigger=trigger, settings=settings)
        annotations = {TRIGGER: trigger}
        if message := draft.annotations.get("workers/message"):
            annotations["workers/message"] = message
        return version, await self._switch(name, (Share(version.id, 100),), draft.source, annotations)

    async def _add_version(
        self, name: str, draft: Draft, *, trigger: str, settings: Mapping[str, Any] | None = None
    ) -> Version:
        """Start the version for real; only one that came up is remembered, with its script if that is new."""
        plan = self._objects.plan(name, draft.migrations, draft.bindings.public)
        draft = with_objects(draft, plan)
        self._referents.check(draft.bindings, own=name)
        latest = self._table.latest_version(name)
        version = version_of(
            replace(draft, annotations={**draft.annotations, TRIGGER: trigger}),
            version_id=str(uuid.uuid4()),
            script=name,
            number=latest.number + 1 if latest else 1,
            created_on=utc_now(),
        )
        version = started(version, await self._processes.start(version, draft.bindings.secrets))
        version = await self._explored(version, plan, draft.bindings.secrets)
        script = self._table.script(name) or _new_script(name, version.created_on)
        settings = {**script.settings, **(settings or {})}
        with self._table.transaction():
            self._table.put_script(replace(script, modified_on=version.created_on, settings=settings))
            self._table.add_version(version, draft.bindings.secrets)
            self._objects.remember(name, plan, version=version.number)
        return version

    async def _explored(self, version: Version, plan: ObjectPlan, secrets: Mapping[str, str]) -> Version:
        """The version with what its code exports, if that has the classes that it has to have."""
        if handlers.exports_of(version) is None:
            exports = await self._processes.exports(version, secrets)
            version = replace(version, extra={**version.extra, **handlers.kept(exports)})
        exported = handlers.exports_of(version)
        if exported is not None:
            plan.check(exported)
        return version

    async def _switch(
        self, name: str, shares: Sequence[Share], source: str, annotations: Mapping[str, str]
    ) -> Deployment:
        """Send the traffic over, and remember it."""
        deployment = Deployment(
            id=str(uuid.uuid4()),
            script=name,
            created_on=utc_now(),
            source=source,
            shares=tuple(shares),
            annotations=dict(annotations),
        )
        await self._split(name, shares, remember=lambda: self._table.add_deployment(deployment))
        return deployment

    async def _split(self, name: str, shares: Sequence[Share], *, remember: Callable[[], None]) -> None:
        """Change where requests go; back again if it cannot be remembered."""
        before = self._table.current_deployment(name)
        await self._processes.split(name, shares)
        try:
            remember()
        except BaseException:
            await self._processes.split(name, before.shares if before else ())
            raise

    def _check_change(self, name: str, targets: Sequence[Version], *, force: bool) -> None:
        """Whether the versions that come in still find what they were made with."""
        current = self._table.current_deployment(name)
        serving = [self._version(name, version_id) for version_id in current.version_ids] if current else []
        for target in targets:
            if target not in serving:
                self._referents.check(Bindings(target.bindings), own=name)
        if not force and len(targets) == 1 and rules.goes_back(targets[0], serving):
            texts = self._table.secrets(serving[0].id)
            rules.check_secrets_unchanged(texts, self._table.secrets(targets[0].id), targets[0].id)

    def _draft(self, name: str, upload: Upload, *, source: str, strict: bool) -> Draft:
        latest = self._table.latest_version(name)
        return draft_from_upload(
            upload,
            before=self.bindings_of(latest),
            strict=strict,
            source=source,
            blobs=self._blobs,
            assets=self._assets_of(name, upload, latest),
        )

    def _assets_of(self, name: str, upload: Upload, latest: Version | None) -> StoredAssets | None:
        """The assets that were uploaded for it, or those of the version before if it is to keep them."""
        wanted, kept = upload.assets, latest.assets if latest else None
        if wanted is None:
            return None
        if wanted.jwt is not None:
            return StoredAssets(self._assets.redeem(name, wanted.jwt), wanted.config)
        return kept and StoredAssets(kept.manifest, wanted.config or kept.config)

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

    def _check_script(self, name: str) -> None:
        if self._table.script(name) is None:
            raise script_missing(name)

    def _version(self, name: str, version_id: str) -> Version:
        version = self._table.version(name, version_id)
        if version is None:
            raise version_missing(name, version_id)
        return version

    def _deployable(self, name: str, version_id: str) -> Version:
        version = self._version(name, version_id)
        self._objects.check_deployable(version)
        if not rules.is_deployable(version, self._latest(name)):
            message = (
                f"version {version_id} can't be deployed: it is not one of the {rules.DEPLOYABLE_MAX} newest"
            )
            raise Invalid(CODE_MALFORMED, message)
        return version

    def _latest(self, name: str) -> Version:
        self._check_script(name)
        latest = self._table.latest_version(name)
        if latest is None:
            raise Invalid(CODE_NO_VERSIONS, f"Worker {name} has no version yet; upload one first")
        return latest

    @contextlib.asynccontextmanager
    async def _acting_on(self, name: str) -> AsyncIterator[None]:
        """One act at a time. After it, whether it worked or not, the versions nobody needs are retired."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        async with lock:
            try:
                yield
            finally:
                newest = self._table.versions(name, limit=rules.NEWEST_KEPT_UP)
                self._processes.retire_all_but(name, self._stay_up(name, newest))


def _new_script(name: str, now: str) -> Script:
    return Script(name=name, tag=uuid.uuid4().hex, created_on=now, modified_on=now)


@contextlib.contextmanager
def _logged(consequence: str) -> Iterator[None]:
    """Go on after a version that does not start, or whose code is gone."""
    try:
        yield
    except (ApiError, OSError) as error:
        log.warning("%s: %s", consequence, error)
