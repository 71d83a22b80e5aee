"""Robot policies in other processes: openpi's wire, what numbers mean, servers that fail, and no pickle anywhere."""

import pickle
import threading

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from bridge.engine import Action, EndEffector, Joints, Velocity
from bridge.errors import DamagedData, NotSupported, UsageError
from bridge.types import Frame
from policies import lerobot, openpi
from policies.remote.arrays import packed, unpacked
from policies.remote.mapping import request
from policies.remote.serving import listening
from tests.policies.openpi_server import OpenpiServer, read, written
from tests.policies.seen import seen

JOINTS = np.linspace(0.1, 0.7, 7)


def felt(*, time_s: float = 0.0, joints=JOINTS, **more):
    """What a robot arm perceives."""
    frames = {
        name: Frame(f"arm/{name}", 0, np.full((48, 64, 3), shade, np.uint8))
        for name, shade in (("front", 40), ("wrist", 90))
    }
    more.setdefault("instruction", "put the cup on the plate")
    return seen(time_s=time_s, notes={}, verbs={}, joints=joints, gripper=0.25, frames=frames, **more)


def begun(policy):
    policy.reset(seed=0, agent="arm", instruction="")
    return policy


def still(action: Action) -> bool:
    return action.motion is None


def test_two_observations_give_two_actions_over_the_wire():
    def led_by_joints(asked, connection):
        chunk = np.zeros((10, 8), np.float32)
        chunk[:, :7] = -asked["observation/joint_position"]
        chunk[:, 7] = 1.0
        return {"actions": written(chunk), "server_timing": {"infer_ms": 3.0}}

    with OpenpiServer(led_by_joints) as server:
        arm = begun(openpi.make(openpi.Config(address=server.address, carry_out=1, step_s=0.5)))
        first = arm.act(felt())
        second = arm.act(felt(time_s=1.0, joints=2 * JOINTS))
        report = arm.report()
        arm.close()
    # Joints are led on for half a second at minus their own value a second: half of it is left.
    np.testing.assert_allclose(first.motion.targets, JOINTS / 2, rtol=1e-6)
    np.testing.assert_allclose(second.motion.targets, JOINTS, rtol=1e-6)
    assert (first.gripper, report["calls"], report["server"]) == (1.0, 2, {"robot": "panda"})


def test_an_observation_is_sent_as_openpi_s_droid_policies_want_it():
    with OpenpiServer(lambda asked, connection: {"actions": written(np.zeros((1, 8)))}) as server:
        arm = begun(openpi.make(openpi.Config(address=server.address)))
        arm.act(felt())
        arm.close()
        asked = server.seen[0]
    assert set(asked) == {line.partition("=")[0] for line in openpi.Config().sends}
    assert asked["observation/exterior_image_1_left"].shape == (224, 224, 3)
    assert asked["observation/exterior_image_1_left"].dtype == np.uint8
    np.testing.assert_allclose(asked["observation/joint_position"], JOINTS.astype(np.float32))
    assert asked["observation/gripper_position"].tolist() == [0.25]
    assert asked["prompt"] == "put the cup on the plate"


def test_a_chunk_is_carried_out_step_by_step_before_the_next_is_asked_for():
    count = [0]

    def counting(asked, connection):
        count[0] += 1
        return {"actions": written(np.full((5, 3), float(count[0])) + np.arange(5)[:, None] / 10)}

    settings_ = {
        "acts": "velocity",
        "gripper_at": None,
        "sends": ("prompt=instruction",),
        "carry_out": 3,
        "step_s": 0.1,
    }
    with OpenpiServer(counting) as server:
        arm = begun(openpi.make(openpi.Config(address=server.address, **settings_)))
        forwards = [arm.act(felt(time_s=0.05 * tick)).motion.forward_m_s for tick in range(8)]
        arm.close()
    assert forwards == pytest.approx([1.0, 1.0, 1.1, 1.1, 1.2, 1.2, 2.0, 2.0])


@pytest.mark.parametrize(
    ("acts", "numbers", "motion"),
    [("joints", np.arange(7.0), Joints), ("end_effector", [0.3, 0, 0.4, 0, 1, 0, 0], EndEffector), ("velocity", [1, 0, 0.5], Velocity)],
)  # fmt: skip
def test_numbers_mean_what_the_config_says(acts, numbers, motion):
    answer = {"actions": written(np.append(np.asarray(numbers, np.float64), 3.0)[None])}
    with OpenpiServer(lambda asked, connection: answer) as server:
        arm = begun(openpi.make(openpi.Config(address=server.address, acts=acts)))
        action = arm.act(felt())
        arm.close()
    assert isinstance(action.motion, motion)
    assert action.gripper == 1.0  # never beyond closed


def fails_once(trouble):
    """A server that fails its first question by `trouble`, and answers afterwards."""
    answers = iter([trouble])
    good = {"actions": written(np.zeros((1, 8)))}
    return lambda asked, connection: next(answers, lambda *_: good)(asked, connection)


