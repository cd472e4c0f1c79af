"""A mixed flow of book events, the same for every rival: 57 % adds, 33 % cancels of live orders, 8 % sweeps (2 % take).

A plain Python book runs beside the generator, so that cancels hit orders that rest, and says what has to be traded.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ADD, CANCEL, SWEEP = range(3)
MIDDLE = 30_000
RESTING = 20_000


@dataclass(frozen=True, slots=True)
class Flow:
    """Events to build the book, events to time, and what they trade.

    Rows are kind, side (0 buys), price, lots, id.
    """

    opening: NDArray[np.int64]
    events: NDArray[np.int64]
    ids: int
    filled: int


class PlainBook:
    """Price-time priority in the obvious way."""

    def __init__(self) -> None:
        self.levels: tuple[dict[int, deque[list[int]]], dict[int, deque[list[int]]]] = ({}, {})
        self.heaps: tuple[list[int], list[int]] = ([], [])
        self.live: list[int] = []
        self.place: dict[int, int] = {}
        self.orders: dict[int, list[int]] = {}
        self.filled = 0

    def best(self, side: int) -> int | None:
        """Return the best price of a side."""
        heap, levels = self.heaps[side], self.levels[side]
        while heap:
            price = heap[0] if side else -heap[0]
            queue = levels[price]
            while queue and queue[0][1] == 0:
                queue.popleft()
            if queue:
                return price
            heapq.heappop(heap)
            del levels[price]
        return None

    def take(self, side: int, lots: int, limit: int) -> int:
        """Fill against the other side. Returns what is left."""
        while lots > 0:
            price = self.best(1 - side)
            if price is None or (price > limit if side == 0 else price < limit):
                break
            order = self.levels[1 - side][price][0]
            done = min(lots, order[1])
            order[1] -= done
            lots -= done
            self.filled += done
            if order[1] == 0:
                self.forget(order[0])
        return lots

    def add(self, order: int, side: int, price: int, lots: int) -> None:
        """Take what crosses, rest the remainder."""
        left = self.take(side, lots, price)
        if left == 0:
            return
        if price not in self.levels[side]:
            self.levels[side][price] = deque()
            heapq.heappush(self.heaps[side], price if side else -price)
        entry = [order, left]
        self.levels[side][price].append(entry)
        self.orders[order] = entry
        self.place[order] = len(self.live)
        self.live.append(order)

    def cancel(self, order: int) -> None:
        """Remove an order; its entry is dropped when it comes to the front."""
        self.orders[order][1] = 0
        self.forget(order)

    def forget(self, order: int) -> None:
        """Take an order off the list of live ones."""
        at = self.place.pop(order)
        last = self.live.pop()
        if last != order:
            self.live[at] = last
            self.place[last] = at
        del self.orders[order]


def mixed_flow(count: int, seed: int = 7) -> Flow:
    """Return a flow of `count` events on a book of about 20,000 resting orders."""
    dice = random.Random(seed)  # noqa: S311 - a workload, not a secret
    book = PlainBook()
    opening, events = [], []
    order = 0
    while len(book.live) < RESTING:
        opening.append(_add(dice, book, order, crossing=False))
        order += 1
    before = book.filled
    for _ in range(count):
        chance = dice.random()
        if chance < 0.08:
            side, lots = dice.randrange(2), dice.randint(1, 30)
            book.take(side, lots, 1 << 40 if side == 0 else -1)
            events.append((SWEEP, side, 0, lots, order))
        elif chance < 0.41:
            gone = book.live[dice.randrange(len(book.live))]
            book.cancel(gone)
            events.append((CANCEL, 0, 0, 0, gone))
        else:
            events.append(_add(dice, book, order, crossing=dice.random() < 0.04))
        order += 1
    table = np.array(events, np.int64)
    return Flow(np.array(opening, np.int64), table, order, book.filled - before)


def _add(dice: random.Random, book: PlainBook, order: int, *, crossing: bool) -> tuple[int, int, int, int, int]:
    side = dice.randrange(2)
    away = int(dice.expovariate(1 / 80)) + 1
    price = MIDDLE + away if side else MIDDLE - away
    if crossing:
        best = book.best(1 - side)
        price = price if best is None else best
    lots = dice.randint(1, 11)
    book.add(order, side, price, lots)
    return (ADD, side, price, lots, order)
