"""Messages and back: what travels arrives as it was, and whatever does not fit is refused by the path of its field."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bridge import codec
from bridge.codec import fields
from bridge.engine import (
    VERBS,
    Action,
    Drive,
    EndEffector,
    EngineInfo,
    Hide,
    Joints,
    Loaded,
    Move,
    Paint,
    Remove,
    Resize,
    Skill,
    Spawn,
    Velocity,
    Weather,
)
from bridge.errors import InvalidAction, InvalidInput, OutOfRange, SimbridgeError
from bridge.types import AgentState, Contacts, Pose, Readings, WorldState
from bridge.v1 import engine_service_pb2, types_pb2, world_pb2
from tests.bridge.point_mass import eye

NUMBERS = st.floats(-1000, 1000)
FRACTIONS = st.floats(0, 1)
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=30)
UNIT_QUATS = hnp.arrays("f8", 4, elements=st.floats(-1, 1)).filter(lambda q: np.linalg.norm(q) > 0.1)
POSES = st.builds(
    lambda p, q: Pose(p, q / np.linalg.norm(q)), hnp.arrays("f8", 3, elements=st.floats(-1e6, 1e6)), UNIT_QUATS
)
MOTIONS = st.one_of(
    st.none(),
    st.builds(Velocity, NUMBERS, NUMBERS, NUMBERS),
    st.builds(Drive, st.floats(-1, 1), st.floats(-1, 1), FRACTIONS),
    st.builds(Joints, hnp.arrays("f8", st.integers(0, 9), elements=NUMBERS)),
    st.builds(EndEffector, POSES),
    st.builds(Skill, st.sampled_from(VERBS), NAMES, NAMES),
)
ACTIONS = st.builds(Action, MOTIONS, st.none() | FRACTIONS, NAMES)
SCALES = st.tuples(*[st.floats(0.01, 100)] * 3)
CHANGES = st.one_of(
    st.builds(Spawn, NAMES, NAMES, POSES, st.booleans(), st.none() | SCALES),
    st.builds(Resize, NAMES, SCALES),
    st.builds(Hide, NAMES, st.booleans()),
    st.builds(Move, NAMES, POSES),
    st.builds(Remove, NAMES),
    st.builds(Paint, NAMES, st.tuples(FRACTIONS, FRACTIONS, FRACTIONS)),
    st.builds(Weather, st.none() | st.sampled_from(["fog", "clear"]), st.none() | st.floats(0, 24), wetness=FRACTIONS),
)


def plain(value):
    """A value as something that compares: arrays become lists."""
    if isinstance(value, np.ndarray):
        return np.round(value, 9).tolist()
    if hasattr(value, "__dataclass_fields__"):
        return type(value).__name__, {key: plain(getattr(value, key)) for key in value.__dataclass_fields__}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@given(ACTIONS)
def test_actions_arrive_as_they_were_sent(action):
    sent = codec.message_of_action(action).SerializeToString()
    assert plain(codec.action_of_message(world_pb2.Action.FromString(sent), "action")) == plain(action)


@given(st.lists(CHANGES, max_size=4))
def test_changes_arrive_as_they_were_sent_and_in_order(changes):
    sent = [codec.message_of_change(change) for change in changes]
    assert plain(codec.changes_of_messages(sent, "changes")) == plain(changes)


@given(st.sampled_from(["u1", "<u2", "<i4", "<i8", "<f4", "<f8"]), st.data())
def test_arrays_arrive_as_they_were_sent(dtype, data):
    array = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0)))
    found = codec.array_of_message(codec.message_of_array(array), "x", dtype=dtype, shape=(None, None))
    assert (found.tobytes(), found.shape, found.flags.writeable) == (array.tobytes(), array.shape, False)


def test_arrays_in_another_order_of_bytes_or_axes_arrive_right():
    array = np.arange(6, dtype=">f8").reshape(2, 3).T
    np.testing.assert_array_equal(codec.array_of_message(codec.message_of_array(array), "x", shape=(3, 2)), array)


def test_states_arrive_with_and_without_their_names():
    state = WorldState(
        tick=3,
        time_s=0.06,
        names=("a", "b"),
        poses=np.arange(14.0).reshape(2, 7),
        contacts=Contacts((("a", "b"),), np.zeros((1, 3)), np.ones(1)),
        agents=(
            AgentState("a", "scooter-1", ("parcel",), np.array([0.1]), "sit", "too far"),
            AgentState("b", gripper=0.25, readings=Readings(("imu", "touch"), np.array([0, 3, 4]), np.arange(4.0))),
        ),
        epoch=2,
        revision=7,
    )
    whole = codec.message_of_state(state, epoch=2, names_version=5)
    short = codec.message_of_state(state, epoch=2, names_version=5, known_names=5)
    assert plain(codec.state_of_message(whole)) == plain(state)
    assert not short.names
    assert plain(codec.state_of_message(short, known={5: state.names})) == plain(state)
    with pytest.raises(InvalidInput, match=r"state\.poses\.shape"):
        codec.state_of_message(short)


def test_readings_that_do_not_fit_their_names_are_refused():
    message = codec.message_of_state(
        WorldState(0, 0.0, (), np.zeros((0, 7)), agents=(AgentState("a", readings=Readings(("imu",), np.array([0, 4]), np.zeros(3))),)),
        epoch=1,
        names_version=1,
    )  # fmt: skip
    with pytest.raises(InvalidInput, match=r"agents\[0\]\.readings\.starts"):
        codec.state_of_message(message)


def test_a_scene_and_an_engine_are_told_whole():
    loaded = Loaded(("courier-1",), {"front": eye("front")})
    message = codec.message_of_scene(loaded, (), epoch=1, scene_digest="00")
    assert plain(codec.loaded_of_message(message).cameras["front"]) == plain(eye("front"))
    info = EngineInfo("point-mass", "1.0", 0.02, ("rgb",))
    assert codec.info_of_message(codec.message_of_info(info)) == info


@pytest.mark.parametrize(
    ("message", "kind", "says"),
    [
        ({"qw": 1, "x_m": math.nan}, InvalidInput, "move.pose.x_m is nan"),
        ({"qw": 1, "y_m": math.inf}, InvalidInput, "move.pose.y_m is inf"),
        ({"qw": 1, "z_m": 2e6}, OutOfRange, "move.pose.z_m is 2e[+]06 m"),
        ({}, InvalidInput, "move.pose: the quaternion .* has length 0"),
        ({"qw": 1.1}, InvalidInput, "length 1.1; expected 1"),
        ({"qw": math.nan}, InvalidInput, "move.pose.qw is nan"),
    ],
)
def test_a_bad_pose_names_its_field(message, kind, says):
    with pytest.raises(kind, match=says):
        codec.pose_of_message(types_pb2.Pose(**message), "move.pose")


def test_a_quaternion_nearly_of_unit_length_is_normalised():
    found = codec.pose_of_message(types_pb2.Pose(qw=1.0005), "pose")
    assert np.linalg.norm(found.quat_wxyz) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("tensor", "says"),
    [
        ({"element_type": 5, "shape": [3], "data": bytes(16)}, r"joints\.data has 16 bytes; its shape .3,. .* has 24"),
        ({"element_type": 4, "shape": [4], "data": bytes(16)}, r"joints\.element_type is float32; expected float64"),
        ({"element_type": 77, "shape": [2], "data": bytes(16)}, r"joints\.element_type is 77"),
        ({"element_type": 5, "shape": [2, 1], "data": bytes(16)}, r"joints\.shape is \(2, 1\)"),
        ({"element_type": 5, "shape": [2**32 - 1], "data": b""}, r"joints\.data has 0 bytes"),
        ({"element_type": 5, "shape": [1], "data": np.float64(np.nan).tobytes()}, r"joints\[0\] is nan"),
        ({"element_type": 5, "shape": [300], "data": bytes(2400)}, "at most 256 joints"),
    ],
)
def test_a_tensor_of_wrong_type_shape_or_length_is_refused(tensor, says):
    with pytest.raises(InvalidInput, match=says):
        codec.action_of_message(world_pb2.Action(joints=types_pb2.Tensor(**tensor)), "actions['a']")


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ({"velocity": {"forward_m_s": math.nan}}, r"actions\['a'\]\.velocity\.forward_m_s is nan"),
        ({"drive": {"throttle": 1.5}}, r"drive\.throttle is 1\.5; expected -1 to 1"),
        ({"skill": {"verb": "fly"}}, r"skill\.verb is 'fly'; expected one of pick_up"),
        ({"gripper": -0.1}, r"gripper is -0\.1; expected 0 to 1"),
        ({"say": "a\x00b"}, r"say holds the character U\+0000"),
        ({"say": "a\u202eb"}, r"say holds the character U\+202E"),
        ({"say": "a" * 3000}, "say has 3,000 bytes"),
    ],
)
def test_a_bad_action_names_its_field(action, says):
    with pytest.raises(InvalidInput, match=says):
        codec.actions_of_map({"a": world_pb2.Action(**action)}, "actions")


def test_an_unknown_modality_packing_or_an_empty_change_is_refused():
    with pytest.raises(InvalidInput, match=r"modalities\[1\] is 99; expected 1 \(rgb\), 2"):
        codec.modalities_of_numbers([1, 99], "modalities")
    with pytest.raises(InvalidInput, match="packing is 42"):
        codec.way_of_message(42, 0, None, "")
    with pytest.raises(InvalidInput, match=r"changes\[0\] holds no change"):
        codec.changes_of_messages([world_pb2.Change()], "changes")
    with pytest.raises(InvalidInput, match="weather is 'hail'"):
        codec.changes_of_messages([world_pb2.Change(weather={"weather": "hail"})], "changes")


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (100_000, 100_000)])
def test_a_camera_without_or_with_too_many_pixels_is_refused(size):
    message = codec.message_of_camera(eye("a"))
    message.width_px, message.height_px = size
    with pytest.raises(InvalidInput, match=r"(width|height)_px"):
        codec.camera_of_message(message, "cameras[0]")


@pytest.mark.parametrize("fov", [0.0, math.pi, math.nan])
def test_a_camera_without_an_angle_is_refused(fov):
    message = codec.message_of_camera(eye("a"))
    message.fov_y_rad = fov
    with pytest.raises(InvalidInput, match=r"cameras\[0\]\.fov_y_rad"):
        codec.camera_of_message(message, "cameras[0]")


def test_names_are_short_printable_and_given_once():
    assert fields.unique(["Käthe", "猫-1"], "agents") == ("Käthe", "猫-1")
    for names in ([""], ["a", "a"], ["a\n"], ["\u2066a"], ["a" * 201]):
        with pytest.raises(InvalidInput, match=r"agents\["):
            fields.unique(names, "agents")


@given(st.binary(max_size=120))
def test_arbitrary_messages_decode_or_are_refused(data):
    for message, decode in (
        (world_pb2.Action, lambda found: codec.action_of_message(found, "x")),
        (world_pb2.WorldState, codec.state_of_message),
        (engine_service_pb2.EditRequest, lambda found: codec.changes_of_messages(found.changes, "changes")),
        (engine_service_pb2.SceneSummary, codec.loaded_of_message),
        (engine_service_pb2.FramePart, codec.Album([("a", None)], ["rgb"]).add),
    ):
        try:
            found = message.FromString(data)
        except Exception as error:  # protobuf's own refusal, of whichever class its runtime has
            assert type(error).__name__ == "DecodeError"  # noqa: PT017
            continue
        with contextlib.suppress(SimbridgeError):
            decode(found)


def test_parts_that_were_not_asked_for_or_do_not_fit_are_refused():
    part = engine_service_pb2.FramePart(
        camera="a", modality=1, element_type=1, shape=[2, 2, 3], packing=1, is_last=True
    )
    for change, says in (
        ({"camera": "b"}, "was not asked for"),
        ({"modality": 2}, "was not asked for"),
        ({"shape": [2, 2]}, "has shape"),
        ({"shape": [3, 2, 3]}, "expected 2x2"),
        ({"shape": [2**31, 2, 3]}, "has shape"),
        ({"element_type": 4}, "has shape"),
        ({"data": bytes(11)}, "has 11 bytes"),
        ({"data": bytes(1 << 20)}, "is larger than its shape"),
        ({"packing": 9}, "does not know"),
        ({"packing": 4, "slot": 0}, "this session has none"),
    ):
        wrong = engine_service_pb2.FramePart()
        wrong.CopyFrom(part)
        for key, value in change.items():
            if key == "shape":
                del wrong.shape[:]
                wrong.shape.extend(value)
            else:
                setattr(wrong, key, value)
        with pytest.raises(SimbridgeError, match=says):
            codec.Album([("a", (2, 2))], ["rgb"]).add(wrong)


def test_what_is_no_action_is_told_how_to_be_one():
    with pytest.raises(InvalidAction, match=r"'a' was sent a Velocity\. Send an Action, say Action\(Velocity"):
        codec.map_of_actions({"a": Velocity(1.0)})
