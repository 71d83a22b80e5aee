"""Other people's wire protocols, spoken over any engine."""
