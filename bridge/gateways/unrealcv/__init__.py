"""UnrealCV's protocol over any engine: clients that were written for Unreal find a town here instead."""
