"""Other people's wire protocols, served over any engine."""
