"""Plan in, Scene out: `scene_gen.build.town.build` takes the steps in order."""
