"""Canonical dag-cbor of None, booleans, integers, bytes, text and lists, written from RFC 8949 and the dag-cbor spec."""

import struct

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY = 0, 1, 2, 3, 4
WIDTHS = ((1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I"), (1 << 64, 27, ">Q"))


class Encoded:
    """Bytes that are canonical dag-cbor already and stand in a list as they are."""

    def __init__(self, encoded):
        self.encoded = encoded


def encode(value):
    """The one encoding of `value`."""
    if isinstance(value, Encoded):
        return value.encoded
    if value is None:
        return b"\xf6"
    if value is True:
        return b"\xf5"
    if value is False:
        return b"\xf4"
    if isinstance(value, int):
        return head(UNSIGNED, value) if value >= 0 else head(NEGATIVE, -1 - value)
    if isinstance(value, (bytes, bytearray)):
        return head(BYTES, len(value)) + bytes(value)
    if isinstance(value, str):
        text = value.encode("utf-8")
        return head(TEXT, len(text)) + text
    if isinstance(value, (list, tuple)):
        return head(ARRAY, len(value)) + b"".join(encode(item) for item in value)
    raise TypeError("no encoding for %r" % type(value))


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for limit, length_bits, layout in WIDTHS:
        if argument < limit:
            return bytes([major << 5 | length_bits]) + struct.pack(layout, argument)
    raise OverflowError("an integer of a message has at most 64 bits")
