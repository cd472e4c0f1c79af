"""One file per venue: what its own pages publish, as far as we read them. What is not here was not examined by us.

A venue's file holds `VENUES`, the codes it speaks for, and `ANSWERS`, item code to evidence. Answers that the venue's record of rules
already cites are not repeated here: `shortfall.assess.checklist` takes them from there.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.assess.evidence import Evidence


@cache
def answers() -> Mapping[str, Mapping[str, Evidence]]:
    """Return venue code to item code to evidence."""
    found: dict[str, dict[str, Evidence]] = {}
    for item in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{item.name}")
        for code in module.VENUES:
            found.setdefault(code, {}).update(module.ANSWERS)
    return found
