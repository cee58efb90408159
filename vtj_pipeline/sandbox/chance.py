"""Repeatable chance: generators made from the seed, and the few draws that `random` lacks.

Add a way of drawing here. Keep out what is drawn: names, places, persons.
"""

from __future__ import annotations

from bisect import bisect
from hashlib import blake2b
from itertools import accumulate
from math import exp
from random import Random
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")
_EXACT_BELOW = 30.0


def seeded(*parts: object) -> Random:
    """Return a generator that depends on nothing but the parts, in this order."""
    name = "/".join(str(part) for part in parts)
    return Random(name)


def chosen(share: float, *parts: object) -> bool:
    """Whether the parts, together, are among a share of all: the same parts always or never."""
    name = "/".join(str(part) for part in parts)
    digest = blake2b(name.encode(), digest_size=4).digest()
    return int.from_bytes(digest) < share * 2**32


class Weighted(Generic[T]):
    """Things to draw from by weight."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        """Take (thing, weight) pairs; the weights need not add up to anything."""
        chosen = [(thing, weight) for thing, weight in pairs if weight > 0]
        self.things: Sequence[T] = [thing for thing, _ in chosen]
        self._sums = list(accumulate(weight for _, weight in chosen))

    def draw(self, rng: Random) -> T:
        """Draw one thing."""
        return self.things[bisect(self._sums, rng.random() * self._sums[-1])]


def pick(rng: Random, things: Sequence[T]) -> T:
    """Draw one thing, all alike."""
    return things[int(rng.random() * len(things))]


def poisson(rng: Random, mean: float) -> int:
    """Draw how many times something with this mean happens."""
    if mean > _EXACT_BELOW:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
