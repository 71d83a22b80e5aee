"""File formats that engines read and scene_gen writes."""
