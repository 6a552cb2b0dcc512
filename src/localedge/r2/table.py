"""R2 buckets in the database: names and settings. The objects are kept by the storage process."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_BUCKET_OF_BINDING, Invalid
from localedge.state.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.state.model import Binding

SCHEMA = Schema(
    "r2",
    (
        """
        CREATE TABLE buckets (
            name TEXT NOT NULL,
            jurisdiction TEXT NOT NULL,
            created_on TEXT NOT NULL,
            location TEXT NOT NULL,
            storage_class TEXT NOT NULL,
            is_public INTEGER NOT NULL DEFAULT 0,
            lifecycle TEXT NOT NULL DEFAULT '[]',
            PRIMARY KEY (jurisdiction, name)
        ) STRICT;
        """,
    ),
)

DEFAULT_JURISDICTION = "default"


class NameTaken(Exception):
    """The jurisdiction has a bucket of this name."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket. Each jurisdiction has names of its own."""

    name: str
    jurisdiction: str
    created_on: str
    location: str
    storage_class: str
    is_public: bool = False
    lifecycle: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def store(self) -> str:
        """What the storage process calls it."""
        return stored_as(self.name, self.jurisdiction)


def stored_as(name: str, jurisdiction: str) -> str:
    """A bucket's name in the storage process. Names have no underscore, so two buckets never share one."""
    return name if jurisdiction == DEFAULT_JURISDICTION else f"{jurisdiction}_{name}"


class BucketTable:
    """Reads and writes of buckets."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> list[Bucket]:
        """Of all jurisdictions, by name."""
        return [_bucket(row) for row in self._db.execute("SELECT * FROM buckets ORDER BY name")]

    def of(self, jurisdiction: str) -> list[Bucket]:
        """By name."""
        return [bucket for bucket in self.all() if bucket.jurisdiction == jurisdiction]

    def get(self, name: str, jurisdiction: str = DEFAULT_JURISDICTION) -> Bucket | None:
        query = "SELECT * FROM buckets WHERE name = ? AND jurisdiction = ?"
        row = self._db.execute(query, (name, jurisdiction)).fetchone()
        return row and _bucket(row)

    def add(self, bucket: Bucket) -> None:
        """`NameTaken` when it is there."""
        try:
            self._db.execute("INSERT INTO buckets VALUES (?, ?, ?, ?, ?, ?, ?)", _row(bucket))
        except sqlite3.IntegrityError as error:
            raise NameTaken(bucket.name) from error

    def change(self, bucket: Bucket) -> None:
        self._db.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?, ?, ?)", _row(bucket))

    def delete(self, bucket: Bucket) -> None:
        query = "DELETE FROM buckets WHERE name = ? AND jurisdiction = ?"
        self._db.execute(query, (bucket.name, bucket.jurisdiction))

    def check_binding(self, binding: Binding) -> None:
        """`Invalid` when the bucket that is bound is not there."""
        name = str(binding.get("bucket_name"))
        if self.get(name, str(binding.get("jurisdiction") or DEFAULT_JURISDICTION)) is None:
            message = f"R2 bucket '{name}' not found. Please use a different name and try again."
            raise Invalid(CODE_BUCKET_OF_BINDING, message)


def _bucket(row: sqlite3.Row) -> Bucket:
    fields = dict(row)
    return Bucket(
        **{**fields, "is_public": bool(row["is_public"]), "lifecycle": tuple(json.loads(row["lifecycle"]))}
    )


def _row(bucket: Bucket) -> tuple[object, ...]:
    return (
        bucket.name,
        bucket.jurisdiction,
        bucket.created_on,
        bucket.location,
        bucket.storage_class,
        int(bucket.is_public),
        json.dumps(bucket.lifecycle),
    )
