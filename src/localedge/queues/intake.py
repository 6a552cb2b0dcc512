"""Reads what producers send: a message or a batch, as workerd's queue binding and the API write them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from localedge.errors import Invalid
from localedge.queues.codes import (
    CODE_MESSAGE_BATCH_COUNT,
    CODE_MESSAGE_BATCH_SIZE,
    CODE_MESSAGE_BODY,
    CODE_MESSAGE_METADATA,
    CODE_MESSAGE_SIZE,
)
from localedge.queues.model import (
    BATCH_BYTES_MAX,
    BATCH_MESSAGES_MAX,
    CONTENT_TYPES,
    DELAY_SECONDS_MAX,
    MESSAGE_BYTES_MAX,
    NewMessage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localedge.queues.model import ContentType


def read_content_type(given: object, default: ContentType) -> ContentType:
    """One of the four."""
    for known in CONTENT_TYPES:
        if (default if given is None else given) == known:
            return known
    message = f"the content type has to be one of {', '.join(CONTENT_TYPES)}, not {given!r}"
    raise Invalid(CODE_MESSAGE_METADATA, message)


def read_delay_seconds(given: object) -> int | None:
    """A delay in seconds, whole or not; None if none is given."""
    if given is None:
        return None
    if isinstance(given, str) and given.isdecimal():
        given = int(given[:12])
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= DELAY_SECONDS_MAX:
        message = f"the delay has to be a number of seconds from 0 to {DELAY_SECONDS_MAX}, not {given!r}"
        raise Invalid(CODE_MESSAGE_METADATA, message)
    return int(given)


def checked_batch(messages: Sequence[NewMessage]) -> Sequence[NewMessage]:
    """The messages, if they keep to the platform's limits."""
    if not 1 <= len(messages) <= BATCH_MESSAGES_MAX:
        message = f"a batch has 1 to {BATCH_MESSAGES_MAX} messages, this one has {len(messages)}"
        raise Invalid(CODE_MESSAGE_BATCH_COUNT, message)
    sizes = [len(message.body) for message in messages]
    if max(sizes) > MESSAGE_BYTES_MAX:
        message = f"message length of {max(sizes)} bytes exceeds limit of {MESSAGE_BYTES_MAX}"
        raise Invalid(CODE_MESSAGE_SIZE, message)
    if sum(sizes) > BATCH_BYTES_MAX:
        message = f"batch size of {sum(sizes)} bytes exceeds limit of {BATCH_BYTES_MAX}"
        raise Invalid(CODE_MESSAGE_BATCH_SIZE, message)
    return messages


def read_binding_batch(body: object) -> list[NewMessage]:
    """`sendBatch()` as workerd writes it: `{messages: [{body: base64, contentType, delaySecs}]}`."""
    entries = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise Invalid(CODE_MESSAGE_BODY, "the batch has no messages")
    return [_binding_message(entry) for entry in entries]


def _binding_message(entry: Any) -> NewMessage:  # noqa: ANN401 - JSON from a Worker's process
    try:
        body = base64.b64decode(entry["body"], validate=True)
        content_type, delay = entry.get("contentType"), entry.get("delaySecs")
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Invalid(CODE_MESSAGE_BODY, f"a message of the batch cannot be read: {error}") from error
    return NewMessage(body, read_content_type(content_type, "v8"), read_delay_seconds(delay))


def read_api_message(entry: object) -> NewMessage:
    """A message as the API takes it: `{body, content_type: text or json, delay_seconds}`."""
    if not isinstance(entry, dict) or "body" not in entry:
        raise Invalid(CODE_MESSAGE_BODY, "a message is an object with a body")
    content_type = read_content_type(entry.get("content_type"), "json")
    return NewMessage(
        body=_api_body(entry["body"], content_type),
        content_type=content_type,
        delay_seconds=read_delay_seconds(entry.get("delay_seconds")),
    )


def _api_body(body: object, content_type: ContentType) -> bytes:
    if content_type == "json":
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if content_type == "text" and isinstance(body, str):
        return body.encode()
    message = "over HTTP a body of type text has to be a string, and only text and json can be sent"
    raise Invalid(CODE_MESSAGE_BODY, message)
