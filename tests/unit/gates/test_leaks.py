"""What secrets look like, and what only looks like them. All of them are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.gates.parts.leaks import leaks_in, looks_random, redacted
from headgate.gates.parts.secret_names import says_secret

MIXED = "q7Zr2mK9vXw4Tn8LbY3sHd6GpQ1cJf5RuE0aW"
HEX = "3f9a1c7be2d84650"
PEM = "\n".join(
    ["-----BEGIN PRIVATE KEY-----", (MIXED * 4)[:64], (MIXED * 3)[:48], "-----END PRIVATE KEY-----"]
)


def _kinds(text: str) -> list[str]:
    return [leak.kind for leak in leaks_in(text)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Cloudflare API key or token", f"cfut_{(MIXED * 2)[:40]}{HEX[:8]}"),
        ("Cloudflare API key or token", f"cfat_{(MIXED * 2)[:40]}{HEX[:8]}"),
        ("Cloudflare API key or token", f"cfk_{(MIXED * 2)[:40]}{HEX[:8]}"),
        ("Cloudflare Origin CA key", f"v1.0-{(HEX * 2)[:24]}-{(HEX * 10)[:146]}"),
        ("Cloudflare API token", f'CLOUDFLARE_API_TOKEN = "{(MIXED * 2)[:40]}"'),
        ("Cloudflare API token", f'cloudflare: {{}}, cloudflareToken:"{(MIXED * 2)[:40]}"'),
        ("Cloudflare API token", f"Cloudflare global API key: '{(HEX * 3)[:37]}'"),
        ("private key", PEM),
        ("private key", PEM.replace("PRIVATE", "RSA PRIVATE").replace("\n", "\\n")),
        ("private key", PEM.replace("\n", '\\n" +\n "')),
        ("AWS access key id", "AKIA" + "Q3EGR7MZT2XK5VWN"),
        ("AWS secret key", f'secretAccessKey: "{(MIXED * 2)[:40]}"'),
        ("GitHub token", f"ghp_{MIXED[:36]}"),
        ("GitHub token", f"github_pat_{(MIXED * 3)[:82]}"),
        ("GitLab token", f"glpat-{MIXED[:20]}"),
        ("npm token", f"npm_{MIXED[:36]}"),
        ("Slack token", f"xoxb-274839105562-{MIXED[:24]}"),
        ("Slack webhook", f"https://hooks.slack.com/services/T0AB1CD2E/B0AB1CD2E/{MIXED[:24]}"),
        ("Stripe key", f"sk_live_{MIXED[:24]}"),
        ("Stripe webhook secret", f"whsec_{MIXED[:32]}"),
        ("AI provider key", f"sk-ant-api03-{(MIXED * 3)[:80]}"),
        ("SendGrid key", f"SG.{MIXED[:22]}.{(MIXED * 2)[:43]}"),
        ("password in an address", "postgresql://shop:Winter-2026@db.example.net:5432/shop"),
        ("JSON Web Token", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.{(MIXED * 2)[:43]}"),
        ("value that looks like a secret", f'{{"API_TOKEN":"{MIXED[:24]}"}}'),
    ],
)
def test_a_secret_is_found_wherever_it_stands_and_never_shown(kind: str, text: str) -> None:
    minified = f'var a=1,b="x";f("{text}",2);var c=3' if '"' not in text else f"var a=1;{text};var c=3"

    for surrounding in (text, minified, f"line one\n\n  // {text}\n"):
        found = list(leaks_in(surrounding))
        assert [leak.kind for leak in found] == [kind]
        assert len(found[0].begins) <= 5


@pytest.mark.parametrize(
    "text",
    [
        'const key = "-----BEGIN PRIVATE KEY-----"; if (!pem.startsWith(key)) throw Error("-----END");',
        '"AKIAIOSFODNN7EXAMPLE"',
        'secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
        'token = request.headers.get("authorization")',
        'e.token="next",e.password="current-password"',
        'ENV_TOKEN="x-aws-ec2-metadata-token"',
        'API_TOKEN = "YOUR_API_TOKEN_GOES_HERE_PLEASE_REPLACE"',
        "postgres://user:password@localhost/db",
        "postgres://${user}:${password}@${host}/db",
        "redis://localhost:6379",
        'integrity: "sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8g=="',
        'const TOKEN_TYPES = "identifier_number_string_template_punctuation"',
        "ghp_short, cfut_short, sk_live_, npm_config_cache, eyJub3QiOiJvbmUifQ",
        "data:font/woff2;base64,d09GMgABAAAAAAZcAA4AAAAADWQAAAYIAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_what_libraries_are_full_of_is_no_secret(text: str) -> None:
    assert _kinds(text) == []


def test_each_place_is_told_once_with_its_line_and_column() -> None:
    token = f"ghp_{MIXED[:36]}"

    found = list(leaks_in(f'a\nGITHUB_TOKEN = "{token}"\n{token}'))

    assert [(leak.line, leak.column) for leak in found] == [(2, 17), (3, 1)]


@given(st.text(max_size=300))
def test_any_text_is_looked_through(text: str) -> None:
    list(leaks_in(text))


@given(st.text(max_size=100))
def test_never_more_than_four_characters_are_shown(secret: str) -> None:
    assert len(redacted(secret)) <= 5
    assert redacted(secret)[:-1] == "" or len(secret) >= 16


@pytest.mark.parametrize("value", [MIXED[:24], HEX * 2, "dGhpcyBpcyBhIHNlY3JldCB2YWx1ZQ9"])
def test_what_chance_made_looks_random(value: str) -> None:
    assert looks_random(value)


@pytest.mark.parametrize(
    "value", ["", "correct-horse-battery-staple", "1234567890123456", "aaaaaaaaaaaa1111", "2026-01-01"]
)
def test_what_people_wrote_does_not(value: str) -> None:
    assert not looks_random(value)


@pytest.mark.parametrize("name", ["API_TOKEN", "clientSecret", "DB_PASSWORD", "signing_key", "PRIVATE_KEY"])
def test_names_of_secrets(name: str) -> None:
    assert says_secret(name)


@pytest.mark.parametrize("name", ["CURRENCY", "PUBLIC_KEY", "TOKEN_URL", "SECRET_NAME", "KEY", "MONKEY"])
def test_names_of_other_things(name: str) -> None:
    assert not says_secret(name)
