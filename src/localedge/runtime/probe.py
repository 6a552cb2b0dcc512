"""Asks a Worker's code what it exports, in a process that lives for that question alone."""

from __future__ import annotations

import itertools
import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from localedge.runtime import capnp
from localedge.runtime.capnp import Embed
from localedge.runtime.child import Child, Command
from localedge.runtime.configs.version import WORKER, called_worker
from localedge.runtime.errors import ProcessFailed
from localedge.runtime.files import private_folder, write_private
from localedge.runtime.logs import LogFile
from localedge.runtime.sockets import listen_unix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localedge.runtime.capnp import Value
    from localedge.runtime.places import Places
    from localedge.runtime.spec import VersionSpec
    from localedge.runtime.wiring import Products

MAIN = "main"
CODE = Path(__file__).parent / "js" / "probe.js"
USERS_MAIN = "users-main"
SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Export:
    """One name that a Worker's main module exports.

    `kind` is `object`, `class`, `entrypoint`, `durable_object` or `workflow`; `handlers` are e.g. `fetch`.
    """

    kind: str
    handlers: tuple[str, ...]


Exports = dict[str, Export]


class Probe:
    """One question after another, or several at once."""

    def __init__(self, places: Places, products: Products) -> None:
        self._places = places
        self._products = products
        self._numbers = itertools.count(1)

    async def exports(self, spec: VersionSpec) -> Exports | None:
        """By name; None where it cannot be told, as for code that has no modules."""
        number = next(self._numbers)
        folder = private_folder(self._places.configs / f"p{number}")
        try:
            worker, services, extensions = called_worker(spec, folder, self._places, self._products)
            if not _with_probe(worker):
                return None
            write_private(folder / "config.capnp", _config(worker, services, extensions))
            return await self._asked(number, folder / "config.capnp")
        except (ProcessFailed, httpx2.TransportError, ValueError) as error:
            log.warning("what version %s exports cannot be told: %s", spec.version_id, error)
            return None
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _asked(self, number: int, config: Path) -> Exports:
        address = self._places.sockets / f"p{number}"
        with listen_unix(address) as listener:
            command = Command(
                name=f"probe-{number}",
                workerd=self._places.tools.workerd,
                config=config,
                listeners={MAIN: listener},
                log=LogFile(self._places.log("probe")),
                experimental=True,
                start_seconds=SECONDS,
            )
            try:
                child = await Child.start(command)
                try:
                    return await _answer(address)
                finally:
                    await child.kill()
            finally:
                address.unlink(missing_ok=True)


def _with_probe(worker: dict[str, Value]) -> bool:
    """Put the probe before the Worker's modules, the first of which is its main one."""
    modules = worker.get("modules")
    if not isinstance(modules, list) or "esModule" not in modules[0]:
        return False
    name = json.dumps(modules[0]["name"])
    main = f"export * from {name};\nimport * as main from {name};\nexport default main.default;\n"
    renamed: Value = {"name": USERS_MAIN, "esModule": main}
    worker["modules"] = [{"name": "probe.js", "esModule": Embed(CODE)}, renamed, *modules]
    return True


def _config(worker: Mapping[str, Value], services: list[Value], extensions: list[Value]) -> str:
    return capnp.config(
        {
            "services": [{"name": WORKER, "worker": worker}, *services],
            "sockets": [{"name": MAIN, "http": {}, "service": WORKER}],
            "extensions": extensions,
        }
    )


async def _answer(address: Path) -> Exports:
    transport = httpx2.AsyncHTTPTransport(uds=str(address), verify=False)
    async with httpx2.AsyncClient(transport=transport, timeout=SECONDS) as client:
        told = (await client.get("http://probe/")).json()
    return {name: Export(one["kind"], tuple(one["handlers"])) for name, one in told.items()}
