"""The digest names the modules, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headgate.domain.artifact import Bundle, Module, digest

MODULES = st.lists(
    st.builds(
        Module, st.text(min_size=1, max_size=5), st.sampled_from(["a/b", "c/d"]), st.binary(max_size=8)
    ),
    max_size=4,
    unique_by=lambda module: module.name,
)


@given(MODULES)
def test_the_order_of_modules_does_not_matter(modules: list[Module]) -> None:
    assert digest(modules) == digest(list(reversed(modules)))


@given(MODULES, MODULES)
def test_different_modules_have_different_digests(one: list[Module], other: list[Module]) -> None:
    same = sorted(one, key=lambda m: m.name) == sorted(other, key=lambda m: m.name)
    assert (digest(one) == digest(other)) == same


def test_bytes_cannot_move_from_one_field_to_another() -> None:
    assert digest([Module("ab", "c", b"")]) != digest([Module("a", "bc", b"")])


def test_the_configuration_is_not_part_of_the_artifact() -> None:
    modules = (Module("a.js", "application/javascript+module", b"x"),)
    assert Bundle(modules, {"vars": 1}).digest == Bundle(modules, {"vars": 2}).digest
