"""What scripted couriers have in common: reading their notes, knowing their way, planning routes, minding their bodies."""
