"""Events, conversations and answers of forms to JSON bytes and back.

A stored value may be older than the code that reads it. A conversation that no longer decodes is
forgotten and begins anew: the member loses a form, never the service.
"""

from __future__ import annotations

import logging
from typing import Any, get_args

import msgspec

from dialogs.conversation import Conversation
from dialogs.effects import Filled
from dialogs.events import Event, Noticed

_log = logging.getLogger(__name__)
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
_encoder = msgspec.json.Encoder()
_conversation = msgspec.json.Decoder(Conversation)
_filled = msgspec.json.Decoder(tuple[Filled, ...])
_events: dict[bytes, msgspec.json.Decoder[Any]] = {
    name.encode(): msgspec.json.Decoder(kind) for name, kind in _KINDS.items()
}
_tags = {kind: name.encode() + b" " for name, kind in _KINDS.items()}


def encode_event(event: Event) -> bytes:
    """Write an event: its kind's name, a space, its fields as JSON."""
    return _tags[type(event)] + _encoder.encode(event)


def decode_event(raw: bytes) -> Event:
    """Read an event back; one that this version does not know any more becomes Noticed."""
    tag, _, body = raw.partition(b" ")
    try:
        event: Event = _events[tag].decode(body)
    except (KeyError, msgspec.DecodeError):
        return Noticed(what=f"unreadable:{tag.decode(errors='replace')[:40]}")
    return event


def encode_conversation(conversation: Conversation) -> bytes:
    """Write a conversation as JSON."""
    return _encoder.encode(conversation)


def decode_conversation(raw: bytes, member: str) -> Conversation:
    """Read a conversation back; a fresh one (and a line in the log, without words) where that fails."""
    try:
        return _conversation.decode(raw)
    except msgspec.DecodeError:
        _log.warning("the stored conversation of member %s is not readable by this version; it begins anew", member)
        return Conversation()


def encode_filled(filled: tuple[Filled, ...]) -> bytes:
    """Write the answers of a form as JSON."""
    return _encoder.encode(filled)


def decode_filled(raw: bytes) -> tuple[Filled, ...]:
    """Read the answers of a form back; none where an old form cannot be read."""
    try:
        return _filled.decode(raw)
    except msgspec.DecodeError:
        return ()
