"""Queues in workerd: what a producer sends goes to the broker in the control plane, over a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from localedge.runtime.wiring import Wired

if TYPE_CHECKING:
    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Binding

QUEUE_HEADER = "x-localedge-queue"
DELAY_HEADER = "x-localedge-delay-seconds"


def wire_queue(binding: Binding, spec: VersionSpec, places: Places) -> Wired:
    """`queue`. A binding with a delay of its own is a service of its own."""
    del spec
    name, delay = str(binding["queue_name"]), binding.get("delivery_delay")
    headers: list[Value] = [{"name": QUEUE_HEADER, "value": quote(name)}]
    if delay is not None:
        headers.append({"name": DELAY_HEADER, "value": str(delay)})
    service = f"queue:{name}:{'' if delay is None else delay}"
    external: Value = {
        "address": f"unix:{places.producers_socket}",
        "http": {"injectRequestHeaders": headers},
    }
    return Wired({"queue": service}, ({"name": service, "external": external},))
