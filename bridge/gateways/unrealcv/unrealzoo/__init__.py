"""What UnrealZoo's environments (gym_unrealcv) say to their Unreal binaries beyond UnrealCV."""
