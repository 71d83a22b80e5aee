"""A client of UnrealCV's protocol: lines asked and answered in batches, dialects, places, cameras, and towns spawned."""
