"""A queue in memory, with visibility in virtual time and a record of what was done when."""

import base64
from dataclasses import dataclass, field, replace
from datetime import timedelta

from local.host.queues.messages import Message
from tests.unit.host.virtual_time import EPOCH, now, seconds


@dataclass
class FakeQueue:
    """`log` holds (seconds, operation, details)."""

    name: str = "alerts"
    exists: bool = True
    fail_delete: bool = False
    log: list[tuple[float, str, object]] = field(default_factory=list)
    _messages: dict[str, Message] = field(default_factory=dict)
    _receipts: int = 0

    def add(self, body: bytes | str, dequeue_count: int = 0) -> str:
        """Add a message (bytes are encoded as base64) and return its id."""
        text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
        identity = f"m{len(self._messages) + 1}"
        expires = EPOCH + timedelta(days=7)
        self._messages[identity] = Message(
            identity, text, "", dequeue_count, EPOCH, expires, next_visible=EPOCH
        )
        return identity

    @property
    def left(self) -> dict[str, Message]:
        """The messages that have not been deleted."""
        return self._messages

    def operations(self, name: str) -> list[tuple[float, object]]:
        """When an operation was done, and on what."""
        return [(when, details) for when, operation, details in self.log if operation == name]

    async def receive(self, count: int, hidden_seconds: float) -> list[Message] | None:
        self.log.append((seconds(), "receive", count))
        if not self.exists:
            return None
        visible = [held for held in self._messages.values() if held.next_visible <= now()][:count]
        return [self._hand_out(message, hidden_seconds) for message in visible]

    async def hide(self, message: Message, seconds_hidden: float) -> Message | None:
        self.log.append((seconds(), "hide", (message.id, seconds_hidden)))
        if not self._ours(message):
            return None
        self._receipts += 1
        held = replace(
            self._messages[message.id],
            pop_receipt=str(self._receipts),
            next_visible=now() + timedelta(seconds=seconds_hidden),
        )
        self._messages[message.id] = held
        return held

    async def delete(self, message: Message) -> None:
        if self.fail_delete:
            raise ConnectionError("the service is away")
        self.log.append((seconds(), "delete", message.id))
        if self._ours(message):
            del self._messages[message.id]

    async def put(self, text: str) -> None:
        self.log.append((seconds(), "put", text))
        self.add(text)

    def _hand_out(self, message: Message, hidden_seconds: float) -> Message:
        self._receipts += 1
        handed = replace(
            message,
            dequeue_count=message.dequeue_count + 1,
            pop_receipt=str(self._receipts),
            next_visible=now() + timedelta(seconds=hidden_seconds),
        )
        self._messages[message.id] = handed
        return handed

    def _ours(self, message: Message) -> bool:
        held = self._messages.get(message.id)
        return held is not None and held.pop_receipt == message.pop_receipt
