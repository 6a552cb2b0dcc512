"""What bindings refer to: a namespace, a bucket, a database, another Worker. It has to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localedge.state.model import Binding
    from localedge.workers.bindings import Bindings

    Check = Callable[[Binding], None]


class Referents:
    """A check for each type of binding that refers to something; it raises `Invalid` if that is not there."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    def check(self, bindings: Bindings, *, own: str) -> None:
        """`own` is the Worker's name: it may bind itself before it is there."""
        for binding in bindings.public:
            if binding.get("service") == own:
                continue
            if check := self._checks.get(str(binding["type"])):
                check(binding)
