"""Robots by description: MJCF or URDF files, links as things of a scene, kinematics; any engine may use them."""
