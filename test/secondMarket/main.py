"""The second market: an interval, a late reading or a seller's fuels a line from stdin as JSON, canonical bytes a line in
hexadecimal on stdout: what a block has of it, and the money after it.

Written from docs/market.md, with Python's standard library; it shares no code with the product. With
`--plant FAULT` it does one thing wrong, so that a comparison is seen to fail.
"""

import json
import sys

from corrections import settled_late
from interval import settled_interval
from plants import planted
from provenance import claims


def main(options):
    planted.update(options[1::2])
    for line in sys.stdin.readlines():
        given = json.loads(line)
        print(rule_for(given)(given).hex())


def rule_for(given):
    """By what only the one kind of line has."""
    if "generated" in given:
        return claims
    return settled_late if "gap" in given else settled_interval


main(sys.argv[1:])
