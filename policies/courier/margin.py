"""What to ask for an order in a market where the lowest bid wins: its cost, and a margin learned from bids won and lost."""

from policies.courier.situation import Order, Situation


class Margin:
    """The `share` (0 to 1) of what the whole pay leaves above cost that is asked for; a bid won raises it, a lost one lowers it."""

    def __init__(self, share: float, *, raises: float, yields: float) -> None:
        self.share, self._raises, self._yields = share, raises, yields
        self._open: set[str] = set()

    def ask(self, order: Order, surplus: float) -> float:
        """The price [$] for an order that would leave `surplus` [$] at its whole pay; a cent less than that at the most."""
        self._open.add(order.id)
        asked = order.pay - (1.0 - self.share) * surplus
        return max(round(min(asked, order.pay - 0.01), 2), 0.01)

    def learn(self, now: Situation) -> None:
        """Looks what became of the bids."""
        bidding = {order.id for order in now.open if order.my_bid is not None or now.now_s < order.bids_end_s}
        mine = {order.id for order in now.mine}
        for order in sorted(self._open - bidding):
            if order in mine:
                self.share = min(self.share + self._raises, 1.0)
            else:
                self.share = max(self.share - self._yields, 0.0)
            self._open.discard(order)
