"""Brief in, Plan out: planners are plug-ins, one file each; `rules` is the default."""
