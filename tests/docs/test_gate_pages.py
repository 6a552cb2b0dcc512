"""Each gate has a page, and each page has exactly the rules that its gate can find."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from headgate.bootstrap import GATES

PAGES = Path(__file__).resolve().parents[2] / "docs" / "gates"
MODULES = {"index": "headgate.gates.run", **{name: place.partition(":")[0] for name, place in GATES.items()}}


def _page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text()


def test_there_is_a_page_for_each_gate_and_no_other() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(MODULES)


@pytest.mark.parametrize("name", GATES)
def test_the_overview_links_every_gate(name: str) -> None:
    assert f"[{name}]({name}.md)" in _page("index")


@pytest.mark.parametrize("name", GATES)
def test_a_page_has_the_name_its_gate_has(name: str) -> None:
    module, _, gate = GATES[name].partition(":")

    assert getattr(import_module(module), gate).name == name
    assert _page(name).startswith(f"# {name}\n")


@pytest.mark.parametrize("name", MODULES)
def test_a_page_explains_exactly_the_rules_of_its_gate(name: str) -> None:
    rules = [rule.value for rule in import_module(MODULES[name]).Rule]

    assert sorted(re.findall(r"^### (.+)$", _page(name), re.MULTILINE)) == sorted(rules)


@pytest.mark.parametrize("name", MODULES)
def test_each_rule_says_what_it_does_to_the_change(name: str) -> None:
    for section in re.split(r"^### ", _page(name), flags=re.MULTILINE)[1:]:
        assert re.match(r"[a-z-]+\n\n\*(Fails|Warns)", section), section[:60]
