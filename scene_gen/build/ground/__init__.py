"""The ground of a town: land, water, streets, lots, harbor works."""
