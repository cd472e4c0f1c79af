"""One file per venue: its rules as dated, cited data. A venue imports no engine, and the engine imports no venue.

A venue is added by adding a file with a `VENUE`: nothing has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.rules.venue import Venue


@cache
def bundled_venues() -> Mapping[str, Venue]:
    """Return the venues that come with the package, by code, sorted."""
    found = (importlib.import_module(f"{__name__}.{item.name}").VENUE for item in pkgutil.iter_modules(__path__))
    return {venue.code: venue for venue in sorted(found, key=lambda venue: venue.code)}
