"""UnrealCV's protocol over any engine: clients written for Unreal run without Unreal."""
