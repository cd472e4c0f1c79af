"""Commands of those who own shares of a fund."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.model.row import Row


@dataclass(frozen=True, slots=True)
class Stake:
    """Put money of an account into a fund for shares of it. `amount` in settlement units, positive."""

    account: int
    fund: int
    amount: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_STAKE, self.account, lots=self.amount, reference=self.fund)


@dataclass(frozen=True, slots=True)
class RequestUnstake:
    """Ask shares of a fund back; they can be taken out after the wait that its rules state."""

    account: int
    fund: int
    shares: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_REQUEST_UNSTAKE, self.account, lots=self.shares, reference=self.fund)


@dataclass(frozen=True, slots=True)
class CancelUnstake:
    """Leave shares in a fund after all; what they gained since they were asked back is lost to the others."""

    account: int
    fund: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_CANCEL_UNSTAKE, self.account, reference=self.fund)


@dataclass(frozen=True, slots=True)
class Unstake:
    """Take out the shares that were asked back, at what they are worth now and at most what they were worth then."""

    account: int
    fund: int

    def row(self) -> Row:
        """Pack."""
        return Row(at.OP_UNSTAKE, self.account, reference=self.fund)
