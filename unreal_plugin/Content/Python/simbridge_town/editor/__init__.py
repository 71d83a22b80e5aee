"""The part that calls Unreal: each file carries out one part of a LevelPlan and decides nothing of its own."""
