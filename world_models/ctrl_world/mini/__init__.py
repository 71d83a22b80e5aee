"""The small Ctrl-World: trained on engine episodes, on a CPU if need be."""
