"""What a tick costs follows what it touches, not how many accounts there are: 10 thousand to 10 million of them."""

from __future__ import annotations

from rows import Row
from tick import tick_microseconds
from worlds import populated

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MANY = 1_000
MOST_GROWTH = (
    2.0  # a touch of ten million accounts over one of ten thousand: rows come from memory then, not from a cache
)
MOST_BEND = 1.25  # cost of ten times the touches over ten times the cost


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - every benchmark has this one shape
    """Measure."""
    rows = []
    first = 0.0
    for size in SIZES[:3] if quick else SIZES:
        touches = min(MANY, size // 50)  # so that every tick finds enough left to touch
        exchange = populated(size)
        idle, _ = tick_microseconds(exchange, healthy=False, rounds=30)
        few, few_touched = tick_microseconds(exchange, healthy=True, rounds=12, wanted=touches // 10)
        cost, touched = tick_microseconds(exchange, healthy=True, rounds=12, wanted=touches)
        each = 1e3 * (cost - idle) / max(1.0, touched)
        first = first or each
        grown = each / first
        linear = (cost - idle) / max(1e-9, few - idle) * few_touched / max(1.0, touched)
        label = f"{size:,} accounts"
        rows.append(
            Row(
                f"touch, {label}", each, "ns", first * MOST_GROWTH, less_is_better=True, rival=f"{first:.0f} ns at {SIZES[0]:,}",
                ratio=1 / grown, note=f"a tick that touches {touched:.0f}; one that touches none costs {idle:.1f} us",
            )
        )  # fmt: skip
        rows.append(
            Row(
                f"ten times the touches, {label}", linear, "x of ten times", MOST_BEND, less_is_better=True,
                rival=f"{few - idle:.2f} us for {few_touched:.0f}", ratio=1 / linear, note="1 is linear",
            )
        )  # fmt: skip
        del exchange
    return rows
