"""Which pattern matches which URL, and which of several wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localedge.zones.patterns import BadPattern, host_of, read_pattern, zone_names

ZONE = "example.com"


def winner(url: str, *texts: str) -> str | None:
    """The pattern that takes a URL."""
    patterns = {text: read_pattern(text, ZONE) for text in texts}
    matching = [text for text in texts if patterns[text].matches(url)]
    return max(matching, key=lambda text: patterns[text].rank, default=None)


@pytest.mark.parametrize(
    ("pattern", "matched", "unmatched"),
    [
        (
            "example.com",
            ["http://example.com/", "https://example.com/"],
            ["https://example.com/a", "https://a.example.com/"],
        ),
        ("example.com/", ["https://example.com/"], ["https://example.com/?a=1"]),
        (
            "https://*.example.com/",
            ["https://www.example.com/"],
            ["http://www.example.com/", "https://example.com/"],
        ),
        ("*.example.com/", ["https://www.example.com/", "http://a.b.example.com/"], ["https://example.com/"]),
        ("*example.com/", ["https://example.com/", "https://www.example.com/"], ["https://example.com/a"]),
        (
            "https://example.com/path*",
            [
                "https://example.com/path",
                "https://example.com/path2",
                "https://example.com/path/readme.txt",
                "https://example.com/path?a=1",
            ],
            ["https://example.com/Path", "https://example.com/"],
        ),
        ("Example.COM/Images/*", ["https://example.com/Images/a"], ["https://example.com/images/a"]),
        ("*example.com/", ["https://example.com/"], ["https://notexample.com/"]),
        ("*-beta.example.com/", ["https://shop-beta.example.com/"], ["https://beta.example.com/"]),
        (
            "*example.com/images/cat.png",
            ["https://example.com/images/cat.png"],
            ["https://example.com/images/cat.png?foo=bar"],
        ),
        ("example.com/a.b+(c)*", ["https://example.com/a.b+(c)d"], ["https://example.com/aXb+(c)"]),
    ],
)
def test_the_platforms_examples(pattern: str, matched: list[str], unmatched: list[str]) -> None:
    read = read_pattern(pattern, ZONE)
    assert [url for url in matched if not read.matches(url)] == []
    assert [url for url in unmatched if read.matches(url)] == []


@pytest.mark.parametrize(
    ("url", "patterns", "expected"),
    [
        ("https://www.example.com/", ["*.example.com/*", "www.example.com/*"], "www.example.com/*"),
        ("https://example.com/hello/world", ["example.com/*", "example.com/hello/*"], "example.com/hello/*"),
        (
            "https://example.com/images/hello",
            ["example.com/images/*", "example.com/images*"],
            "example.com/images*",
        ),
        ("https://a.example.com/a", ["*.example.com/a", "a.example.com/*"], "a.example.com/*"),
        ("https://a.example.com/", ["*example.com/*", "*.example.com/*"], "*.example.com/*"),
        ("https://example.com/a", ["example.com/a*", "example.com/a"], "example.com/a"),
        ("https://example.com/a", ["example.com/*", "https://example.com/*"], "https://example.com/*"),
        ("https://example.com/b", ["example.com/a*"], None),
    ],
)
def test_the_most_specific_one_wins(url: str, patterns: list[str], expected: str | None) -> None:
    assert winner(url, *patterns) == winner(url, *reversed(patterns)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("example.org/*", "must include zone name"),
        ("notexample.com/*", "must include zone name"),
        ("*", "must include zone name"),
        ("example.com/*.jpg", "only contain wildcards"),
        ("a*.example.com/", "only contain wildcards"),
        ("**example.com/", "only contain wildcards"),
        ("example.com/?foo=*", "query parameters"),
        ("https://example.com/?anything", "query parameters"),
        ("", "Could not understand"),
        ("/path", "Could not understand"),
        ("-.example.com/", "Could not understand"),
        ("example.com/" + "a" * 2000, "Could not understand"),
        ("example.com/#part", "Could not understand"),
        ("ftp://example.com/", "must include zone name"),
    ],
)
def test_what_is_no_pattern_is_told_why(text: str, told: str) -> None:
    with pytest.raises(BadPattern, match=told):
        read_pattern(text, ZONE)


def test_a_hosts_zone_is_looked_for_by_its_labels() -> None:
    assert zone_names("a.shop.example.com") == ["a.shop.example.com", "shop.example.com", "example.com"]
    assert zone_names("localhost") == []
    assert host_of("https://*.Example.com/images/*") == "example.com"
    assert host_of("*example.com") == "example.com"


LETTERS = "ab"
paths = st.text(alphabet=f"{LETTERS}/.", max_size=4).map(lambda text: f"/{text}")
hosts = st.lists(st.text(alphabet=LETTERS, min_size=1, max_size=2), max_size=2).map(
    lambda labels: ".".join([*labels, ZONE])
)
schemes = st.sampled_from(["", "http://", "https://"])
urls = st.builds(
    "{}{}{}{}".format, st.sampled_from(["http://", "https://"]), hosts, paths, st.sampled_from(["", "?a"])
)
texts = st.builds(
    "{}{}{}{}{}".format, schemes, st.sampled_from(["", "*", "*."]), hosts, paths, st.sampled_from(["", "*"])
)


def glob(pattern: str, text: str) -> bool:
    """Whether `*` can stand for some characters so that the pattern is the text. Slow, and plain to see."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return text[:1] == pattern[0] and glob(pattern[1:], text[1:])


def matches_slowly(pattern: str, url: str) -> bool:
    scheme, host, path = split(pattern)
    url_scheme, url_host, url_path = split(url)
    return scheme in ("", url_scheme) and glob(host, url_host) and glob(path, url_path)


def split(text: str) -> tuple[str, str, str]:
    scheme, divider, rest = text.partition("://")
    scheme, rest = (scheme, rest) if divider else ("", text)
    host, _, path = rest.partition("/")
    return scheme, host, f"/{path}"


@given(texts, urls)
def test_a_pattern_matches_what_a_wildcard_can_stand_for(text: str, url: str) -> None:
    assert read_pattern(text, ZONE).matches(url) == matches_slowly(text, url)


@given(st.lists(texts, min_size=1, max_size=4, unique=True), urls)
def test_no_winner_is_less_specific_than_another(patterns: list[str], url: str) -> None:
    won = winner(url, *patterns)
    matching = [text for text in patterns if matches_slowly(text, url)]
    if won is None:
        assert matching == []
    else:
        assert won in matching
        assert not any(beats(text, won) for text in matching)


def beats(one: str, other: str) -> bool:
    """Whether a pattern wins over another by the documented rules, which do not order every two."""
    (_, one_host, one_path), (_, other_host, other_path) = split(one), split(other)
    if one_host != other_host:
        return "*" not in one_host and "*" in other_host
    if one_path == other_path:
        return False
    if "*" not in one_path:
        return True
    return (
        "*" in other_path and one_path[:-1].startswith(other_path[:-1]) and one_path != other_path[:-1] + "/*"
    )


@given(texts, texts, urls)
def test_the_winner_does_not_hang_on_the_order(one: str, other: str, url: str) -> None:
    first, second = read_pattern(one, ZONE), read_pattern(other, ZONE)
    if first.rank == second.rank and first.matches(url) and second.matches(url):
        assert first == second
