"""A slow, readable oracle of the core rules: dictionaries and exact integers, written from the rules' description.

It shares no code with the core. It knows linear contracts with the index as mark, limit and immediate-or-cancel orders, tiers, both
close styles, whole and tier amounts, a fund that takes over within its capacity, ADL by profit share times leverage, socialised loss,
several markets on one fund, and accounts that trade in one market each. Everything else of the rule space it does not know.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from shortfall.testing.oracle_records import Clip, Market, OracleRules, Resting, ceil, floor

MILLION: Final = 1_000_000
HIGHEST_RANK: Final = 1 << 60


class Oracle:
    """An exchange as the rules describe it.

    Parameters
    ----------
    rules : list of OracleRules
        One per market.
    max_price : int
        Exclusive bound of every price.
    """

    def __init__(self, rules: list[OracleRules], max_price: int) -> None:
        self.markets: Final = [Market(r, top=max_price - 1, clearing=f"clearing {k}") for k, r in enumerate(rules)]
        self.cash: Final[dict[str, int]] = {"fund": 0}
        self.number: Final[dict[str, int]] = {}  # order of accounts, for ties
        self.home: Final[dict[str, int]] = {}
        self.queue: Final[list[str]] = []
        self.place_of: Final[dict[str, tuple[int, int, int]]] = {}
        self.now = 0
        self.claims: Final[dict[str, int]] = {}
        self.proceeds = 0
        self.uncovered = 0
        self.socialised = 0
        for market in self.markets:
            self.cash[market.clearing] = 0

    # -- people -------------------------------------------------------------------------------------------------------

    def open(self, name: str, number: int, home: int) -> None:
        """Open a trader who trades in one market."""
        self.cash[name], self.number[name], self.home[name] = 0, number, home

    def gain(self, market: Market, name: str) -> int:
        """Return unrealised profit and loss."""
        return market.size.get(name, 0) * market.mark - market.cost.get(name, 0)

    def equity(self, name: str) -> int:
        """Return cash and all unrealised profit and loss."""
        return self.cash[name] + sum(self.gain(market, name) for market in self.markets)

    def tier(self, rules: OracleRules, notional: int) -> int:
        """Return the number of the bracket that holds a notional."""
        return next(k for k, t in enumerate(rules.tiers) if t.top is None or notional <= t.top)

    def maintenance(self, name: str) -> int:
        """Return the maintenance margin in the home market: rate x notional, rounded up, less the bracket's amount."""
        market = self.markets[self.home[name]]
        notional = abs(market.size.get(name, 0)) * market.mark
        if notional == 0:
            return 0
        t = market.rules.tiers[self.tier(market.rules, notional)]
        return ceil(Fraction(notional * t.maintenance_ppm, MILLION)) - t.amount

    def trade(self, market: Market, name: str, lots: int, amount: int) -> None:
        """Book lots at average entry; what a reduction realises moves between cash and the settlement account."""
        size, cost = market.size.get(name, 0), market.cost.get(name, 0)
        opening, closing = lots, 0
        if size * lots < 0:
            closing = max(-abs(size), min(abs(size), lots))
            opening = lots - closing
        closing_amount = floor(Fraction(amount * closing, lots)) if opening else (amount if closing else 0)
        released = 0
        if closing:
            whole = abs(closing) == abs(size)
            released = cost if whole else floor(Fraction(cost * abs(closing), abs(size)))
        realised = -closing_amount - released if closing else 0
        market.size[name] = size + lots
        market.cost[name] = cost - released + (amount - closing_amount)
        self.cash[name] += realised
        market.settlement -= realised

    # -- orders -------------------------------------------------------------------------------------------------------

    def deposit(self, name: str, amount: int) -> None:
        """Bring money."""
        self.cash[name] += amount

    def cancel(self, name: str, order: int) -> None:
        """Cancel an order of the account."""
        for market in self.markets:
            for side in (market.bids, market.asks):
                side[:] = [r for r in side if not (r.account == name and r.order == order)]

    def cancel_all(self, name: str) -> None:
        """Cancel all orders of an account."""
        for market in self.markets:
            for side in (market.bids, market.asks):
                side[:] = [r for r in side if r.account != name]

    def may_order(self, market: Market, name: str, lots: int, price: int) -> bool:
        """Check initial margin: the worst of all buys or all sells filled, and the loss that crossing the touch realises at once."""
        size = market.size.get(name, 0)
        buys = sum(r.lots for r in market.bids if r.account == name)
        sells = sum(r.lots for r in market.asks if r.account == name)
        before = max(size + buys, sells - size)
        after = max(size + buys + max(lots, 0), sells - size + max(-lots, 0))
        if after <= before:
            return True
        notional = abs(after) * market.mark
        rate = market.rules.tiers[self.tier(market.rules, notional)].initial_ppm
        free = self.cash[name] + self.gain(market, name) - ceil(Fraction(notional * rate, MILLION))
        if lots > 0:
            touch = min((r.price for r in market.asks), default=price)
            loss = lots * max(0, min(price, touch) - market.mark)
        else:
            touch = max((r.price for r in market.bids), default=price)
            loss = -lots * max(0, market.mark - max(price, touch))
        return free >= loss

    def order(self, k: int, name: str, lots: int, price: int, order: int, *, rests: bool) -> int | None:
        """Place a limit order. Returns lots filled, or None when it is refused."""
        market = self.markets[k]
        if name in self.queue or not self.may_order(market, name, lots, price):
            return None
        filled = self.match(market, name, lots, price)
        left = abs(lots) - filled
        if left and rests:
            side = market.bids if lots > 0 else market.asks
            side.append(Resting(name, order, left, price))
        self.after_trade(name, traded=filled > 0)
        return filled

    def after_trade(self, name: str, *, traded: bool) -> None:
        """Let a trader who is flat and in debt wait for the layers."""
        market = self.markets[self.home[name]]
        if traded and market.size.get(name, 0) == 0 and self.cash[name] < 0 and name not in self.queue:
            self.enqueue(name)

    def match(self, market: Market, taker: str, lots: int, limit: int) -> int:
        """Fill against the best prices first, the earliest order first; own orders are cancelled on the way. Returns lots filled."""
        side = market.asks if lots > 0 else market.bids
        sign = 1 if lots > 0 else -1
        left, total = abs(lots), 0
        while left:
            ranked = sorted(side, key=lambda r: sign * r.price)  # a stable sort keeps time within a price
            if not ranked or sign * ranked[0].price > sign * limit:
                break
            best = ranked[0]
            if best.account == taker:
                side.remove(best)
                continue
            done = min(left, best.lots)
            self.trade(market, best.account, -sign * done, -sign * done * best.price)
            best.lots -= done
            if best.lots == 0:
                side.remove(best)
            self.after_trade(best.account, traded=True)
            left -= done
            total += done * best.price
        filled = abs(lots) - left
        if filled:
            self.trade(market, taker, sign * filled, sign * total)
        self.proceeds = total
        return filled

    # -- an instant ---------------------------------------------------------------------------------------------------

    def tick(self, k: int, price: int) -> None:
        """Take a mark: trigger, work on the queue, close against winners, and look again until nothing happens."""
        self.markets[k].mark = price
        self.now += 2
        waited: set[str] = set()
        while True:
            found = [name for name in self.number if name not in self.queue and self.fails(name)]
            for name in found:
                self.enqueue(name)
            self.queue.sort(key=self.place_of.__getitem__)
            worked = self.work(waited)
            for market in self.markets:
                if market.mark:
                    worked += self.deleverage(market)
            if not worked:
                return

    def fails(self, name: str) -> bool:
        """Say whether an account with a position is below maintenance."""
        has_position = self.markets[self.home[name]].size.get(name, 0) != 0
        return has_position and self.equity(name) < self.maintenance(name)

    def enqueue(self, name: str) -> None:
        """Give a place in line: time due, then the lowest (equity - maintenance) / notional in millionths, then the account's number."""
        market = self.markets[self.home[name]]
        notional = max(1, abs(market.size.get(name, 0)) * market.mark)
        rank = floor(Fraction((self.equity(name) - self.maintenance(name)) * MILLION, notional))
        self.place_of[name] = (self.now, rank, self.number[name])
        self.queue.append(name)

    def work(self, waited: set[str]) -> int:
        """Work on everybody in line who did not already wait in this instant. Returns how many."""
        worked = 0
        k = 0
        while k < len(self.queue):
            name = self.queue[k]
            if name in waited:
                k += 1
                continue
            worked += 1
            if self.liquidate(name):
                self.queue.remove(name)
            else:
                waited.add(name)
                _, rank, number = self.place_of[name]
                self.place_of[name] = (self.now + 1, rank, number)
                k += 1
        return worked

    def liquidate(self, name: str) -> bool:
        """Close clips until the account is healthy or flat. Returns False when nobody took a rest."""
        market = self.markets[self.home[name]]
        if self.equity(name) >= self.maintenance(name):
            return True
        self.cancel_all(name)
        if market.size.get(name, 0) == 0:
            self.finish(market, name)
            return True
        while market.size[name]:
            if not self.close_clip(market, name):
                return False
            if self.equity(name) >= self.maintenance(name):
                break
        return True

    def bankruptcy(self, market: Market, size: int, equity: int) -> int:
        """Return the price at which a position uses up the equity beside it, rounded so that nothing is owed there."""
        worth = abs(size) * market.mark
        price = ceil(Fraction(worth - equity, size)) if size > 0 else floor(Fraction(worth + equity, -size))
        return max(1, min(market.top, price))

    def lots_to_close(self, market: Market, size: int) -> int:
        """Return the whole position, or what brings its notional down to the top of the bracket below."""
        held = abs(size)
        if not market.rules.down_one_tier:
            return held
        t = self.tier(market.rules, held * market.mark)
        if t == 0:
            return held
        top = market.rules.tiers[t - 1].top
        lots = held - (top or 0) // market.mark
        return lots if 1 <= lots <= held else held

    def bearable(self, market: Market, size: int, lots: int, bankrupt: int) -> tuple[int, int]:
        """Return (lots, limit) of a market order whose loss below bankruptcy the fund's cash can bear, level by level."""
        end = 1 if size > 0 else market.top
        if "adl" not in market.rules.waterfall:
            return lots, end
        cash = max(0, self.cash["fund"]) if "fund" in market.rules.waterfall else 0
        book: dict[int, int] = {}
        for resting in market.bids if size > 0 else market.asks:
            book[resting.price] = book.get(resting.price, 0) + resting.lots
        count, limit = 0, end
        for price in sorted(book, reverse=size > 0):
            if count == lots:
                break
            take = min(book[price], lots - count)
            loss = take * (bankrupt - price if size > 0 else price - bankrupt)
            if loss > cash:
                return count + floor(Fraction(take * cash, loss)), price
            cash -= max(0, loss)
            count, limit = count + take, price
        return count, limit

    def close_clip(self, market: Market, name: str) -> bool:
        """Close one clip: book, fee, the rest to the layers. Returns False when nobody took the rest."""
        size, sign = market.size[name], 1 if market.size[name] > 0 else -1
        lots = self.lots_to_close(market, size)
        bankrupt = self.bankruptcy(market, size, self.equity(name))
        wanted, limit = lots, bankrupt
        if not market.rules.close_at_bankruptcy:
            wanted, limit = self.bearable(market, size, lots, bankrupt)
        done = self.match(market, name, -sign * wanted, limit) if wanted else 0
        amount = self.proceeds if done else 0
        rest = market.size[name]
        equity = self.equity(name)
        spare = equity + rest * (bankrupt - market.mark)
        fee = max(0, min(amount * market.rules.liquidation_fee_ppm // MILLION, spare))
        self.cash[name] -= fee
        self.cash["fund"] += fee
        left = lots - done
        unplaced = 0
        if left and equity - fee < self.maintenance(name):
            reserved = max(0, rest * (market.mark - bankrupt) - (equity - fee))
            unplaced = self.place(market, name, sign * left, bankrupt, reserved)
        if market.size[name] == 0:
            self.finish(market, name)
        return unplaced == 0

    def finish(self, market: Market, name: str) -> None:
        """Settle a flat account: a debt goes to the layers, a surplus where the rule says."""
        if self.cash[name] < 0:
            self.pay(market, name, -self.cash[name])
        elif market.rules.surplus_to_fund:
            self.cash["fund"] += self.cash[name]
            self.cash[name] = 0

    # -- layers -------------------------------------------------------------------------------------------------------

    def hand_over(self, market: Market, name: str, heir: str, lots: int, price: int) -> None:
        """Move a part of a position at a price."""
        self.trade(market, name, -lots, -lots * price)
        self.trade(market, heir, lots, lots * price)

    def place(self, market: Market, name: str, lots: int, price: int, reserved: int) -> int:
        """Offer a rest to the layers in order. Returns what nobody took."""
        sign, left = (1 if lots > 0 else -1), abs(lots)
        for layer in market.rules.waterfall:
            if left == 0:
                break
            if layer in {"adl", "socialise"}:
                at = price if layer == "adl" else market.mark
                self.hand_over(market, name, market.clearing, sign * left, at)
                market.clips.append(Clip(sign * left, at))
                return 0
            room = self.fund_room(market, sign * left, price, reserved)
            if room:
                self.hand_over(market, name, "fund", sign * room, price)
                left -= room
        return left

    def fund_room(self, market: Market, lots: int, price: int, reserved: int) -> int:
        """Return what the fund may take: what nets, its cash at mark, its notional as a share of its cash."""
        if not market.rules.fund_takes:
            return 0
        want, sign = abs(lots), 1 if lots > 0 else -1
        same = sign * market.size.get("fund", 0)
        netting = min(want, max(0, -same))
        if same < 0:
            gain = market.size["fund"] * price - market.cost["fund"]
            cash = self.cash["fund"]
            if cash + gain < 0:
                bears = floor(Fraction(abs(same) * cash, -gain)) if cash > 0 else 0
                netting = min(netting, bears)
                if netting < want and netting < -same:
                    return netting
        if netting >= want:
            return want
        equity = self.equity("fund") - reserved
        loss = lots * (price - market.mark)
        room = 0 if equity <= 0 else (want if loss <= equity else floor(Fraction(want * equity, loss)))
        if market.rules.fund_capacity_ppm:
            cash = self.cash["fund"] - reserved
            others = sum(abs(m.size.get("fund", 0)) * m.mark for m in self.markets if m is not market)
            allowed = cash * market.rules.fund_capacity_ppm // MILLION - others if cash > 0 else 0
            room = min(room, max(0, allowed) // market.mark - same)
        return min(want, max(room, netting))

    def pay(self, market: Market, debtor: str, owed: int) -> int:
        """Ask the layers for cash in order. Returns what stays uncovered."""
        for layer in market.rules.waterfall:
            if owed == 0:
                break
            if layer == "fund":
                paid = max(0, min(owed, self.cash["fund"]))
                self.cash["fund"] -= paid
            elif layer == "socialise":
                paid = self.share(market, debtor, owed)
            else:
                continue
            self.cash[debtor] += paid
            owed -= paid
        self.uncovered += owed
        return owed

    def share(self, market: Market, debtor: str, owed: int) -> int:
        """Charge those in profit pro rata of min(profit, equity), exact in sum by cumulative rounding. Returns what they paid."""
        bases = {
            n: min(self.gain(market, n), self.equity(n))
            for n in sorted(self.number, key=self.number.__getitem__)
            if n != debtor
        }
        bases = {n: base for n, base in bases.items() if base > 0}
        total = sum(bases.values())
        pay = min(owed, total)
        before = passed = 0
        for name, base in bases.items():
            passed += base
            upto = floor(Fraction(pay * passed, total))
            self.cash[name] -= upto - before
            before = upto
        self.socialised += pay
        return pay

    def rank_of_winner(self, market: Market, name: str) -> int:
        """Return profit share x leverage in steps of 2**-20, one more so that a profit never ranks zero; 0 without profit."""
        gain = self.gain(market, name)
        if gain <= 0:
            return 0
        share = floor(Fraction(gain << 20, max(1, abs(market.cost[name]))))
        above, below = abs(market.size[name]) * market.mark, max(1, self.equity(name))
        if Fraction(gain * above, max(1, abs(market.cost[name])) * below) > HIGHEST_RANK >> 20:
            return HIGHEST_RANK
        return floor(Fraction(share * above, below)) + 1

    def deleverage(self, market: Market) -> int:
        """Net opposite clips, then close the rest against winners in rank order, clips in theirs. Returns lots closed."""
        if not market.clips:
            return 0
        self.net(market)
        size = market.size.get(market.clearing, 0)
        closed = 0
        if size:
            against = [n for n in self.number if market.size.get(n, 0) * size < 0]
            ranked = sorted(against, key=lambda n: (-self.rank_of_winner(market, n), self.number[n]))
            for name in ranked:
                if not any(c.lots for c in market.clips):
                    break
                closed += self.cut(market, name)
        market.clips = [c for c in market.clips if c.lots]
        if market.size.get(market.clearing, 0) == 0:
            self.settle_clearing(market)
        return closed

    def cut(self, market: Market, name: str) -> int:
        """Close one winner against clips, as far as both go."""
        self.cancel_all(name)
        closed = 0
        for clip in market.clips:
            lots = min(abs(clip.lots), abs(market.size[name]))
            if lots:
                signed = lots if clip.lots > 0 else -lots
                self.hand_over(market, market.clearing, name, signed, clip.price)
                clip.lots -= signed
                closed += lots
        self.after_trade(name, traded=closed > 0)
        return closed

    def net(self, market: Market) -> None:
        """Drop what netted in the clearing account: all of the smaller side, the earliest of the larger."""
        longs = sum(c.lots for c in market.clips if c.lots > 0)
        shorts = -sum(c.lots for c in market.clips if c.lots < 0)
        for sign in (1, -1):
            left = min(longs, shorts)
            for clip in market.clips:
                if clip.lots * sign > 0:
                    gone = min(left, abs(clip.lots))
                    clip.lots -= sign * gone
                    left -= gone

    def settle_clearing(self, market: Market) -> None:
        """Give the fund what clearing earned, or ask the layers for what it is short; an old claim is not asked for again."""
        name = market.clearing
        claimed = self.claims.get(name, 0)
        balance = self.cash[name]
        if balance + claimed > 0:
            self.claims[name] = max(0, -balance)
            if balance > 0:
                self.cash["fund"] += balance
                self.cash[name] = 0
        elif balance + claimed < 0:
            self.claims[name] = claimed + self.pay(market, name, -balance - claimed)
