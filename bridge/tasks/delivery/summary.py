"""What a shift came to, one row for each courier."""

from collections.abc import Mapping

from bridge.tasks.delivery.gauges import MODES
from bridge.tasks.delivery.state import Shift

_WORK = ("pay", "tip", "star bonus", "bounty", "failure fee")


def rows(shift: Shift) -> dict[str, Mapping[str, object]]:
    """All rows by courier. Money in dollars: `income` came from customers and bounties, `costs` went to anybody else, and
    `profit` is what is more in the pocket than at the start; rates are None where there was nothing to rate.
    """
    income = dict.fromkeys(shift.couriers, 0)
    costs = dict.fromkeys(shift.couriers, 0)
    for (source, sink, why), amount in shift.ledger.flows.items():
        if why.removesuffix(" (pooled)") in (*_WORK, "bounty back"):
            income[sink] = income.get(sink, 0) + amount
            income[source] = income.get(source, 0) - amount
        elif source in costs:
            costs[source] += amount
    return {name: _row(shift, name, income[name], costs[name]) for name in shift.couriers}


def _row(shift: Shift, name: str, income: int, costs: int) -> Mapping[str, object]:
    courier, gauges, row = shift.couriers[name], shift.gauges, shift.couriers[name].row
    tally = courier.tally
    metres = {mode: round(float(gauges.metres[row, index]), 1) for index, mode in enumerate(MODES)}
    done = tally.delivered + tally.failed
    used = float(gauges.used[row])
    mean = tally.stars_mean
    return {
        "agent": name,
        "profit": (income - costs) / 100,
        "income": income / 100,
        "costs": costs / 100,
        "money": shift.ledger.balance(name) / 100,
        "delivered": tally.delivered,
        "failed": tally.failed,
        "on_time": tally.on_time,
        "success_rate": round(tally.delivered / done, 4) if done else None,
        "on_time_rate": round(tally.on_time / tally.delivered, 4) if tally.delivered else None,
        "stars_mean": round(mean, 3) if mean is not None else None,
        "distance_m": metres,
        "energy_used_pct": round(used, 2),
        "delivered_per_energy_pct": round(tally.delivered / used, 4) if used > 0 else None,
        "collisions": tally.collisions,
        "shared": tally.shared,
        "handed_over": tally.handed_over,
        "helped": tally.helped,
        "invested": tally.invested / 100,
        "idle_s": round(float(gauges.idle_s[row]), 1),
        "refused": tally.refused,
        "messages": tally.messages,
        "bids": tally.bids,
        "collapses": tally.collapses,
        "shift_s": round(shift.now_s, 2),
    }
