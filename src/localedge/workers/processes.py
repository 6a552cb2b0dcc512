"""The processes behind the versions: started when needed, retired when no longer, and the table of splits."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from localedge.assets.config import asset_config, router_config
from localedge.errors import CODE_NOT_THERE, CODE_TOO_MANY_VERSIONS, CODE_VALIDATION, Busy, Invalid
from localedge.runtime import Module, StartupFailed, TooManyVersions, UnsupportedBinding, VersionSpec
from localedge.runtime.spec import Assets
from localedge.workers.bindings import Bindings
from localedge.workers.handlers import classes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.assets.store import AssetStore
    from localedge.runtime import Exports, Runtime
    from localedge.state.blobs import Blobs
    from localedge.state.model import Share, Version

log = logging.getLogger(__name__)


class Processes:
    """What runs, and what is being stopped."""

    def __init__(self, runtime: Runtime, blobs: Blobs, assets: AssetStore) -> None:
        self._runtime = runtime
        self._blobs = blobs
        self._assets = assets
        self._script_of: dict[str, str] = {}
        self._retiring: dict[str, asyncio.Task[None]] = {}

    async def start(self, version: Version, secrets: Mapping[str, str]) -> int:
        """Bring a version up, if it is not; its startup time in ms. `Invalid`, in workerd's words, if not."""
        if retiring := self._retiring.get(version.id):
            await asyncio.wait({retiring})
        try:
            startup_ms = await self._runtime.start_version(self.spec(version, secrets))
        except StartupFailed as failure:
            message = f"Script startup failed: {failure.log.strip() or 'workerd gave no reason'}"
            raise Invalid(CODE_VALIDATION, message) from failure
        except UnsupportedBinding as unsupported:
            raise Invalid(CODE_NOT_THERE, str(unsupported)) from unsupported
        except TooManyVersions as full:
            raise Busy(CODE_TOO_MANY_VERSIONS, str(full)) from full
        self._script_of[version.id] = version.script
        return round(startup_ms)

    async def exports(self, version: Version, secrets: Mapping[str, str]) -> Exports | None:
        """What a version's code exports; None where it cannot be told."""
        return await self._runtime.exports(self.spec(version, secrets))

    async def forget_objects(self, script: str) -> None:
        """Delete the Durable Objects of a Worker that serves no more."""
        await self._runtime.forget_objects(script)

    async def split(self, script: str, shares: Sequence[Share]) -> None:
        """Send a Worker's requests to these versions, which must be up; to none when there are no shares."""
        split = {share.version_id: share.percentage for share in shares}
        try:
            await self._runtime.set_splits({script: split})
        except StartupFailed as failure:
            message = f"Durable Objects cannot run: {failure.log.strip() or 'workerd gave no reason'}"
            raise Invalid(CODE_VALIDATION, message) from failure

    def retire_all_but(self, script: str, keep: set[str]) -> None:
        """Stop a Worker's other versions once they have answered what they began. Does not wait."""
        for version_id in [up for up, owner in self._script_of.items() if owner == script and up not in keep]:
            del self._script_of[version_id]
            self._retiring[version_id] = asyncio.create_task(self._retire(version_id))

    async def wait_until_retired(self) -> None:
        """Until every version that is being stopped has stopped."""
        if self._retiring:
            await asyncio.wait(set(self._retiring.values()))

    async def _retire(self, version_id: str) -> None:
        try:
            await self._runtime.retire_version(version_id)
        except OSError:
            log.exception("version %s could not be stopped; it stays up until the edge stops", version_id)
        finally:
            del self._retiring[version_id]

    def spec(self, version: Version, secrets: Mapping[str, str]) -> VersionSpec:
        """What the runtime needs of a version; `OSError` when its code cannot be read."""
        modules = (
            Module(module.name, module.content_type, self._blobs.get(module.digest))
            for module in version.modules
        )
        return VersionSpec(
            script=version.script,
            version_id=version.id,
            main_module=version.main_module,
            modules=tuple(modules),
            compatibility_date=version.compatibility_date,
            compatibility_flags=version.compatibility_flags,
            bindings=Bindings(version.bindings, secrets).whole(),
            tag=version.annotations.get("workers/tag", ""),
            created_on=version.created_on,
            assets=self._assets_of(version),
            classes=classes_of(version),
        )

    def _assets_of(self, version: Version) -> Assets | None:
        if version.assets is None:
            return None
        config = version.assets.config
        date, flags = version.compatibility_date, version.compatibility_flags
        return Assets(
            files=self._assets.files(version.assets.manifest),
            folder=self._blobs.folder,
            asset_config=asset_config(config, date=date, flags=flags),
            router_config=router_config(config, has_worker=bool(version.main_module)),
        )
