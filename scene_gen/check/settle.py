"""Do things stay put: MuJoCo lets everything movable settle for two seconds on the ground that is really under it."""

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Asset, Scene
from scene_gen.check.ground import Ground
from scene_gen.check.report import Check, Finding
from scene_gen.check.solids import collider_box

SETTLE_S = 2.0
LIMIT_M = 0.02


def check_settled(scene: Scene, ground: Ground) -> Check:
    """No movable thing moves more than 2 cm. Things of one asset on the same tilt of ground are one experiment."""
    experiments: dict[tuple[str, int, int, int], list[str]] = {}
    tilts: dict[tuple[str, int, int, int], NDArray[np.float64]] = {}
    for group in scene.placements:
        asset = scene.assets[group.asset]
        if not asset.is_movable:
            continue
        slopes, gaps = _ground_tilt(asset, group.poses, ground)
        for name, slope, gap in zip(group.names, slopes, gaps, strict=True):
            key = (asset.name, round(slope[0] * 100), round(slope[1] * 100), round(gap * 200))
            experiments.setdefault(key, []).append(name)
            tilts.setdefault(key, np.array([*slope, gap]))
    if not experiments:
        return Check("things stay put", measure="nothing movable")
    keys = sorted(experiments)
    moved = _settle([(scene.assets[key[0]], tilts[key]) for key in keys])
    findings = [
        Finding(name, f"moves {distance:.3f} m in {SETTLE_S:.0f} s", "Set it on flat ground.")
        for key, distance in zip(keys, moved, strict=True)
        if distance > LIMIT_M
        for name in experiments[key]
    ]
    count = sum(len(names) for names in experiments.values())
    return Check(
        "things stay put", tuple(findings), f"{count} things, {len(keys)} experiments, most {max(moved):.3f} m"
    )


def _ground_tilt(
    asset: Asset, poses: NDArray[np.float64], ground: Ground
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope (n,2) of the plane under the four corners of each thing, in its own frame, and its gap to the plane (n,)."""
    half = 0.4 * np.array(asset.size[:2])
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * half
    yaw = 2 * np.arctan2(poses[:, 6], poses[:, 3])
    turn = np.stack([np.stack([np.cos(yaw), -np.sin(yaw)], -1), np.stack([np.sin(yaw), np.cos(yaw)], -1)], -2)
    at = np.einsum("nij,kj->nki", turn, corners) + poses[:, None, :2]
    points = np.concatenate([at, np.broadcast_to(poses[:, None, 2:3] + 0.4, (len(at), 4, 1))], axis=-1)
    heights = ground.below(points.reshape(-1, 3)).reshape(-1, 4)
    heights = np.where(np.isfinite(heights), heights, poses[:, 2:3] - 1.0)
    slope_x = (heights[:, 0] + heights[:, 1] - heights[:, 2] - heights[:, 3]) / (4 * half[0])
    slope_y = (heights[:, 0] - heights[:, 1] + heights[:, 2] - heights[:, 3]) / (4 * half[1])
    return np.stack([slope_x, slope_y], axis=1), poses[:, 2] - heights.mean(axis=1)


def _settle(experiments: list[tuple[Asset, NDArray[np.float64]]]) -> list[float]:
    """How far [m] each asset moves from where it stands, each on a plate of its own with the given slope and gap."""
    import mujoco

    spec = mujoco.MjSpec()
    spec.option.timestep = 0.004
    spec.option.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    for index, (asset, (slope_x, slope_y, gap)) in enumerate(experiments):
        x, y = 12.0 * (index % 40), 12.0 * (index // 40)
        normal = np.array([-slope_x, -slope_y, 1.0]) / np.sqrt(slope_x**2 + slope_y**2 + 1)
        plate = spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[5.0, 5.0, 0.5])
        plate.pos = np.array([x, y, -gap]) - 0.5 * normal
        plate.quat = _quat_to(normal)
        body = spec.worldbody.add_body(name=str(index), pos=[x, y, 0.0])
        body.add_freejoint()
        volume = sum(np.prod(np.subtract(*collider_box(c, asset)[::-1])) for c in asset.colliders)
        for number, solid in enumerate(asset.colliders):
            share = float(np.prod(np.subtract(*collider_box(solid, asset)[::-1])) / volume)
            _add_solid(mujoco, spec, body, solid, asset, f"{index}-{number}", asset.mass_kg * share)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    before = data.xpos[1:].copy()
    for _ in range(int(SETTLE_S / model.opt.timestep)):
        mujoco.mj_step(model, data)
    return [float(d) for d in np.linalg.norm(data.xpos[1:] - before, axis=1)]


def _add_solid(mujoco, spec, body, solid, asset: Asset, name: str, mass: float) -> None:
    kinds = {"box": mujoco.mjtGeom.mjGEOM_BOX, "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
             "sphere": mujoco.mjtGeom.mjGEOM_SPHERE, "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE}  # fmt: skip
    half = 0.5 * np.array(solid.size)
    if solid.shape in kinds:
        size = {
            "box": half,
            "cylinder": [half[0], half[2], 0],
            "sphere": [half[0], 0, 0],
            "capsule": [half[0], max(half[2] - half[0], 1e-3), 0],
        }[solid.shape]
        geom = body.add_geom(type=kinds[solid.shape], size=size)
    else:
        points = solid.points if solid.points is not None else asset.lods[-1].vertices
        spec.add_mesh(name=name, uservert=np.asarray(points, dtype=np.float64).ravel().tolist())
        geom = body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name)
    geom.pos, geom.quat = solid.pose[:3], solid.pose[3:]
    geom.mass = mass
    geom.friction = [0.8, 0.02, 0.002]


def _quat_to(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shortest turn from +Z to a unit normal, wxyz."""
    quat = np.array([1 + normal[2], -normal[1], normal[0], 0.0])
    return quat / np.linalg.norm(quat)
