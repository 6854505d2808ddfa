"""Faults that main.py was asked to plant, so that a comparison is seen to find them."""

planted = set()


def is_planted(fault):
    return fault in planted
