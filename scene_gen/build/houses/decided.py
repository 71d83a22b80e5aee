"""What one building is to be like, decided before any geometry."""

from dataclasses import dataclass, field

from scene_gen.build.houses.styles import Style


@dataclass(frozen=True)
class Design:
    """Everything decided about one building before any geometry: materials, proportions, ornaments, lit share [0, 1]."""

    use: str
    style_name: str
    style: Style
    wall: str
    ground_wall: str
    trim: str
    frame: str
    roof: str
    roof_shape: str
    pitch: float
    storeys: int
    ground_m: float
    storey_m: float
    plinth_m: float
    window: tuple[float, float]
    panes: str
    bay: float
    overhang: float
    door: str
    lit: float
    lit_glass: str = "glass-lit"
    window_shape: str = "plain"
    shutters: str = ""
    timber: str = ""
    jetty_m: float = 0.0
    dormers: bool = False
    chimney: bool = False
    balconies: str = ""
    cornice: bool = False
    band: bool = False
    quoins: bool = False
    corner_boards: bool = False
    porch: bool = False
    neon: str = ""
    broken: bool = False
    awning: str = ""
    sign: str = ""
    attributes: tuple[str, ...] = field(default=())

    @property
    def plinth(self) -> str:
        """Material of the wall's foot: stone walls have theirs of stone."""
        return "stone-dark" if self.wall.startswith("stone") else self.style.plinth

    @property
    def eaves_m(self) -> float:
        """Height of the walls above the ground floor's level [m]."""
        return self.ground_m + (self.storeys - 1) * self.storey_m
