"""WeChat's signatures and its AES envelope, strictly.

Format (official 消息加解密说明): AES-256-CBC, key = base64(EncodingAESKey + "="), IV = the key's first
16 bytes, PKCS#7 over blocks of 32; inside: 16 random bytes, the message's length in 4 bytes
big-endian, the message, the app id. Everything that is checked is checked in full.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_PADS = tuple(bytes([n]) * n for n in range(_BLOCK + 1))


def sign(*parts: str) -> str:
    """Sign as the platform does: the parts sorted, joined, SHA-1, in lower-case hexadecimal."""
    joined = "".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()  # the protocol's choice, not ours


def signer(given: str, tokens: Iterable[str], *parts: str) -> str:
    """Find the token that made this signature over these parts, in constant time a token; "" is none."""
    sent = given.encode("utf-8", "surrogatepass")
    for token in tokens:
        if hmac.compare_digest(sign(token, *parts).encode(), sent):
            return token
    return ""


class WrongKey(ValueError):  # noqa: N818  it is an outcome, not a fault
    """The ciphertext was not made with this key: its base64, length, padding or inner length is wrong."""


class AesKey:
    """One EncodingAESKey at work. Making one costs a few microseconds; it is made once and shared."""

    __slots__ = ("_cipher",)

    def __init__(self, encoding_aes_key: str) -> None:
        # 43 characters carry 258 bits: the last two are spare and not always zero in real keys.
        key = base64.b64decode(encoding_aes_key + "=")
        if len(key) != 32:
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def open(self, encrypted: str) -> tuple[bytes, bytes]:
        """Decrypt to (message, app id), or raise WrongKey. Comparing the app id is the caller's duty."""
        try:
            raw = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:  # binascii.Error, and text that is not ASCII
            raise WrongKey("not base64") from error
        if not raw or len(raw) % 16:
            raise WrongKey("not whole blocks")
        decryptor = self._cipher.decryptor()
        return _unwrap(decryptor.update(raw) + decryptor.finalize())

    def seal(self, message: bytes, app_id: bytes, *, prefix: bytes | None = None) -> str:
        """Encrypt to base64. `prefix`, 16 bytes, is random unless a test repeats an encryption."""
        start = secrets.token_bytes(16) if prefix is None else prefix
        plain = b"".join((start, len(message).to_bytes(4, "big"), message, app_id))
        encryptor = self._cipher.encryptor()
        raw = encryptor.update(plain + _PADS[_BLOCK - len(plain) % _BLOCK]) + encryptor.finalize()
        return binascii.b2a_base64(raw, newline=False).decode("ascii")


def _unwrap(plain: bytes) -> tuple[bytes, bytes]:
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or not plain.endswith(_PADS[pad]):
        raise WrongKey("bad padding")
    end = len(plain) - pad
    stop = 20 + int.from_bytes(plain[16:20], "big")
    if end < 20 or stop > end:
        raise WrongKey("bad length")
    return plain[20:stop], plain[stop:end]


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)
