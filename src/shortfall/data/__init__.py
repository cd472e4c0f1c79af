"""Recorded figures: contract snapshots, price series, tapes and venue clients.

Nothing is read and no heavy module is imported until a name of this package is used, because the command line imports
it on every start::

    from shortfall.data import available, load_series, load_snapshot

    snapshot = load_snapshot("binance", "BTCUSDT")
    bars = load_series(snapshot.price_series.known()[0])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shortfall.data.records import Bars, DepthPoint, DepthProfile, Kind, Pool, PoolAsset, Sourced, Tier
    from shortfall.data.series import available_series, load_series, load_series_file
    from shortfall.data.snapshot import ContractSnapshot, available, load_snapshot, load_snapshot_file

__all__ = [
    "Bars",
    "ContractSnapshot",
    "DepthPoint",
    "DepthProfile",
    "Kind",
    "Pool",
    "PoolAsset",
    "Sourced",
    "Tier",
    "available",
    "available_series",
    "load_series",
    "load_series_file",
    "load_snapshot",
    "load_snapshot_file",
]

_HOMES: Final[dict[str, str]] = {
    "ContractSnapshot": "snapshot",
    "available": "snapshot",
    "load_snapshot": "snapshot",
    "load_snapshot_file": "snapshot",
    "available_series": "series",
    "load_series": "series",
    "load_series_file": "series",
}


def __getattr__(name: str) -> object:
    """Import the module of a public name when the name is first used; the result is kept."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES.get(name, 'records')}")
    globals()[name] = getattr(home, name)
    return globals()[name]
