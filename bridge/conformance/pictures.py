"""Pictures: what was asked for, in the contract's units, of the present tick and of the world as it is."""

import numpy as np

from bridge.conformance.bench import Bench, must, nothing, pose_of
from bridge.conformance.bench import rule as _rule
from bridge.conformance.ground import OTHER, WALKER, WALL, WALL_SIZE, WALL_X
from bridge.engine import Action, Velocity
from bridge.frames import look_at
from bridge.types import MODALITIES, Camera, Frame, Modality, Pose

_DTYPES = {"rgb": np.uint8, "depth": np.float32, "segmentation": np.int32, "normals": np.float32}
_EYE_M = 1.0


def _looking(eye: np.ndarray, target: np.ndarray, name: str = "look") -> Camera:
    return Camera(name, 64, 48, 0.8, Pose(*look_at(eye, target)))


def _offered(bench: Bench) -> list[Modality]:
    return [name for name in MODALITIES if name in bench.engine.info.capabilities]


def _id(bench: Bench, name: str) -> int:
    return next(row.id for row in bench.scene.instances() if row.name == name)


@_rule("rgb")
def frames_come_as_they_were_asked_for(bench: Bench) -> None:
    """One frame a camera, in the order given, of the present tick, with the asked modalities and no other."""
    cameras = [bench.camera, *[name for name in bench.loaded.cameras if name != bench.camera][:1]]
    for wanted in (cameras, cameras[::-1]):
        tick = nothing(bench.engine, 1).tick
        for asked in (["rgb"], _offered(bench)):
            frames = bench.engine.observe(wanted, asked)  # type: ignore[arg-type]
            must([frame.camera for frame in frames] == wanted, f"asked for {wanted}, got {[f.camera for f in frames]}")
            must(all(frame.tick == tick for frame in frames), f"at tick {tick} a frame says {[f.tick for f in frames]}")
            for frame in frames:
                there = [name for name in MODALITIES if getattr(frame, name) is not None]
                must(there == asked, f"asked for {asked}, got {there}")
    must(bench.engine.observe([], ["rgb"]) == (), "no camera gave a frame")


@_rule("rgb")
def frames_are_whole(bench: Bench) -> None:
    """rgb is uint8 (H,W,3), depth float32 (H,W), segmentation int32 (H,W), normals float32 (H,W,3); nobody can write to them."""
    camera = bench.loaded.cameras[bench.camera]
    (frame,) = bench.engine.observe([bench.camera], _offered(bench))
    for name in _offered(bench):
        array = getattr(frame, name)
        deep = (3,) if name in ("rgb", "normals") else ()
        must(array.dtype == _DTYPES[name], f"{name} is {array.dtype}; expected {np.dtype(_DTYPES[name])}")
        expected = (camera.height, camera.width, *deep)
        must(array.shape == expected, f"{name} has the shape {array.shape}; expected {expected}")
        must(not array.flags.writeable, f"{name} can be written to")


@_rule("rgb")
def pictures_show_something(bench: Bench) -> None:
    """A picture is not one colour."""
    (frame,) = bench.engine.observe([bench.camera], ["rgb"])
    must(frame.rgb is not None and frame.rgb.std() > 3, "the picture is one colour")


@_rule("depth", "segmentation", "normals", "control")
def the_sky_is_the_same_everywhere(bench: Bench) -> None:
    """Where there is nothing, depth is inf, the id 0 and the normal zero; elsewhere depth is positive, the normal of length 1."""
    (frame,) = bench.engine.observe([_looking(np.array([0.0, -20.0, 3.0]), np.array([0.0, 0.0, 6.0]))], _offered(bench))
    depth, ids, normals = _solid(frame)
    sky = np.isinf(depth)
    must(sky.any() and not sky.all(), "a picture of the horizon shows no sky, or nothing but sky")
    must((sky == (ids == 0)).all(), f"{np.mean(sky != (ids == 0)):.1%} of pixels: depth and ids disagree about the sky")
    must((depth[~sky] > 0).all(), "a depth is not positive")
    lengths = np.linalg.norm(normals, axis=-1)
    must((lengths[sky] < 1e-3).all(), "the sky has a normal")
    must((abs(lengths[~sky] - 1) < 0.02).all(), "a normal is not of length 1")


@_rule("segmentation")
def ids_are_those_of_the_scene(bench: Bench) -> None:
    """Every id in a picture is one of the scene's table."""
    (frame,) = bench.engine.observe([bench.camera], ["segmentation"])
    known = {0, *(row.id for row in bench.scene.instances())}
    must(frame.segmentation is not None, "no ids came")
    strange = set(np.unique(frame.segmentation).tolist()) - known  # type: ignore[arg-type]
    must(not strange, f"ids {sorted(strange)} are not in the scene's table")


