"""What stands, grows, floats, parks and walks in a town."""
