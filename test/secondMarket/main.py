"""The second market: one interval a line from stdin as JSON, its canonical bytes a line in hexadecimal on stdout.

Written from docs/market.md alone, with Python's standard library; it shares no code with the product. With
`--plant unrotated-ties` ties are always dealt from the first member on, so that a comparison is seen to fail.
"""

import json
import sys

import split
from interval import settled_interval


def main(options):
    split.plants.update(options[1::2])
    for line in sys.stdin.readlines():
        print(settled_interval(json.loads(line)).hex())


main(sys.argv[1:])
