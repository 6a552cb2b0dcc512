"""A version before it exists: what it will be made of, from an upload or from the version before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_TOO_LARGE, TooLarge
from localedge.state.model import StoredAssets, StoredModule, Version
from localedge.workers.bindings import Bindings, resolve
from localedge.workers.handlers import OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.objects.migrations import Migrations
    from localedge.objects.plans import ObjectPlan
    from localedge.state.blobs import Blobs
    from localedge.workers.upload_form import Upload, UploadedModule

SCRIPT_BYTES_MAX = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of a version but its id, its number and its time."""

    source: str
    main_module: str
    modules: tuple[StoredModule, ...]
    bindings: Bindings
    compatibility_date: str
    compatibility_flags: tuple[str, ...]
    annotations: Mapping[str, str]
    extra: Mapping[str, Any] = field(default_factory=dict)
    assets: StoredAssets | None = None
    migrations: Migrations | None = None

    @property
    def etag(self) -> str:
        """One for the same code and assets, whatever its bindings."""
        listing = "\n".join(f"{module.name} {module.content_type} {module.digest}" for module in self.modules)
        if self.assets is not None:
            listing += f"\nassets {self.assets.manifest}"
        return hashlib.sha256(listing.encode()).hexdigest()


def draft_from_upload(
    upload: Upload,
    *,
    before: Bindings,
    strict: bool,
    source: str,
    blobs: Blobs,
    assets: StoredAssets | None = None,
) -> Draft:
    """An upload as a draft; its modules are stored on the way. `TooLarge` when they are over the limit."""
    check_size(upload.modules)
    bindings = resolve(upload.bindings, keep_types=upload.keep_types, before=before, strict=strict)
    modules = (StoredModule(file.name, file.content_type, blobs.put(file.body)) for file in upload.modules)
    return Draft(
        source=source,
        main_module=upload.main_module,
        modules=tuple(modules),
        bindings=bindings,
        compatibility_date=upload.compatibility_date,
        compatibility_flags=upload.compatibility_flags,
        annotations=upload.annotations,
        extra=upload.extra,
        assets=assets,
        migrations=upload.migrations,
    )


def check_size(modules: Sequence[UploadedModule]) -> None:
    """All modules together, uncompressed, as on the platform on all plans since September 2026.

    Source maps and assets are not counted
    (https://developers.cloudflare.com/changelog/post/2026-09-04-increased-worker-size-limit/).
    """
    if sum(len(module.body) for module in modules) > SCRIPT_BYTES_MAX:
        message = (
            f"Your Worker exceeded the size limit of {SCRIPT_BYTES_MAX // 1024**2} MiB. Take out what it does"
            " not use, or serve large files as static assets, from KV or from R2."
        )
        raise TooLarge(CODE_TOO_LARGE, message)


def draft_from_version(
    version: Version, bindings: Bindings, *, source: str, annotations: Mapping[str, str]
) -> Draft:
    """The same code with other bindings."""
    return Draft(
        source=source,
        main_module=version.main_module,
        modules=version.modules,
        bindings=bindings,
        compatibility_date=version.compatibility_date,
        compatibility_flags=version.compatibility_flags,
        annotations=annotations,
        extra=version.extra,
        assets=version.assets,
    )


def version_of(draft: Draft, *, version_id: str, script: str, number: int, created_on: str) -> Version:
    """The version that a draft becomes; its startup time is known once it has run."""
    return Version(
        id=version_id,
        script=script,
        number=number,
        created_on=created_on,
        source=draft.source,
        main_module=draft.main_module,
        modules=draft.modules,
        bindings=draft.bindings.public,
        compatibility_date=draft.compatibility_date,
        compatibility_flags=draft.compatibility_flags,
        annotations=draft.annotations,
        etag=draft.etag,
        startup_time_ms=0,
        extra=draft.extra,
        assets=draft.assets,
    )


def started(version: Version, startup_time_ms: int) -> Version:
    """The version, now that it has run."""
    return replace(version, startup_time_ms=startup_time_ms)


def with_objects(draft: Draft, plan: ObjectPlan) -> Draft:
    """The draft with what was planned for its Durable Objects."""
    bindings = replace(draft.bindings, public=plan.bindings)
    return replace(draft, bindings=bindings, extra={**draft.extra, OBJECTS: plan.kept})
