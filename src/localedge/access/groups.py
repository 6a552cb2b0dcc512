"""Permission groups: what a token's policy can allow. Names, ids and scopes are Cloudflare's.

The ids are those of GET /accounts/{id}/tokens/permission_groups, of which many projects carry a copy:
https://github.com/cloudflare/terraform-provider-cloudflare, https://github.com/sam-goodwin/alchemy.
The ids of the groups for single Workers are not published; those here are the edge's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What kind of thing a group is about, by the name that policies use."""

    USER = "com.cloudflare.api.user"
    ACCOUNT = "com.cloudflare.api.account"
    ZONE = "com.cloudflare.api.account.zone"
    WORKER = "com.cloudflare.edge.worker.script"
    BUCKET = "com.cloudflare.edge.r2.bucket"


@dataclass(frozen=True, slots=True)
class Group:
    """One permission group."""

    id: str
    name: str
    scope: Scope


EDITOR = "Individual Workers Editor"
ADMIN = "Individual Workers Admin"
CONTENT = "Individual Workers Content Read-Only"
METADATA = "Individual Workers Metadata Read-Only"

GROUPS = (
    Group("0cc3a61731504c89b99ec1be78b77aa0", "API Tokens Read", Scope.USER),
    Group("686d18d5ac6c441c867cbf6771e58a0a", "API Tokens Write", Scope.USER),
    Group("3518d0f75557482e952c6762d3e64903", "Memberships Read", Scope.USER),
    Group("8acbe5bb0d54464ab867149d7f7cf8ac", "User Details Read", Scope.USER),
    Group("b89a480218d04ceb98b4fe57ca29dc1f", "Account Analytics Read", Scope.ACCOUNT),
    Group("eb56a6953c034b9d97dd838155666f06", "Account API Tokens Read", Scope.ACCOUNT),
    Group("5bc3f8b21c554832afc660159ab75fa4", "Account API Tokens Write", Scope.ACCOUNT),
    Group("c1fde68c7bcc44588cbb6ddbc16d6480", "Account Settings Read", Scope.ACCOUNT),
    Group("1af1fa2adc104452b74a9a3364202f20", "Account Settings Write", Scope.ACCOUNT),
    Group("192192df92ee43ac90f2aeeffce67e35", "D1 Read", Scope.ACCOUNT),
    Group("09b2857d1c31407795e75e3fed8617a1", "D1 Write", Scope.ACCOUNT),
    Group("84a7755d54c646ca87cd50682a34bf7c", "Queues Read", Scope.ACCOUNT),
    Group("366f57075ffc42689627bcf8242a1b6d", "Queues Write", Scope.ACCOUNT),
    Group("8b47d2786a534c08a1f94ee8f9f599ef", "Workers KV Storage Read", Scope.ACCOUNT),
    Group("f7f0eda5697f475c90846e879bab8666", "Workers KV Storage Write", Scope.ACCOUNT),
    Group("66c1ed49f4ed46098b75696a6d4ee3c9", "Workers Observability Read", Scope.ACCOUNT),
    Group("82c075da3f4647a2a03becd0fe240f8a", "Workers Observability Write", Scope.ACCOUNT),
    Group("b4992e1108244f5d8bfbd5744320c2e1", "Workers R2 Storage Read", Scope.ACCOUNT),
    Group("bf7481a1826f439697cb59a20b22293e", "Workers R2 Storage Write", Scope.ACCOUNT),
    Group("1a71c399035b4950a1bd1466bbe4f420", "Workers Scripts Read", Scope.ACCOUNT),
    Group("e086da7e2179491d91ee5f35b3ca210a", "Workers Scripts Write", Scope.ACCOUNT),
    Group("05880cd1bdc24d8bae0be2136972816b", "Workers Tail Read", Scope.ACCOUNT),
    Group("9c88f9c5bce24ce7af9a958ba9c504db", "Analytics Read", Scope.ZONE),
    Group("2072033d694d415a936eaeb94e6405b8", "Workers Routes Read", Scope.ZONE),
    Group("28f4b596e7d643029c524985477ae49a", "Workers Routes Write", Scope.ZONE),
    Group("c8fed203ed3043cba015a93ad1616f1f", "Zone Read", Scope.ZONE),
    Group("e6d2666161e84845a636613608cee8d5", "Zone Write", Scope.ZONE),
    Group("6a018a9f2fc74eb6b293b0c548f38b39", "Workers R2 Storage Bucket Item Read", Scope.BUCKET),
    Group("2efd5506f9c8494dacb1fa10a3e7d5b6", "Workers R2 Storage Bucket Item Write", Scope.BUCKET),
    Group("10ca1ed9e00000000000000000000001", METADATA, Scope.WORKER),
    Group("10ca1ed9e00000000000000000000002", CONTENT, Scope.WORKER),
    Group("10ca1ed9e00000000000000000000003", EDITOR, Scope.WORKER),
    Group("10ca1ed9e00000000000000000000004", ADMIN, Scope.WORKER),
)

BY_ID = {group.id: group for group in GROUPS}
BY_NAME = {group.name: group for group in GROUPS}