OBJECTS = {b"__ndarray__": True, b"data": pickle.dumps(print), b"dtype": "|O", b"shape": (1,)}
HUGE = {b"__ndarray__": True, b"data": b"", b"dtype": "<f8", b"shape": (1 << 40, 1 << 20)}


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (lambda *_: "Traceback: out of memory", "EngineFailed"),
        (lambda asked, connection: connection.close(), "Unavailable"),
        (lambda *_: b"\xc1 no msgpack", "DamagedData"),
        (lambda *_: [1, 2], "DamagedData"),
        (lambda *_: {"action": 1}, "DamagedData"),
        (lambda *_: {"actions": OBJECTS}, "DamagedData"),
        (lambda *_: {"actions": HUGE}, "DamagedData"),
        (lambda *_: {"actions": written(np.full((1, 8), np.nan))}, "DamagedData"),
        (lambda *_: {"actions": written(np.zeros((1, 5)))}, "DamagedData"),
        (lambda *_: None, "TooLate"),
    ],
)
def test_a_server_that_fails_leaves_its_robot_still_and_is_asked_again(trouble, kind):
    with OpenpiServer(fails_once(trouble)) as server:
        short = 0.3 if kind == "TooLate" else 30.0
        arm = begun(openpi.make(openpi.Config(address=server.address, retry_s=0.0, first_timeout_s=short)))
        first = arm.act(felt())
        report = arm.report()
        assert still(first)
        assert report["faults"] == {kind: 1}
        assert report["held_still"] == 1
        if kind != "TooLate":  # there the second answer would need more than the short time on a busy computer
            assert not still(arm.act(felt(time_s=1.0)))
        arm.close()


def test_a_server_that_is_not_there_is_not_asked_all_the_time():
    with OpenpiServer(lambda *_: None) as gone:
        pass
    arm = begun(openpi.make(openpi.Config(address=gone.address, retry_s=3600.0)))
    assert all(still(arm.act(felt(time_s=float(i)))) for i in range(3))
    report = arm.report()
    assert (report["calls"], report["faults"], report["held_still"]) == (1, {"Unavailable": 1}, 3)
    arm.close()


def test_a_key_is_sent_as_openpi_wants_it(monkeypatch):
    monkeypatch.setenv("OPENPI_API_KEY", "secret")
    with OpenpiServer(lambda *_: {"actions": written(np.zeros((1, 8)))}) as server:
        arm = begun(openpi.make(openpi.Config(address=server.address)))
        arm.act(felt())
        arm.close()
        assert server.keys == ["Api-Key secret"]


def test_what_the_robot_does_not_have_is_said_at_once():
    with pytest.raises(UsageError, match="wants the camera 'top'"):
        request(["a=camera:top"], felt(), size_px=0)
    with pytest.raises(UsageError, match="wants 'joints', which courier-1 does not have"):
        request(["a=joints"], seen(), size_px=0)
    with pytest.raises(UsageError, match="nothing that an agent perceives"):
        request(["a=torque"], felt(), size_px=0)


def test_documents_may_be_nested_and_pictures_turned():
    document = request(
        ["images>top=camera-chw:front", "state=position+told:goal"], felt(told={"goal": np.ones(2)}), size_px=32
    )
    assert document["images"]["top"].shape == (3, 32, 32)
    np.testing.assert_allclose(document["state"], [10, 20, 0, 1, 1])


NUMBERS = arrays_of.arrays(
    st.sampled_from(["u1", "i4", "<f4", ">f8", "?"]),
    arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=8), NUMBERS | st.text(max_size=8) | st.integers(-(2**31), 2**31), max_size=4))
def test_documents_keep_their_arrays_both_ways_and_as_openpi_reads_them(document):
    for reader in (unpacked, lambda data: read(msgpack.unpackb(data))):
        found = reader(packed(document))
        assert set(found) == set(document)
        for name, value in document.items():
            if isinstance(value, np.ndarray):
                assert found[name].dtype == value.dtype
            np.testing.assert_array_equal(found[name], value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_document_are_damaged_and_nothing_else(data):
    try:
        unpacked(data)
    except DamagedData:
        return


def test_objects_are_neither_written_nor_read():
    with pytest.raises(UsageError, match="one of numbers"):
        packed({"a": np.array([print], dtype=object)})
    with pytest.raises(DamagedData, match="not of numbers"):
        unpacked(msgpack.packb(OBJECTS))


@pytest.mark.parametrize("address", ["grpc://localhost:8080", "http://localhost:8080"])
def test_lerobot_s_own_wire_is_refused_with_the_safe_way(address):
    with pytest.raises(NotSupported, match=r"pickles.*serve_lerobot"):
        lerobot.make(lerobot.Config(address=address))


def test_a_lerobot_policy_is_asked_in_a_dataset_s_names_through_our_own_server():
    episodes, asked = [], []

    def infer(document):
        asked.append(document)
        return {"actions": np.append(document["observation.state"][:7] + 1, 0.5)[None]}

    with listening(infer, metadata={"policy": "act"}, on_begin=lambda: episodes.append(1), api_key="k") as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        stranger = begun(lerobot.make(lerobot.Config(address=address, api_key_env="NO_SUCH_KEY")))
        assert still(stranger.act(felt()))
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("LEROBOT_API_KEY", "k")
            arm = begun(lerobot.make(lerobot.Config(address=address)))
            action = arm.act(felt())
            arm.reset(seed=1, agent="arm", instruction="")
            arm.act(felt())
        arm.close()
        server.shutdown()
        thread.join()
    np.testing.assert_allclose(action.motion.targets, JOINTS + 1, rtol=1e-6)
    assert action.gripper == 0.5
    assert len(episodes) == 2
    assert set(asked[0]) == {"observation.images.front", "observation.state", "task"}
    assert asked[0]["observation.images.front"].shape == (48, 64, 3)


def test_a_policy_that_raises_is_told_in_a_line_without_its_source(caplog):
    def broken(document):
        raise RuntimeError("no weights")

    with listening(broken) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        arm = begun(lerobot.make(lerobot.Config(address=f"ws://127.0.0.1:{server.socket.getsockname()[1]}")))
        assert still(arm.act(felt()))
        report = arm.report()
        arm.close()
        server.shutdown()
        thread.join()
    assert report["last_fault"].endswith("RuntimeError: no weights")
    assert "Traceback" in caplog.text
