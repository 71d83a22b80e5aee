"""A language model that sees: pictures small enough, of the cameras named, and in the question for real."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from bridge.errors import UsageError
from bridge.types import Frame
from policies.vlm import Config, jpeg, make, pictures
from tests.policies.seen import seen
from tests.policies.stand_in import StandIn, completion, decision


def coloured(rgb: tuple[int, int, int], *, height: int = 480, width: int = 640) -> Frame:
    return Frame("courier-1/front", 3, np.full((height, width, 3), rgb, np.uint8))


def decoded(part: dict) -> np.ndarray:
    head, packed = part["image_url"]["url"].split(",")
    assert head == "data:image/jpeg;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(packed))))


def test_what_a_camera_sees_decides():
    def brain(call):
        part = call.asked["messages"][-1]["content"][2]
        red, green, _ = decoded(part).reshape(-1, 3).mean(axis=0)
        call.respond(json.dumps(completion(decision("wait" if red > green else "go_to", "8 Mill Lane"))))

    with StandIn(brain) as server:
        agent = make(Config(base_url=server.base_url, model="toy"))
        agent.reset(seed=0, agent="courier-1", instruction="Mind the lights.")
        acts = [agent.act(seen(frames={"front": coloured(light)})).motion for light in ((200, 30, 30), (30, 200, 30))]
        agent.close()
    assert [act.verb for act in acts] == ["wait", "go_to"]


def test_pictures_are_scaled_down_and_keep_their_shape():
    part = pictures(seen(frames={"front": coloured((9, 9, 9))}), Config(longest_px=128))[1]
    assert decoded(part).shape == (96, 128, 3)


def test_small_pictures_stay_as_they_are():
    assert np.asarray(
        Image.open(io.BytesIO(jpeg(np.zeros((24, 32, 3), np.uint8), longest_px=512, quality=80)))
    ).shape == (24, 32, 3)


def test_a_picture_that_packs_badly_is_packed_harder():
    noise = np.random.default_rng(0).integers(0, 256, (1024, 1024, 3), dtype=np.uint8)
    assert len(jpeg(noise, longest_px=1024, quality=95)) <= 400_000


def test_cameras_are_shown_by_name_as_many_as_wanted():
    frames = {name: coloured((1, 2, 3)) for name in ("left", "front", "right")}
    named = [part["text"] for part in pictures(seen(frames=frames), Config(cameras=("front",)))[::2]]
    assert named == ["What your camera 'front' shows:"]
    assert len(pictures(seen(frames=frames), Config(most_pictures=2))) == 4
    assert pictures(seen(frames={"depth": Frame("courier-1/depth", 3)}), Config()) == []


def test_without_pictures_it_asks_in_words():
    with StandIn(lambda call: call.respond(json.dumps(completion(decision("rest"))))) as server:
        agent = make(Config(base_url=server.base_url, model="toy"))
        agent.reset(seed=0, agent="courier-1", instruction="")
        assert agent.act(seen()).motion.verb == "rest"
        assert isinstance(server.asked[0]["messages"][-1]["content"], str)
        agent.close()


def test_pictures_without_size_are_refused_at_once():
    with pytest.raises(UsageError, match="16 pixels"):
        make(Config(longest_px=3))
