"""Every mistake in headgate.toml is answered with its line, what it is, and a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headgate.config import load
from headgate.config.shape import schema
from headgate.config.wording import _LIMITS
from headgate.domain.errors import ConfigError
from tests.unit.config.project import SMALLEST, refused, told, write

if TYPE_CHECKING:
    from pathlib import Path

NUMBER_OF_LINES = len(SMALLEST.splitlines())


def only(tmp_path: Path, text: str) -> tuple[int, str, str]:
    (mistake,) = told(refused(write(tmp_path, text)))
    return mistake


@pytest.mark.parametrize(
    ("added", "line", "what", "remedy"),
    [
        ("statu = 201", 0, "no setting `statu` in `[[smoke]]`", "Did you mean `status`?"),
        ("zzz = 1", 0, "no setting `zzz` in `[[smoke]]`", "Known are: body, body_contains"),
        ("[wacth]", 0, "no setting `wacth`.", "Did you mean `watch`?"),
        ("status = 'ok'", 0, "`status` must be a whole number", "Example: 200"),
        ("status = 99", 0, "`status` must be 100 or more", "Example: 200"),
        ("path = 'health'", 0, "`path` is not written as it has to be", "beginning with `/`"),
        ("method = 'get'", 0, "`method` must be one of `GET`", 'Example: "GET"'),
        ("json_equals = 3", -1, "`json_path` is missing in `[[smoke]]`. `json_equals` needs it.", "Add it."),
        ("command = []", 0, "`command` must not be empty", 'Example: ["./smoke.sh"]'),
        ("path = '/'\ncommand = ['x']", 0, "`path` has no place beside `command`", "take one of the two out"),
        ("[[smoke]]\npath = '/'", 0, "`name` is missing in `[[smoke]]`", 'Example: "health"'),
        ("[watch]\nduration_seconds = -1", 1, "`duration_seconds` must be 0 or more", "seen healthy"),
        ("[watch]\nduration_seconds = inf", 1, "`duration_seconds` must be a finite number", "such as 60"),
        ("[watch]\nduration_seconds = 1979-05-27", 1, "is a date or a time", "quotes"),
        ("[notify]\ntimeout_seconds = 0", 1, "`timeout_seconds` must be more than 0", "delivered"),
        (
            "[notify.webhooks]\ndevelper = 'env:X'",
            1,
            "`develper` is no name for `[notify.webhooks]`",
            "mean `developer`?",
        ),
        ("[notify.webhooks]\nqa = 'hooks'", 1, "`qa` is not written", "`env:NAME`"),
        ("[environments.'a b']", 0, "`a b` is no name for `[environments]`", "Use letters"),
        ("[secrets]\nrequired = [\n'A', # one\n'B C']", 1, "Item 2 of `required` is not", "must exist"),
        ("[secrets]\nrequired = ['A', 'A']", 1, "`required` must not hold the same twice", "Example"),
        ("[documents]\nreports = ''", 1, "`reports` must not be empty", "Folder of the reports"),
        ("[tests]\ntimeout_seconds = 999999", 1, "must be 86400 or less", "Example: 1800"),
        ("[[smoke]]\nname = 'front page'", 1, "Two smoke checks are named `front page`", "its own name"),
        ("[release]\nproduction = 'prod'", 1, "no environment `prod`", "[environments.prod]"),
        ("[environments.x]\nwrangler_env = 'staging'", 0, "the same environment to wrangler", "wrangler_env"),
        ("wrangler_config = 'x.toml'", 0, "no setting `wrangler_config` in `[[smoke]]`", "Take it out"),
    ],
)
def test_a_mistake(tmp_path: Path, added: str, line: int, what: str, remedy: str) -> None:
    at, told_what, told_remedy = only(tmp_path, SMALLEST + added + "\n")

    assert at == NUMBER_OF_LINES + 1 + line or (line == -1 and at == 9)
    assert what in told_what
    assert remedy in told_remedy


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('service = "shop"\n', "", 1, "`service` is missing"),
        ('service = "shop"', 'service = "a/b"', 1, "`service` is not written as it has to be"),
        ('[[smoke]]\nname = "front page"\n', "", 1, "`smoke` is missing"),
        ("local_edge", "# local_edge", 3, "`platform` must not be empty"),
        ('local_edge = ".headgate/edge"', "timeout_seconds = 3", 3, "does not say where to deploy to"),
        ("local_edge", "account_id = 'a'\nlocal_edge", 5, "`local_edge` and `account_id` are both set"),
        ("[environments.production]\n", "", 6, "no environment `production`"),
        ("[platform]", "[platform]\napi_base = 'http://api.example.com'", 4, "unencrypted"),
        ("[platform]", "[release]\nstaging = 'production'\n[platform]", 4, "the same environment"),
        ("service", "wrangler_config = 'no.toml'\nservice", 1, "There is no file `no.toml`"),
    ],
)
def test_a_mistake_in_what_is_there(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    assert old in SMALLEST

    at, told_what, remedy = only(tmp_path, SMALLEST.replace(old, new))

    assert at == line
    assert what in told_what
    assert remedy


@pytest.mark.parametrize(
    "address", ["http://localhost:8080/v4", "http://127.0.0.1", "http://[::1]:1/x", "http://a.localhost"]
)
def test_this_machine_may_be_called_without_encryption(tmp_path: Path, address: str) -> None:
    text = SMALLEST.replace("[platform]", f"[platform]\napi_base = '{address}'")

    assert load(write(tmp_path, text)).platform.api_base == address


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "servce = 'x'\n" + SMALLEST + "statu = 3\n[watch]\ninterval_seconds = 0\n"

    error = refused(write(tmp_path, text))

    assert error.what.endswith("headgate.toml has 3 mistakes.")
    assert [line for line, _, _ in told(error)] == [1, 12, 14]


def test_no_wrangler_configuration(tmp_path: Path) -> None:
    error = refused(write(tmp_path, SMALLEST, wrangler=""))

    assert "no wrangler configuration" in error.what
    assert "wrangler_config = " in error.remedy


def test_values_are_never_repeated_because_they_may_be_secrets(tmp_path: Path) -> None:
    text = (
        SMALLEST + "status = 'hunter2'\nbody = 7\n[smoke.headers]\nx = 3\n[notify.webhooks]\nqa = 'hunter2'\n"
    )

    error = refused(write(tmp_path, text))

    assert len(error.problems) == 4
    assert all("hunter2" not in str(problem) for problem in error.problems)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        (b'service "shop"\n', "1:9", "Expected '=' after a key"),
        (b"[a.b]\n[a.b]\n", "2:5", "Cannot declare `a.b` twice"),
        (b"a = 1\nb = \n", "2:5", "Invalid value"),
        (b"[watch]\n[watch]\n", "2:7", "Cannot declare `watch` twice"),
        (b"a = [\n1,\n", "2:3", "before the file ends"),
        (b"", "", ""),
    ],
)
def test_broken_toml_has_line_and_column(tmp_path: Path, text: bytes, place: str, what: str) -> None:
    if not text:
        assert len(refused(write(tmp_path, text)).problems) == 4
        return

    error = refused(write(tmp_path, text))

    assert error.where.endswith(f"headgate.toml:{place}")
    assert what in error.what
    assert "is not TOML" in error.what


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    error = refused(write(tmp_path, b"a = 1\nb = '\xff'\n"))

    assert error.where.endswith("headgate.toml:2")


def test_a_file_nested_too_deeply(tmp_path: Path) -> None:
    assert "nested too deeply" in refused(write(tmp_path, "a = " + "[" * 5000)).what


def test_a_file_of_another_kind_altogether(tmp_path: Path) -> None:
    assert "larger than" in refused(write(tmp_path, b"#" * 1_000_001)).what


def test_no_file(tmp_path: Path) -> None:
    assert "headgate init" in refused(tmp_path / "headgate.toml").remedy


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "headgate.toml").mkdir()

    assert "cannot be read" in refused(tmp_path / "headgate.toml").what


def test_a_refused_file_is_refused_again(tmp_path: Path) -> None:
    file = write(tmp_path, SMALLEST + "statu = 3\n")

    for _ in range(2):
        with pytest.raises(ConfigError):
            load(file)


def test_every_keyword_of_the_schema_has_words(tmp_path: Path) -> None:
    about = {"description", "title", "default", "examples", "$schema", "$id", "$defs", "$ref"}
    structure = {
        "properties",
        "items",
        "dependentSchemas",
        "additionalProperties",
        "required",
        "propertyNames",
    }

    assert _keywords(schema()) - about - structure - {"dependentRequired"} == set(_LIMITS)


def _keywords(rules: object, *, names: bool = False) -> set[str]:
    """Every keyword in a schema; the keys of `properties` and its like are names, not keywords."""
    if isinstance(rules, list):
        return set()
    if not isinstance(rules, dict):
        return set()
    found = set() if names else set(rules)
    for key, inner in rules.items():
        if names or key not in ("default", "examples", "dependentRequired"):
            found |= _keywords(inner, names=not names and key in ("properties", "$defs", "dependentSchemas"))
    return found
