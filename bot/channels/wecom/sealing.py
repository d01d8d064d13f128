"""How WeCom signs and encrypts what it tells us, and what we reply. Pure.

The official scheme (developer.work.weixin.qq.com/document/path/90968): the signature is SHA-1 over
the token, the timestamp, the nonce and the encrypted text, sorted and joined; the text is encrypted
by AES-256-CBC, its key the EncodingAESKey, its IV the key's first 16 bytes, padded to 32 bytes:

    16 random bytes, length of the message (4 bytes, big-endian), message, id of the corporation
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from enum import Enum

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from data.errors import NotAllowed

RANDOM_BYTES = 16
_LENGTH_BYTES = 4
_BLOCK = 32  # PKCS#7 to the length of the key, not of AES's own block


class SealFault(Enum):
    """Why something that came is not WeCom's word to us."""

    FORGED = "forged"  # another token, or changed on the way
    UNREADABLE = "unreadable"  # another key, or no encrypted text at all
    NOT_OURS = "not_ours"  # for another corporation


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The signature of an encrypted text, in hex."""
    parts = sorted(
        part.encode("utf-8", "surrogatepass") for part in (token, timestamp, nonce, encrypted)
    )
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()


class Seal:
    """Opens and closes the letters between one corporation's app and us.

    :param token: of the app's callback, as is ``aes_key``: its EncodingAESKey, 43 characters.
    :param corp_id: whose letters they are.
    """

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        self._token = token
        self._key = base64.b64decode(aes_key + "=")
        self._corp_id = corp_id.encode()

    def opened(self, given: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """What is in an encrypted text that is signed as it must be.

        :param given: the signature it came with.
        :raises NotAllowed: with a ``SealFault``.
        """
        right = signature(self._token, timestamp, nonce, encrypted)
        if not hmac.compare_digest(right.encode(), given.encode("utf-8", "surrogatepass")):
            raise NotAllowed(SealFault.FORGED)
        message, corp_id = self._decrypted(encrypted)
        if corp_id != self._corp_id:
            raise NotAllowed(SealFault.NOT_OURS)
        return message

    def closed(self, message: bytes, timestamp: str, nonce: str, random: bytes) -> tuple[str, str]:
        """The encrypted text of a message, and its signature.

        :param random: 16 bytes that nobody can guess.
        """
        length = len(message).to_bytes(_LENGTH_BYTES, "big")
        plain = random + length + message + self._corp_id
        missing = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
        encrypted = base64.b64encode(sealed).decode()
        return encrypted, signature(self._token, timestamp, nonce, encrypted)

    def _decrypted(self, encrypted: str) -> tuple[bytes, bytes]:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotAllowed(SealFault.UNREADABLE) from error
        if not sealed or len(sealed) % _BLOCK:
            raise NotAllowed(SealFault.UNREADABLE)
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
        padding = plain[-1]
        if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise NotAllowed(SealFault.UNREADABLE)
        content = plain[RANDOM_BYTES:-padding]
        begins = _LENGTH_BYTES
        ends = begins + int.from_bytes(content[:begins], "big")
        if ends > len(content):
            raise NotAllowed(SealFault.UNREADABLE)
        return content[begins:ends], content[ends:]

    def _cipher(self) -> Cipher[CBC]:
        return Cipher(AES(self._key), CBC(self._key[:RANDOM_BYTES]))
