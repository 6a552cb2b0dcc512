"""`localedge token create|list|delete`: API tokens that may do less than the edge's own."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from localedge.access.groups import BY_NAME, CONTENT, EDITOR, GROUPS, Scope
from localedge.calling import CallFailed, call
from localedge.instance import read_instance

if TYPE_CHECKING:
    import argparse

    from localedge.instance import Instance

TOKENS = "/user/tokens"
OK, FAILED, NOT_RUNNING = 0, 1, 3


def add_to(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    """Name the arguments."""
    command = commands.add_parser("token", help="make, list and delete API tokens")
    acts = command.add_subparsers(required=True, metavar="create|list|delete")
    act = acts.add_parser("create", parents=[shared], help="make one; its value is printed this once")
    act.add_argument("--name", required=True, help="what it is called")
    act.add_argument("--read-only", action="store_true", help="it may change nothing")
    act.add_argument(
        "--worker", action="append", default=[], metavar="NAME", help="for this Worker alone; can be repeated"
    )
    act.add_argument("--expires-on", metavar="TIME", help="until when, e.g. 2026-12-31T00:00:00Z")
    act.set_defaults(run=run, act=create)
    act = acts.add_parser("list", parents=[shared], help="all that there are")
    act.set_defaults(run=run, act=show_all)
    act = acts.add_parser("delete", parents=[shared], help="delete one")
    act.add_argument("id", help="its id, as `list` tells it")
    act.set_defaults(run=run, act=delete)


def run(options: argparse.Namespace) -> int:
    """Run one of the three; its exit code."""
    instance = read_instance(options.folder)
    if instance is None:
        sys.stderr.write(f"localedge: no local edge runs on {options.folder}\n")
        return NOT_RUNNING
    try:
        result, text = options.act(options, instance)
    except CallFailed as failed:
        sys.stderr.write(f"localedge: {failed}\n")
        return FAILED
    sys.stdout.write(f"{json.dumps(result) if options.json else text}\n")
    return OK


def create(options: argparse.Namespace, instance: Instance) -> tuple[object, str]:
    """A token for everything, for reading everything, or for some Workers."""
    policies = _for_workers(options, instance) if options.worker else _for_all(options, instance)
    body = {"name": options.name, "policies": policies}
    if options.expires_on:
        body["expires_on"] = options.expires_on
    made = call(instance, "POST", TOKENS, body)
    return made, f"Token {made['name']} ({made['id']}). Its value, which is told this once:\n{made['value']}"


def show_all(options: argparse.Namespace, instance: Instance) -> tuple[object, str]:
    """One line each."""
    del options
    found = call(instance, "GET", f"{TOKENS}?per_page=50")
    lines = [f"{token['id']}  {token['status']:8}  {token['name']}" for token in found]
    return found, "\n".join(lines) or "There are no tokens but the edge's own."


def delete(options: argparse.Namespace, instance: Instance) -> tuple[object, str]:
    """From now on nobody can use it."""
    return call(instance, "DELETE", f"{TOKENS}/{options.id}"), f"Token {options.id} is deleted."


def _for_all(options: argparse.Namespace, instance: Instance) -> list[dict[str, Any]]:
    account = {f"{Scope.ACCOUNT}.{instance.account_id}": "*"}
    zones = {f"{Scope.ZONE}.*": "*"}
    user = {f"{Scope.USER}.{call(instance, 'GET', '/user')['id']}": "*"}
    about = {Scope.ACCOUNT: account, Scope.ZONE: zones, Scope.USER: user}
    return [_policy(resources, _names(scope, options)) for scope, resources in about.items()]


def _names(scope: Scope, options: argparse.Namespace) -> list[str]:
    """No token of these makes further tokens."""
    names = [group.name for group in GROUPS if group.scope is scope and "API Tokens" not in group.name]
    return [name for name in names if name.endswith(" Read")] if options.read_only else names


def _for_workers(options: argparse.Namespace, instance: Instance) -> list[dict[str, Any]]:
    account = f"/accounts/{instance.account_id}"
    tags = {script["id"]: script["tag"] for script in call(instance, "GET", f"{account}/workers/scripts")}
    if missing := [name for name in options.worker if name not in tags]:
        message = f"there is no Worker {missing[0]}; a token can be made for one that was uploaded"
        raise CallFailed(message)
    workers = {f"{Scope.WORKER}.{tags[name]}": "*" for name in options.worker}
    group = CONTENT if options.read_only else EDITOR
    return [_policy({f"{Scope.ACCOUNT}.{instance.account_id}": workers}, [group])]


def _policy(resources: dict[str, Any], groups: list[str]) -> dict[str, Any]:
    ids = [{"id": BY_NAME[name].id} for name in groups]
    return {"effect": "allow", "resources": resources, "permission_groups": ids}
