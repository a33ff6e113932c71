"""Sealing of what is private, and blind indexes to find it again.

AES-256-GCM. A sealed value is the key's id (one byte), a random nonce (12 bytes), then ciphertext
and tag; the associated data is `table.column`, so that a value moved to another column does not
open. All keys come from HONGYAN_SECRET_KEY by HKDF-SHA256, one for each purpose.
"""

from __future__ import annotations

import hmac
import os
from collections import deque
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_ID = b"\x01"
_HEAD = 13
# One call of the system for so many nonces: a turn needs several.
_NONCES = 256


class SealBroken(Exception):  # noqa: N818  it says what was found
    """A sealed value does not open: HONGYAN_SECRET_KEY is not the one it was written with, or the row was altered."""


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"hongyan", info=purpose).derive(secret.encode())


class Keys:
    """The keys of one deployment. Raises ValueError for a secret shorter than 32 characters."""

    __slots__ = ("_audit", "_cipher", "_index", "_nonces")

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise ValueError("HONGYAN_SECRET_KEY must have 32 characters or more")
        self._cipher = AESGCM(_derive(secret, b"seal/1"))
        self._index = _derive(secret, b"index/1")
        self._audit = _derive(secret, b"audit/1")
        # A nonce is used once: taking one is a single step for all threads, and a forked child draws its own.
        self._nonces: deque[bytes] = deque()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._nonces.clear)

    def seal(self, column: str, text: str) -> bytes:
        """Seal words for `table.column`."""
        return self.seal_bytes(column, text.encode())

    def open(self, column: str, sealed: bytes | None) -> str:
        """Open words; nothing stored (None or b"") is ''. Raises SealBroken."""
        return self.open_bytes(column, sealed).decode() if sealed else ""

    def seal_bytes(self, column: str, content: bytes) -> bytes:
        """Seal bytes for `table.column`."""
        try:
            nonce = self._nonces.popleft()
        except IndexError:
            nonce = self._draw()
        return _KEY_ID + nonce + self._cipher.encrypt(nonce, content, column.encode())

    def _draw(self) -> bytes:
        """Draw nonces: the first for whoever asks, the others for later."""
        drawn = os.urandom(12 * _NONCES)
        self._nonces.extend(drawn[at : at + 12] for at in range(12, len(drawn), 12))
        return drawn[:12]

    def open_bytes(self, column: str, sealed: bytes) -> bytes:
        """Open bytes. Raises SealBroken."""
        if sealed[:1] != _KEY_ID:
            raise SealBroken(column)
        try:
            return self._cipher.decrypt(sealed[1:_HEAD], sealed[_HEAD:], column.encode())
        except (InvalidTag, ValueError) as broken:
            raise SealBroken(column) from broken

    def index(self, column: str, text: str) -> str:
        """Give the blind index of a value: equal values of one column have equal indexes; '' stays ''."""
        if not text:
            return ""
        return hmac.new(self._index, f"{column}\0{text}".encode(), sha256).hexdigest()[:32]

    def sign(self, content: bytes) -> bytes:
        """Sign for the audit log (HMAC-SHA256, 32 bytes): who only has the database cannot make one."""
        return hmac.digest(self._audit, content, "sha256")
