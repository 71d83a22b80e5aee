"""The vocabulary of simbridge (scenes, poses, frames, errors) and the way to its engines."""
