"""SimWorld's asset set: its blueprints by name, how large they are, where they lie, and which of our kinds each stands for.

From the tables and paths that SimWorld and those who use it publish. Not tried in SimWorld's binary here.
"""

BUILDINGS_CM: dict[str, tuple[int, int, int]] = {
    "BP_Building_01_C": (2359, 2509, 2208), "BP_Building_02_C": (2618, 2302, 1747), "BP_Building_03_C": (2509, 2359, 3323),
    "BP_Building_04_C": (2517, 2517, 3147), "BP_Building_05_C": (2894, 2744, 1202), "BP_Building_06_C": (2959, 2689, 3911),
    "BP_Building_08_C": (6798, 6798, 33480), "BP_Building_09_C": (12691, 7626, 33919), "BP_Building_10_C": (6954, 5754, 38667),
    "BP_Building_11_C": (5863, 4539, 6403), "BP_Building_12_C": (12562, 2399, 6730), "BP_Building_13_C": (5852, 4488, 13867),
    "BP_Building_14_C": (17225, 2499, 8797), "BP_Building_15_C": (2753, 3331, 16516), "BP_Building_16_C": (5134, 5135, 23316),
    "BP_Building_17_C": (6695, 6695, 13924), "BP_Building_18_C": (3907, 4357, 13577), "BP_Building_19_C": (5446, 6931, 3736),
    "BP_Building_20_C": (4283, 4298, 12735), "BP_Building_21_C": (6954, 5754, 41767), "BP_Building_22_C": (4381, 4401, 2393),
    "BP_Building_23_C": (11317, 10392, 12044),
}  # fmt: skip
"""Full extents [cm] along the street, away from it, and upwards."""
USES: dict[str, tuple[str, tuple[int, int, int]]] = {
    "hospital": ("BP_Hospital_C", (9640, 6734, 2769)),
    "school": ("BP_School_C", (11030, 11523, 2823)),
}
"""Buildings for one use: the blueprint and its extents [cm]."""
TREES_CM = {
    "BP_Tree1_C": 1791, "BP_Tree2_C": 1654, "BP_Tree3_C": 1744, "BP_Tree4_C": 1365, "BP_Tree5_C": 1265, "BP_Tree6_C": 1653,
}  # fmt: skip
"""Heights [cm]."""
KINDS = {
    "hydrant": "BP_Hydrant_C", "bin": "BP_Trash_can_C", "table": "BP_Table_C", "crate": "BP_Box_C", "cart": "BP_Cart_C",
    "scooter": "BP_Scooter_01_C",
}  # fmt: skip
"""The furniture of streets, by our kind. Sizes are not published (the table says 256 cm for each): placed at their own."""
ROAD, ROAD_LENGTH_CM, ROAD_WIDTH_CM = "BP_Road1_C", 20_000.0, 4_000.0
"""200 m by SimWorld's exporter; about 40 m wide, since its sidewalks' middles lie 17 m from the centre."""
HUMANOID, SCOOTER_TO_RIDE = "Base_User_Agent_C", "BP_Scooter_Pawn_C"
"""Who acts, and what they ride: unlike the scooters of KINDS, which are furniture."""
WEATHER_MANAGER, TRAFFIC_MANAGER = "BP_Weather_C", "UE_Manager_C"
_FOLDER = "/Game/CityDatabase/blueprints"
_ELSEWHERE = {
    HUMANOID: "/Game/TrafficSystem/Pedestrian/Base_User_Agent.Base_User_Agent_C",
    SCOOTER_TO_RIDE: "/Game/ScooterAssets/Blueprints/BP_Scooter_Pawn.BP_Scooter_Pawn_C",
    "Base_Pedestrian_C": "/Game/TrafficSystem/Pedestrian/Base_Pedestrian.Base_Pedestrian_C",
    "BP_DeliveryMan_C": "/Game/TrafficSystem/Pedestrian/BP_DeliveryMan.BP_DeliveryMan_C",
    "BP_SpotRobot_C": "/Game/Robot_Dog/Blueprint/BP_SpotRobot.BP_SpotRobot_C",
    TRAFFIC_MANAGER: "/Game/TrafficSystem/UE_Manager.UE_Manager_C",
}


def blueprint_path(blueprint: str) -> str:
    """Where a blueprint lies in SimWorld's content: what `vset /objects/spawn_bp_asset` is told."""
    return _ELSEWHERE.get(blueprint) or f"{_FOLDER}/{blueprint.removesuffix('_C')}.{blueprint}"
