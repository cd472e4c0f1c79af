"""The slots of a rule set: one file each. A venue picks one entry per choice; a what-if swaps entries; the core reads columns.

Rates are parts per million of notional unless the line says otherwise; durations are microseconds; 0 switches a bound off.
"""

from __future__ import annotations

from shortfall.rules.slots.adl import Deleveraging
from shortfall.rules.slots.amount import Amount
from shortfall.rules.slots.bands import Bands
from shortfall.rules.slots.close import Close
from shortfall.rules.slots.counterparty import Counterparty
from shortfall.rules.slots.engine import Engine
from shortfall.rules.slots.evidence import Evidence
from shortfall.rules.slots.fees import TradingFees
from shortfall.rules.slots.fund import Fund
from shortfall.rules.slots.funding import Funding
from shortfall.rules.slots.healing import Healing
from shortfall.rules.slots.health import Health
from shortfall.rules.slots.index import IndexPrice
from shortfall.rules.slots.liquidator import Liquidator
from shortfall.rules.slots.margin import Margin
from shortfall.rules.slots.mark import MarkPrice
from shortfall.rules.slots.profit import ProfitUse
from shortfall.rules.slots.realisation import Realisation
from shortfall.rules.slots.socialise import Socialise
from shortfall.rules.slots.takeover import Takeover
from shortfall.rules.slots.trigger import Trigger
from shortfall.rules.slots.unwinding import Unwinding
from shortfall.rules.slots.waterfall import LAYER_ENTRIES

__all__ = [
    "LAYER_ENTRIES",
    "Amount",
    "Bands",
    "Close",
    "Counterparty",
    "Deleveraging",
    "Engine",
    "Evidence",
    "Fund",
    "Funding",
    "Healing",
    "Health",
    "IndexPrice",
    "Liquidator",
    "Margin",
    "MarkPrice",
    "ProfitUse",
    "Realisation",
    "Socialise",
    "Takeover",
    "TradingFees",
    "Trigger",
    "Unwinding",
]
