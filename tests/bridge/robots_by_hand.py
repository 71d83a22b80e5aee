"""Small robots written by hand: what tests of robot descriptions read."""

from pathlib import Path

import trimesh

ARM = """
<mujoco model="reacher">
  <option timestep="0.002"/>
  <worldbody>
    <light pos="0 0 3"/>
    <geom name="floor" type="plane" size="5 5 0.1"/>
    <geom type="cylinder" size="0.1 0.05" pos="0 0 0.05" rgba="0.2 0.2 0.25 1"/>
    <body name="upper" pos="0 0 0.1">
      <joint name="turn" type="hinge" axis="0 0 1" range="-90 90"/>
      <geom type="capsule" fromto="0 0 0.05 0.4 0 0.05" size="0.04" mass="1" rgba="0.8 0.1 0.1 1"/>
      <body name="lower" pos="0.4 0 0.05">
        <joint name="bend" type="hinge" axis="0 1 0" range="-120 120" damping="0.1"/>
        <geom type="capsule" fromto="0 0 0 0.3 0 0" size="0.03" mass="0.5" rgba="0.1 0.1 0.8 1"/>
        <site name="tool" pos="0.3 0 0"/>
        <camera name="eye" pos="0.35 0 0" xyaxes="0 -1 0 0 0 1" fovy="60" resolution="320 240"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="bend" gear="10" ctrlrange="-3 3"/>
    <motor joint="turn" gear="20" ctrlrange="-3 3"/>
  </actuator>
  <sensor><jointpos name="bend_angle" joint="bend"/><framelinacc name="acceleration" objtype="site" objname="tool"/></sensor>
</mujoco>
"""

ROVER = """
<mujoco model="rover">
  <worldbody>
    <body name="hull" pos="0 0 0.12">
      <freejoint/>
      <geom type="box" size="0.2 0.12 0.05" mass="5"/>
      <geom type="sphere" size="0.03" pos="-0.16 0 -0.09" mass="0.1" friction="0.01"/>
      <body name="left" pos="0.1 0.15 -0.04">
        <joint name="left" axis="0 1 0"/><geom type="cylinder" size="0.08 0.02" euler="90 0 0" mass="0.3" friction="1"/>
      </body>
      <body name="right" pos="0.1 -0.15 -0.04">
        <joint name="right" axis="0 1 0"/><geom type="cylinder" size="0.08 0.02" euler="90 0 0" mass="0.3" friction="1"/>
      </body>
    </body>
  </worldbody>
  <actuator><velocity joint="left" kv="2"/><velocity joint="right" kv="2"/></actuator>
  <sensor><accelerometer name="imu" site="middle"/></sensor>
</mujoco>
""".replace('<body name="left" pos', '<site name="middle"/><body name="left" pos', 1)

URDF = """<?xml version="1.0"?>
<robot name="crane-arm">
  <link name="base"><visual><geometry><box size="0.2 0.2 0.1"/></geometry></visual>
    <collision><geometry><box size="0.2 0.2 0.1"/></geometry></collision>
    <inertial><mass value="5"/><inertia ixx="0.1" ixy="0" ixz="0" iyy="0.1" iyz="0" izz="0.1"/></inertial></link>
  <link name="boom"><visual><origin xyz="0.25 0 0"/><geometry><mesh filename="package://crane_description/meshes/visual/boom.stl"/></geometry>
      <material name="orange"><color rgba="0.9 0.4 0.05 1"/></material></visual>
    <collision><origin xyz="0.25 0 0"/><geometry><mesh filename="package://crane_description/meshes/collision/boom.stl"/></geometry></collision>
    <inertial><origin xyz="0.25 0 0"/><mass value="2"/><inertia ixx="0.01" ixy="0" ixz="0" iyy="0.05" iyz="0" izz="0.05"/></inertial></link>
  <link name="slider"><visual><geometry><sphere radius="0.05"/></geometry></visual>
    <inertial><mass value="0.3"/><inertia ixx="0.001" ixy="0" ixz="0" iyy="0.001" iyz="0" izz="0.001"/></inertial></link>
  <joint name="lift" type="revolute"><parent link="base"/><child link="boom"/><origin xyz="0 0 0.1"/><axis xyz="0 -1 0"/>
    <limit lower="-0.2" upper="1.2" effort="60" velocity="1"/></joint>
  <joint name="reach" type="prismatic"><parent link="boom"/><child link="slider"/><origin xyz="0.5 0 0"/><axis xyz="1 0 0"/>
    <limit lower="0" upper="0.3" effort="40" velocity="0.5"/></joint>
</robot>
"""


def written(folder: Path, text: str, name: str = "robot.xml") -> Path:
    """The path of a description in a folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def urdf_package(folder: Path) -> Path:
    """A ROS package with a URDF whose looks and solids are files of one name in two folders."""
    for which, side in (("visual", 0.1), ("collision", 0.12)):
        meshes = folder / "crane_description" / "meshes" / which
        meshes.mkdir(parents=True)
        trimesh.creation.box((0.5, side, side)).export(meshes / "boom.stl")
    (folder / "crane_description" / "urdf").mkdir()
    return written(folder / "crane_description" / "urdf", URDF, "crane.urdf")
