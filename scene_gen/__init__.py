"""Words in, a town out: `generate("a rainy harbor town", seed=0)` gives a complete, checked scene."""
