"""What couriers can buy for themselves: prices, who sells it, and what it does (all ours)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ware:
    """Something for sale: `price` [$]; sold by shops of these uses ("" is the vehicle dealer); what using it gives.

    `energy_pct` and `battery_pct` are added; `is_heat_pack` slows cooling for a while; a bag (`slots`) and a scooter serve
    from the moment they are bought.
    """

    name: str
    price: float
    sellers: tuple[str, ...]
    energy_pct: float = 0.0
    battery_pct: float = 0.0
    is_heat_pack: bool = False
    slots: int = 0
    is_scooter: bool = False
    most: int = 4


DEALER = ""
ANY = "any"
WARES: dict[str, Ware] = {
    ware.name: ware
    for ware in (
        Ware("energy-drink", 4.0, (ANY,), energy_pct=25.0),
        Ware("meal", 8.0, ("restaurant", "inn", "cafe", "hotel"), energy_pct=55.0),
        Ware("heat-pack", 2.5, ("shop", "pharmacy", "market-hall", DEALER), is_heat_pack=True),
        Ware("battery-pack", 6.0, ("shop", DEALER), battery_pct=50.0),
        Ware("thermal-bag", 20.0, ("shop", "market-hall", DEALER), slots=4, most=1),
        Ware("scooter", 80.0, (DEALER,), is_scooter=True, most=1),
    )
}


def sold_by(use: str, *, is_dealer: bool) -> dict[str, Ware]:
    """What a shop sells to couriers, by name."""
    return {
        name: ware
        for name, ware in WARES.items()
        if ANY in ware.sellers or use in ware.sellers or (is_dealer and DEALER in ware.sellers)
    }
