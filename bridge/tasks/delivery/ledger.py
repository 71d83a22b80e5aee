"""Who has how much, and who holds what: double-entry accounts in whole cents, and goods with one holder each.

Every payment goes from one account to another, so that the sum of all is always 0; what comes in from outside (couriers'
savings, customers) and goes out (shops, rentals) are accounts too, which may be overdrawn. Goods are made by somebody
and used up by somebody, with the reason counted; between that they change hands and never fork.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.errors import Refused

OUTSIDE = ("savings", "customers", "shops", "rentals", "buses", "power", "hospital")
"""Accounts of the world around: they pay and take without limit."""


@dataclass(frozen=True)
class Ledger:
    """Balances [cents] by account, `flows` [cents] by (from, to, why), `holder` by item, and what was made and used up."""

    balances: Mapping[str, int] = field(default_factory=dict)
    flows: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    holder: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)

    def balance(self, account: str) -> int:
        """What an account holds [cents]; 0 before it was ever used."""
        return self.balances.get(account, 0)

    def pay(self, source: str, sink: str, amount: int, why: str) -> "Ledger":
        """Moves cents from one account to another; debts are possible (see `afford`)."""
        if amount < 0:
            return self.pay(sink, source, -amount, why)
        if amount == 0 or source == sink:
            return self
        flow = (source, sink, why)
        balances = {**self.balances, source: self.balance(source) - amount}
        balances[sink] = balances.get(sink, 0) + amount
        return replace(self, balances=balances, flows={**self.flows, flow: self.flows.get(flow, 0) + amount})

    def afford(self, account: str, amount: int, what: str) -> None:
        """Raises Refused where an account holds less than something costs."""
        if self.balance(account) < amount:
            raise Refused(f"{what} costs ${amount / 100:.2f} and you have ${self.balance(account) / 100:.2f}.")

    def total(self, account: str, *, into: bool) -> int:
        """All that ever came into an account, or went out of it [cents]."""
        side = 1 if into else 0
        return sum(amount for flow, amount in self.flows.items() if flow[side] == account)

    def make(self, item: str, holder: str, why: str) -> "Ledger":
        """A new item in somebody's hands."""
        if item in self.holder:
            raise ValueError(f"item '{item}' exists already, held by {self.holder[item]}")
        return replace(self, holder={**self.holder, item: holder}, made={**self.made, why: self.made.get(why, 0) + 1})

    def give(self, item: str, source: str, sink: str) -> "Ledger":
        """Passes an item on. Raises ValueError where `source` does not hold it."""
        if self.holder.get(item) != source:
            raise ValueError(f"item '{item}' is held by {self.holder.get(item, 'nobody')}, not by {source}")
        return replace(self, holder={**self.holder, item: sink})

    def use(self, item: str, why: str) -> "Ledger":
        """An item is no more."""
        holder = dict(self.holder)
        del holder[item]
        return replace(self, holder=holder, used={**self.used, why: self.used.get(why, 0) + 1})

    def held(self, holder: str) -> tuple[str, ...]:
        """What somebody holds, in the order it was made."""
        return tuple(item for item, who in self.holder.items() if who == holder)


def split(amount: int, count: int) -> list[int]:
    """Cents divided among `count`, as evenly as whole cents allow; the first get the rest."""
    share, rest = divmod(amount, count)
    return [share + (index < rest) for index in range(count)]
