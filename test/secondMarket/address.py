"""The text of a member's address: bech32m over 20 bytes. Lists ascend by this text, not by the bytes. BIP-350."""

import functools

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
BECH32M = 0x2BC830A3
PREFIX = "meter"
CHECKSUM_WORDS = 6


@functools.cache
def member_text(address):
    """`meter1…` of 20 address bytes."""
    words = words_of(address)
    expanded = [ord(char) >> 5 for char in PREFIX] + [0] + [ord(char) & 31 for char in PREFIX]
    checked = polymod(expanded + words + [0] * CHECKSUM_WORDS) ^ BECH32M
    checksum = [checked >> 5 * (CHECKSUM_WORDS - 1 - place) & 31 for place in range(CHECKSUM_WORDS)]
    return PREFIX + "1" + "".join(CHARSET[word] for word in words + checksum)


def words_of(address):
    """Groups of 5 bits, the last one filled with zeros."""
    bits = "".join(format(byte, "08b") for byte in address)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]


def polymod(words):
    check = 1
    for word in words:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ word
        for place, generator in enumerate(GENERATORS):
            if top >> place & 1:
                check ^= generator
    return check
