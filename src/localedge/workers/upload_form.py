"""A Worker upload: from the multipart form that wrangler or the SDK sends to a checked value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.assets.config import UploadedAssets, check_without_worker, read_assets
from localedge.errors import CODE_MALFORMED, CODE_NOT_THERE, CODE_VALIDATION, Invalid
from localedge.objects.migrations import Migrations, read_migrations
from localedge.requests import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localedge.multipart import Part

OLDEST_COMPATIBILITY_DATE = "2021-11-02"
"""What the platform takes when an upload names none."""

ALIAS = "workers/alias"
"""The annotation that gives a version a preview address of a name."""

ALIAS_SHAPE = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)

MESSAGE_BYTES_MAX = 1_000
TAG_BYTES_MAX = 100

VERSION_EXTRAS = ("limits", "placement", "usage_model", "cache_options", "package_dependencies")
SCRIPT_SETTINGS = ("logpush", "observability", "tags", "tail_consumers")
UNSUPPORTED = ("containers", "exports", "tail_consumers", "streaming_tail_consumers")

PYTHON = frozenset({"text/x-python", "text/x-python-requirement"})
SOURCE_MAP = "application/source-map"


@dataclass(frozen=True, slots=True)
class UploadedModule:
    """One file of an upload."""

    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client wants a new version to be. One of static assets alone has no main module."""

    main_module: str
    modules: tuple[UploadedModule, ...]
    bindings: tuple[Mapping[str, Any], ...] = ()
    keep_types: frozenset[str] = frozenset()
    compatibility_date: str = OLDEST_COMPATIBILITY_DATE
    compatibility_flags: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    assets: UploadedAssets | None = None
    migrations: Migrations | None = None


def read_upload(parts: Sequence[Part]) -> Upload:
    """The upload in a form; `Invalid` says what is wrong with it."""
    metadata = read_metadata(parts, "metadata")
    refuse_unsupported(metadata)
    modules, assets = tuple(_modules(parts)), read_assets(metadata)
    check_not_python(metadata, modules)
    main = metadata.get("main_module") or metadata.get("body_part")
    if main is None and not modules and assets is not None:
        check_without_worker(assets.config)
        main = ""
    if not isinstance(main, str):
        raise Invalid(
            CODE_VALIDATION, "metadata names no main_module (nor a body_part, as the old format does)"
        )
    if main and main not in {module.name for module in modules}:
        raise Invalid(CODE_VALIDATION, f"metadata names the main module {main!r}, but no file is called so")
    return Upload(
        main_module=main,
        modules=modules,
        bindings=tuple(read_list(metadata, "bindings", dict)),
        keep_types=frozenset(read_list(metadata, "keep_bindings", str)),
        compatibility_date=read_date(metadata),
        compatibility_flags=tuple(read_list(metadata, "compatibility_flags", str)),
        annotations=read_annotations(metadata),
        extra={name: metadata[name] for name in VERSION_EXTRAS if metadata.get(name) is not None},
        settings={name: metadata[name] for name in SCRIPT_SETTINGS if metadata.get(name) is not None},
        assets=assets,
        migrations=read_migrations(metadata.get("migrations")),
    )


def check_not_python(metadata: Mapping[str, Any], modules: Sequence[UploadedModule]) -> None:
    """Refuse a Python Worker in words, as workerd would only say that it could not fetch something."""
    flags = read_list(metadata, "compatibility_flags", str)
    of_python = next((module.name for module in modules if module.content_type in PYTHON), "")
    if of_python or any(flag.startswith("python_workers") for flag in flags):
        what = f"the module {of_python}" if of_python else "the flag python_workers"
        message = (
            f"Python Workers: the local edge cannot run them ({what}). workerd fetches the Python runtime"
            " from the internet when such a Worker starts, and the edge works offline: try it on Cloudflare."
        )
        raise Invalid(CODE_NOT_THERE, message)


def refuse_unsupported(metadata: Mapping[str, Any]) -> None:
    """`Invalid` for what only the platform has."""
    for name in UNSUPPORTED:
        if metadata.get(name):
            message = f"{name}: the local edge does not have them (yet); leave them out for this environment"
            raise Invalid(CODE_NOT_THERE, message)


def read_metadata(parts: Sequence[Part], name: str) -> dict[str, Any]:
    """The JSON object in the part of that name."""
    part = next((part for part in parts if part.name == name), None)
    if part is None:
        raise Invalid(CODE_MALFORMED, f"the form has no part named {name!r}")
    metadata = parse_json(part.body, f"the part {name!r}")
    if not isinstance(metadata, dict):
        raise Invalid(CODE_MALFORMED, f"the part {name!r} has to be a JSON object")
    return metadata


def read_list(metadata: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    """A list of one kind of values; empty when it is not there."""
    values = metadata.get(name)
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        raise Invalid(CODE_VALIDATION, f"{name} has to be a list of {kind.__name__} values")
    return values


def read_date(metadata: Mapping[str, Any]) -> str:
    """The compatibility date, or the platform's default."""
    date = metadata.get("compatibility_date") or OLDEST_COMPATIBILITY_DATE
    if not isinstance(date, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        raise Invalid(CODE_VALIDATION, f"compatibility_date has to look like 2026-01-31, not {date!r}")
    return date


def read_annotations(metadata: Mapping[str, Any]) -> dict[str, str]:
    """`workers/...` annotations. A long message is cut, a long tag refused, as on the platform."""
    given = metadata.get("annotations") or {}
    if not isinstance(given, dict):
        raise Invalid(CODE_VALIDATION, "annotations has to be an object")
    annotations = {str(name): str(value) for name, value in given.items() if value is not None}
    if len(annotations.get("workers/tag", "").encode()) > TAG_BYTES_MAX:
        raise Invalid(CODE_VALIDATION, f"workers/tag is longer than {TAG_BYTES_MAX} bytes")
    if ALIAS in annotations and not ALIAS_SHAPE.fullmatch(annotations[ALIAS]):
        rule = "has to be letters, digits and dashes, and to begin with a letter"
        raise Invalid(CODE_VALIDATION, f"{ALIAS} {rule}: {annotations[ALIAS]!r}")
    if message := annotations.get("workers/message"):
        annotations["workers/message"] = message.encode()[:MESSAGE_BYTES_MAX].decode("utf-8", "ignore")
    return annotations


def _modules(parts: Sequence[Part]) -> list[UploadedModule]:
    """The files: wrangler names the field after the module, the SDK calls every field `files`."""
    modules: dict[str, UploadedModule] = {}
    for part in parts:
        if not part.filename or part.name == "metadata" or part.content_type == SOURCE_MAP:
            continue
        name = part.filename if part.name in ("files", "files[]") else part.name
        if name in modules:
            raise Invalid(CODE_VALIDATION, f"the upload has two files named {name!r}")
        modules[name] = UploadedModule(name, part.content_type, part.body)
    return list(modules.values())