@_rule("depth", "segmentation", "normals", "control")
def walls_are_where_they_are(bench: Bench) -> None:
    """Depth is metric along the optical axis, ids name what is seen, and normals are the world's: tried on the wall."""
    face = WALL_X - WALL_SIZE[0] / 2
    (frame,) = bench.engine.observe(
        [_looking(np.array([face - 5.0, -6.0, 2.5]), np.array([face, -6.0, 2.5]))], _offered(bench)
    )
    depth, ids, normals = _solid(frame)
    seen = ids == _id(bench, WALL)
    must(seen[24, 32], f"the middle of the picture shows the id {ids[24, 32]}; the wall's is {_id(bench, WALL)}")
    must(
        np.allclose(depth[seen], 5.0, atol=0.05),
        f"the wall is {np.median(depth[seen]):.2f} m off; expected 5 m everywhere",
    )
    must(
        np.allclose(normals[24, 32], [-1, 0, 0], atol=0.05),
        f"the wall's normal is {normals[24, 32].round(2)}; expected (-1, 0, 0)",
    )


@_rule("segmentation", "depth", "control")
def pictures_show_their_tick(bench: Bench) -> None:
    """Whoever has walked is seen where the state of the same tick says, and no longer where he was."""
    for _ in range(3):
        state = bench.engine.step({WALKER: Action(Velocity(1.0, yaw_rate_rad_s=0.4))}, bench.ticks(0.5))
        body = pose_of(state, WALKER)[:3] + np.array([0.0, 0.0, _EYE_M])
        (frame,) = bench.engine.observe([_looking(body + np.array([0.0, -4.0, 0.0]), body)], ["depth", "segmentation"])
        depth, ids = np.asarray(frame.depth), np.asarray(frame.segmentation)
        must(frame.tick == state.tick, f"the frame says tick {frame.tick}, the state {state.tick}")
        must(ids[24, 32] == _id(bench, WALKER), f"at tick {state.tick} the body is not where the state says")
        must(3.4 < depth[24, 32] < 4.0, f"the body, 4 m away, is seen at {depth[24, 32]:.2f} m")
        columns = np.nonzero((ids == _id(bench, WALKER)).any(axis=0))[0]
        must(abs(columns.mean() - 31.5) < 3, f"the body is seen {columns.mean() - 31.5:.1f} pixels off the middle")


@_rule("segmentation", "control")
def mounted_cameras_go_along(bench: Bench) -> None:
    """A camera mounted on a body turns and moves with it."""
    eye, target = np.array([0.0, 0.6, 1.5]), np.array([0.0, 3.0, 1.5])
    camera = Camera("shoulder", 64, 48, 0.9, Pose(*look_at(eye, target)), WALKER)
    (before,) = bench.engine.observe([camera], ["segmentation"])
    must(
        _id(bench, OTHER) in np.unique(np.asarray(before.segmentation)), "looking left it does not see the other walker"
    )
    bench.engine.step({WALKER: Action(Velocity(yaw_rate_rad_s=1.5))}, bench.ticks(2.0))
    (after,) = bench.engine.observe([camera], ["segmentation"])
    must(_id(bench, OTHER) not in np.unique(np.asarray(after.segmentation)), "the body turned away, its camera did not")


@_rule("rgb")
def looking_is_not_acting(bench: Bench) -> None:
    """Pictures leave the world as it is, and two of the same tick are the same."""
    before = bench.engine.state_hash()
    (one,), (other,) = (bench.engine.observe([bench.camera], _offered(bench)) for _ in range(2))
    must(bench.engine.state_hash() == before, "a picture changed the world")
    for name in _offered(bench):
        must(np.array_equal(getattr(one, name), getattr(other, name)), f"two pictures of one tick differ in {name}")


@_rule("rgb")
def unknown_cameras_are_refused(bench: Bench) -> None:
    """A camera that is not there is refused by name, and so is a modality."""
    error = bench.refused("the camera 'no-such-camera'", lambda: bench.engine.observe(["no-such-camera"], ["rgb"]))
    must("no-such-camera" in str(error), f"the error does not name it: {error}")
    bench.refused("the modality 'smell'", lambda: bench.engine.observe([bench.camera], ["smell"]))  # type: ignore[list-item]


@_rule("rgb", "control")
def impossible_cameras_are_refused(bench: Bench) -> None:
    """A camera without pixels, with a field of view no lens has, or on a body that is not there is refused."""
    here = Pose(*look_at([0.0, -5.0, 3.0], [0.0, 0.0, 2.0]))
    for camera in (
        Camera("none", 0, 48, 0.8, here),
        Camera("wide", 64, 48, 4.0, here),
        Camera("lost", 64, 48, 0.8, here, "no-such-body"),
    ):
        bench.refused(f"the camera '{camera.name}'", lambda camera=camera: bench.engine.observe([camera], ["rgb"]))


def _solid(frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    must(
        frame.depth is not None and frame.segmentation is not None and frame.normals is not None,
        "depth, ids or normals did not come",
    )
    return np.asarray(frame.depth), np.asarray(frame.segmentation), np.asarray(frame.normals)
