"""Towns from the real world: height maps, sketches, OpenStreetMap."""
