"""What a new version inherits, and what is never told."""

from __future__ import annotations

from typing import Any

import pytest

from localedge.errors import Invalid
from localedge.workers.bindings import Bindings, resolve, split, with_secrets

BEFORE = split(
    (
        {"name": "GREETING", "type": "plain_text", "text": "hello"},
        {"name": "TOKEN", "type": "secret_text", "text": "s3cret"},
        {"name": "CACHE", "type": "kv_namespace", "namespace_id": "1" * 32},
    )
)


def resolved(*wanted: dict[str, Any], keep: frozenset[str] = frozenset(), strict: bool = True) -> Bindings:
    return resolve(wanted, keep_types=keep, before=BEFORE, strict=strict)


def test_a_secrets_text_is_apart_from_what_is_told() -> None:
    assert "s3cret" not in str(BEFORE.public)
    assert BEFORE.secrets == {"TOKEN": "s3cret"}
    assert {"name": "TOKEN", "type": "secret_text", "text": "s3cret"} in BEFORE.whole()


def test_what_is_neither_named_nor_kept_is_gone() -> None:
    assert resolved().public == ()


def test_kept_types_come_along() -> None:
    found = resolved(keep=frozenset({"secret_text", "secret_key"}))
    assert [binding["name"] for binding in found.public] == ["TOKEN"]
    assert found.secrets == {"TOKEN": "s3cret"}


def test_a_new_binding_replaces_a_kept_one_of_its_name() -> None:
    new = {"name": "TOKEN", "type": "secret_text", "text": "other"}
    assert resolved(new, keep=frozenset({"secret_text"})).secrets == {"TOKEN": "other"}


def test_inherit_takes_the_binding_of_that_name_or_of_the_old_name() -> None:
    found = resolved(
        {"name": "CACHE", "type": "inherit"}, {"name": "KEY", "type": "inherit", "old_name": "TOKEN"}
    )
    assert [binding["type"] for binding in found.public] == ["kv_namespace", "secret_text"]
    assert found.secrets == {"KEY": "s3cret"}


def test_nothing_to_inherit_is_refused_when_strict_and_dropped_when_not() -> None:
    with pytest.raises(Invalid, match="inherit binding 'NEW' is invalid") as refusal:
        resolved({"name": "NEW", "type": "inherit"})
    assert refusal.value.code == 10057
    assert resolved({"name": "NEW", "type": "inherit"}, strict=False).public == ()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([{"type": "plain_text", "text": "x"}], 10021),
        ([{"name": "A", "type": "json", "json": 1}, {"name": "A", "type": "json", "json": 2}], 10021),
        ([{"name": "A", "type": "plain_text", "text": 7}], 10021),
        ([{"name": "A", "type": "secret_text", "text": "x" * 5121}], 10054),
        ([{"name": f"A{number}", "type": "json", "json": 1} for number in range(129)], 10055),
    ],
)
def test_bindings_that_break_a_rule_are_refused(wanted: list[dict[str, Any]], code: int) -> None:
    with pytest.raises(Invalid) as refusal:
        resolved(*wanted)
    assert refusal.value.code == code
    assert "xxx" not in refusal.value.message


def test_secrets_are_set_replaced_and_removed() -> None:
    assert with_secrets(BEFORE, {"NEW": "n"}).secrets == {"TOKEN": "s3cret", "NEW": "n"}
    assert with_secrets(BEFORE, {"TOKEN": "t"}).secrets == {"TOKEN": "t"}
    assert with_secrets(BEFORE, {"TOKEN": None}).secrets == {}


def test_a_secret_cannot_take_the_name_of_another_binding() -> None:
    with pytest.raises(Invalid) as refusal:
        with_secrets(BEFORE, {"GREETING": "x"})
    assert refusal.value.code == 10053
