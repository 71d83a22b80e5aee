"""The one table of semantic classes: the same names and ids in every format, engine and label image."""

CLASSES: tuple[str, ...] = (
    "other", "terrain", "road", "sidewalk", "crossing", "lane-marking", "water", "building", "roof", "door", "window",
    "dock", "bridge", "wall", "fence", "vegetation", "tree", "vehicle", "bicycle", "scooter", "boat", "person", "animal",
    "robot", "street-furniture", "lamp", "sign", "signal", "container", "crate", "food-parcel", "furniture", "table",
    "tabletop-object", "sky",
)  # fmt: skip
"""Class names; a class's id is its index here. New classes are appended, never inserted."""

CLASS_ID: dict[str, int] = {name: index for index, name in enumerate(CLASSES)}
