"""`run_worker_first` as patterns: which paths go to the Worker, and which (`!/...`) to the assets anyway.

A port of parseStaticRouting.ts: https://github.com/cloudflare/workers-sdk/tree/main/packages/workers-shared/utils/configuration
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localedge.errors import CODE_VALIDATION, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES_MAX = 100
RULE_LENGTH_MAX = 100


def read_routing(patterns: Sequence[object]) -> dict[str, list[str]]:
    """As the router wants them; `Invalid` with everything that is wrong."""
    texts = [pattern for pattern in patterns if isinstance(pattern, str)]
    assets = [text[1:] for text in texts if text.startswith("!/")]
    worker = [text for text in texts if text.startswith("/")]
    if len(texts) != len(patterns) or not 1 <= len(texts) <= RULES_MAX:
        raise _invalid([f"1 to {RULES_MAX} rules have to be given, as texts"])
    if not worker and assets:
        raise _invalid(["only negative rules were given; at least 1 has to be non-negative"])
    strange = [text for text in texts if not text.startswith(("/", "!/"))]
    faults = [f"'{text}': rules must start with '/' or '!/'" for text in strange]
    faults += [*_faults(worker), *_faults([f"!{rule}" for rule in assets])]
    if faults:
        raise _invalid(faults)
    return {"asset_worker": assets, "user_worker": worker}


def _faults(rules: Sequence[str]) -> list[str]:
    faults: list[str] = []
    for place, rule in enumerate(rules):
        if len(rule) > RULE_LENGTH_MAX:
            faults.append(f"'{rule}': all rules must be less than {RULE_LENGTH_MAX} characters in length")
        if rule in rules[:place]:
            faults.append(f"'{rule}': rule is a duplicate; rules must be unique")
        if rule.endswith("*"):
            others = [other for other in rules if other != rule and other.startswith(rule[:-1])]
            faults += [f"'{other}': rule '{rule}' makes it redundant" for other in others]
    return faults


def _invalid(faults: Sequence[str]) -> Invalid:
    return Invalid(CODE_VALIDATION, "\n".join(["Invalid routes in `run_worker_first`:", *faults]))
