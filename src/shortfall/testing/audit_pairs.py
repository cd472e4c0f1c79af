"""The auditor's part for closes that are settled fill by fill, and for ADL in direct pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.testing.audit_books import Deficit, Fact
from shortfall.testing.audit_sharing import SharingBooks

if TYPE_CHECKING:
    from shortfall.testing.audit_setup import AuditSetup


class PairBooks(SharingBooks):
    """Books that know open claims on the layers and open batches.

    Parameters
    ----------
    setup : AuditSetup
        Who is who.
    """

    def __init__(self, setup: AuditSetup) -> None:
        super().__init__(setup)
        self._batch: dict[int, tuple[int, int]] = {}
        self._batch_lots: dict[int, int] = {}
        self._batch_side: dict[int, int] = {}
        self._cut: set[int] = set()
        self._paired: tuple[int, int, int, int] = (-1, -1, 0, 0)
        self._given = False
        self._pairing = -1
        self._passing = 0

    def on_fill_settled(self, e: Fact) -> None:
        """Open a claim on the layers for one fill: they answer for it before anything else is asked of them."""
        open_claim = self._deficit.get(e.market)
        self._hold(open_claim is None or open_claim.owed == 0, "a claim is answered before the next is stated")
        self._hold(e.a > 0 and e.c != 0, f"a fill that layers settle is short of something, was {e.a} on {e.c} lots")
        self._hold(e.account in self.queued, f"only fills of a liquidation are settled, was {e.account}")
        self._deficit[e.market] = Deficit(e.account, e.reference, e.a)

    def on_pairs_start(self, e: Fact) -> None:
        """Open direct pairs of one account: clearing holds nothing of its before."""
        self._hold(e.a * self.size[e.account, e.market] > 0, "what is paired is a part of the position")
        self._batch[e.market] = (1 << 62, -1)
        self._batch_lots[e.market] = 0
        self._batch_side[e.market] = e.a
        self._paired = (
            e.market,
            e.account,
            self.size[e.account, e.market],
            self.size[self._clearing(e.market), e.market],
        )
        self._given = bool(e.d)
        self._pairing = e.market
        self._cut.clear()

    def on_pairs_end(self, e: Fact) -> None:
        """Close direct pairs: what left the account is what its counterparties closed, and clearing holds what it held."""
        market, account, size, clearing = self._paired
        self._hold((market, account) == (e.market, e.account), "pairs end where they started")
        self._hold(e.a == self._batch_lots.get(e.market, 0), "pairs close what their closes say")
        self._hold(abs(size) - abs(self.size[e.account, e.market]) == e.a, "what left the account is what was closed")
        self._hold(
            self.size[self._clearing(e.market), e.market] == clearing, "direct pairs leave nothing with clearing"
        )
        self._batch.pop(e.market, None)
        self._given = False
        self._pairing = -1

    def _check_side(self, e: Fact) -> None:
        """Check whom a close is against: in direct pairs the lots that just left the account, which clearing only passes on.

        Elsewhere it is what clearing holds; beside direct pairs that may be another holder's inventory, which waits for its batch.
        """
        if self._pairing == e.market:
            self._hold(e.a == self._passing, f"a pair closes what left its account, was {e.a} of {self._passing}")
            self._passing = 0
            return
        held = self.size[self._clearing(e.market), e.market]
        self._hold(held * e.a > 0, "ADL touches only the opposite side")
        self._hold(abs(e.a) <= abs(held), "ADL closes no more than is there")

    def _clearing(self, market: int) -> int:
        return self.setup.markets[market].clearing
