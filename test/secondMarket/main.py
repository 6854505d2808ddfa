"""The second market: an interval or a late reading a line from stdin as JSON, canonical bytes a line in
hexadecimal on stdout: what a block has of it, and the money after it.

Written from docs/market.md alone, with Python's standard library; it shares no code with the product. With
`--plant FAULT` it does one thing wrong, so that a comparison is seen to fail.
"""

import json
import sys

from corrections import settled_late
from interval import settled_interval
from plants import planted


def main(options):
    planted.update(options[1::2])
    for line in sys.stdin.readlines():
        given = json.loads(line)
        settled = settled_late if "gap" in given else settled_interval
        print(settled(given).hex())


main(sys.argv[1:])
