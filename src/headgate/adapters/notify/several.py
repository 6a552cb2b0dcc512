"""Several channels as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.domain.role import Delivery, Notice
    from headgate.ports import Notifier


class SeveralChannels:
    """The Notifier port: each notice goes out on every channel."""

    def __init__(self, channels: tuple[Notifier, ...]) -> None:
        self._channels = channels

    def notify(self, notice: Notice) -> tuple[Delivery, ...]:
        return tuple(delivery for channel in self._channels for delivery in channel.notify(notice))
