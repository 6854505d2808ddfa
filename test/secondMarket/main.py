"""The second market: one interval a line from stdin as JSON, its canonical bytes a line in hexadecimal on stdout.

Written from docs/market.md alone, with Python's standard library; it shares no code with the product. With
`--plant FAULT` it does one thing wrong, so that a comparison is seen to fail.
"""

import json
import sys

from interval import settled_interval
from plants import planted


def main(options):
    planted.update(options[1::2])
    for line in sys.stdin.readlines():
        print(settled_interval(json.loads(line)).hex())


main(sys.argv[1:])
