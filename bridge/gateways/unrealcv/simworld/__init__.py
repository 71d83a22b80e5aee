"""What SimWorld's client says to its Unreal binary beyond UnrealCV, with the same effects in any engine's world."""
