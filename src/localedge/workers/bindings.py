"""A new version's bindings: what the upload names, and what it inherits from the version before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_INHERIT_INVALID, CODE_VALIDATION, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CODE_NAME_TAKEN = 10053
CODE_TEXT_TOO_LARGE = 10054
CODE_TOO_MANY = 10055

BINDINGS_MAX = 128
TEXT_BYTES_MAX = 5 * 1024

SECRET_TYPES = frozenset({"secret_text"})
TEXT_TYPES = frozenset({"secret_text", "plain_text"})


@dataclass(frozen=True, slots=True)
class Bindings:
    """Bindings as they are told to anyone who asks, and apart from them the texts of the secrets."""

    public: tuple[Mapping[str, Any], ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)

    def whole(self) -> tuple[dict[str, Any], ...]:
        """With the secrets' texts, as the Worker gets them."""
        return tuple(
            {**binding, "text": self.secrets[binding["name"]]} if _is_secret(binding) else dict(binding)
            for binding in self.public
        )


def split(whole: Sequence[Mapping[str, Any]]) -> Bindings:
    """Take the secrets' texts out of bindings."""
    public = tuple(
        {key: value for key, value in binding.items() if key != "text"}
        if _is_secret(binding)
        else dict(binding)
        for binding in whole
    )
    return Bindings(public, {binding["name"]: binding["text"] for binding in whole if _is_secret(binding)})


def resolve(
    wanted: Sequence[Mapping[str, Any]], *, keep_types: frozenset[str], before: Bindings, strict: bool
) -> Bindings:
    """The bindings of an upload, with `inherit` entries and kept types filled in from the version before.

    An `inherit` entry that has nothing to inherit is refused when `strict`, else dropped, as on the platform.
    """
    known = {binding["name"]: binding for binding in before.whole()}
    resolved: dict[str, Mapping[str, Any]] = {}
    for binding in wanted:
        name = _checked_name(binding)
        if name in resolved:
            raise Invalid(CODE_VALIDATION, f"binding {name!r} is given twice")
        if binding.get("type") != "inherit":
            resolved[name] = binding
        elif found := known.get(binding.get("old_name") or name):
            resolved[name] = {**found, "name": name}
        elif strict:
            message = (
                f"inherit binding '{name}' is invalid: the previous version of the Worker has no such binding"
            )
            raise Invalid(CODE_INHERIT_INVALID, message)
    kept = {name: binding for name, binding in known.items() if binding["type"] in keep_types}
    return checked(tuple({**kept, **resolved}.values()))


def with_secrets(before: Bindings, changes: Mapping[str, str | None]) -> Bindings:
    """`before` with secrets set, or removed where the text is None."""
    for binding in before.public:
        if binding["name"] in changes and not _is_secret(binding):
            message = (
                f"Binding name '{binding['name']}' already in use. Please use a different name and try again."
            )
            raise Invalid(CODE_NAME_TAKEN, message)
    kept = [binding for binding in before.whole() if binding["name"] not in changes]
    new = [
        {"name": name, "type": "secret_text", "text": text}
        for name, text in changes.items()
        if text is not None
    ]
    return checked((*kept, *new))


def checked(whole: Sequence[Mapping[str, Any]]) -> Bindings:
    """The bindings, if they keep to the platform's limits."""
    if len(whole) > BINDINGS_MAX:
        raise Invalid(
            CODE_TOO_MANY, f"a Worker may have at most {BINDINGS_MAX} bindings, this one has {len(whole)}"
        )
    for binding in whole:
        if binding["type"] in TEXT_TYPES:
            _check_text(binding)
    return split(whole)


def _check_text(binding: Mapping[str, Any]) -> None:
    text = binding.get("text")
    if not isinstance(text, str):
        raise Invalid(CODE_VALIDATION, f"binding {binding['name']!r} of type {binding['type']} needs a text")
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise Invalid(
            CODE_TEXT_TOO_LARGE, f"binding {binding['name']!r} is larger than {TEXT_BYTES_MAX} bytes"
        )


def _checked_name(binding: Mapping[str, Any]) -> str:
    name = binding.get("name")
    if not isinstance(name, str) or not name or not isinstance(binding.get("type"), str):
        raise Invalid(CODE_VALIDATION, "every binding needs a name and a type")
    return name


def _is_secret(binding: Mapping[str, Any]) -> bool:
    return binding["type"] in SECRET_TYPES
