"""Where a world model's dream departs from the engine: the same episodes, imagined and measured horizon by horizon."""
