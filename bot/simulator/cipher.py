"""Signing and sealing as the platform does it (reference/wechat.md §1), written apart from the channel's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # the platform pads to 32 bytes, not to AES's 16


class Unsealable(Exception):  # noqa: N818  said of an envelope, not of the program
    """An envelope that the platform cannot open: why, in words."""


def sign(*parts: str) -> str:
    """Sign as the platform does: SHA-1 over the sorted parts joined."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def matches(claimed: str, *parts: str) -> bool:
    """Tell whether a signature is the one for these parts."""
    return hmac.compare_digest(claimed.encode(), sign(*parts).encode())


class Envelope:
    """AES-256-CBC with the account's EncodingAESKey; carries 16 random bytes, the length, the text, the appid."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        # Real keys end in spare bits that are not zero (reference/wechat.md §1), which Python's decoder accepts.
        self._key = base64.b64decode(aes_key + "=")
        self._app_id = app_id.encode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES256(self._key), modes.CBC(self._key[:16]))

    def seal(self, text: str) -> str:
        """Encrypt; base64."""
        raw = text.encode()
        full = secrets.token_bytes(16) + len(raw).to_bytes(4, "big") + raw + self._app_id
        pad = _BLOCK - len(full) % _BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(full + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt and check padding, length and appid. Raises Unsealable."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except ValueError as error:
            raise Unsealable("Encrypt 不是 base64") from error
        if not raw or len(raw) % 16:
            raise Unsealable("密文长度不对")
        decryptor = self._cipher().decryptor()
        return self._content(decryptor.update(raw) + decryptor.finalize())

    def _content(self, full: bytes) -> str:
        pad = full[-1]
        if not 1 <= pad <= _BLOCK or full[-pad:] != bytes([pad]) * pad:
            raise Unsealable("填充不对：密钥不同，或没有按 32 字节填充")
        body = full[16:-pad]
        end = 4 + int.from_bytes(body[:4], "big")
        if body[end:] != self._app_id:
            raise Unsealable("密文里的 AppID 不是本账号")
        try:
            return body[4:end].decode()
        except UnicodeDecodeError as error:
            raise Unsealable("解密后的内容不是 UTF-8") from error
