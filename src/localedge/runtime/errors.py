"""What can go wrong in the runtime.

Exception
├── StartupFailed         the script does not start; `.log` has workerd's own words
├── UnsupportedBinding    a type of binding that the local edge does not have
├── ToolsMissing          workerd or miniflare is not installed
├── TrafficPortTaken      another program listens on the port asked for
├── TooManyVersions       every slot of the router is taken
├── VersionInUse          a version that still has a place in a split cannot be retired
├── NothingServes         an event has no version to go to
├── VersionNotUp          a split names a version that was not started
└── ProcessFailed         one of the edge's own processes does not start; `.log` has its words
"""

from __future__ import annotations


class StartupFailed(Exception):
    """The script does not start. `log` is what workerd said, without this machine's paths."""

    def __init__(self, log: str) -> None:
        super().__init__(log)
        self.log = log


class UnsupportedBinding(Exception):
    """A binding of a type that the local edge does not have."""

    def __init__(self, binding_type: str, name: str) -> None:
        super().__init__(f"binding {name!r}: the local edge has no bindings of type {binding_type!r} (yet)")


class ToolsMissing(Exception):
    """workerd or miniflare is not installed where it was looked for."""


class TrafficPortTaken(Exception):
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use; name another one, or 0 for a free one")


class TooManyVersions(Exception):
    """Every slot of the router is taken."""

    def __init__(self, slots: int) -> None:
        super().__init__(f"all {slots} slots for versions are taken; retire a version first")


class VersionInUse(Exception):
    """A version with a place in a split cannot be retired."""

    def __init__(self, version_id: str) -> None:
        super().__init__(f"version {version_id} still has a place in a split; take it out first")


class VersionNotUp(Exception):
    """A split names a version that was not started."""

    def __init__(self, version_id: str) -> None:
        super().__init__(f"version {version_id} is not up; start it before it gets a place in a split")


class NothingServes(Exception):
    """An event has no version to go to: the Worker is gone, or none of its versions serves."""

    def __init__(self, script: str) -> None:
        super().__init__(f"no version of Worker {script} serves")


class ProcessFailed(Exception):
    """A workerd process ended, or said nothing, before it listened. `log` is what it said."""

    def __init__(self, name: str, log: str) -> None:
        super().__init__(f"process {name} did not start: {log or 'it said nothing'}")
        self.log = log
