"""Films: what is in the pictures is where the episode says it was."""

import numpy as np
import pytest
from PIL import Image

from bridge.engine import Action, Velocity
from bridge.engines import open_engine
from bridge.errors import UnknownBody
from bridge.recording import record
from evaluation.films import BAND_PX, COLOURS, SIDE_PX, follow_pictures, keep_poster, map_film, map_pictures
from evaluation.maps import town_map
from evaluation.pages import film
from tests.bridge.embedded_town import embedded_town
from tests.scenes import tiny_scene


def document():
    walk = [[float(t), -20.0 + t, 0.0] for t in range(41)]
    stay = [[float(t), 10.0, 20.0] for t in range(41)]
    return {
        "task": "delivery", "engine": "embedded", "seed": 3, "policies": {"a": "greedy", "b": "greedy"}, "simulated_s": 40.0,
        "traces": {"a": walk, "b": stay}, "events": [{"time_s": 20.0, "agent": "a", "kind": "delivered", "order": "order-1"}],
    }  # fmt: skip


def place_of(colour, rgb) -> np.ndarray:
    """Where most of a colour is on the map [px]."""
    rows, columns = np.nonzero((rgb[:SIDE_PX] == colour).all(axis=-1))
    assert len(rows) > 20
    return np.array([np.median(columns), np.median(rows)])


def test_agents_are_on_the_map_where_they_were_and_move_with_time():
    seen = list(map_pictures(tiny_scene(), document(), lasts_s=1.0))
    assert len(seen) == 20
    assert seen[0].rgb.shape == (SIDE_PX + BAND_PX, SIDE_PX, 3)
    sheet = town_map(tiny_scene(), around=[np.array(trace)[:, 1:] for trace in document()["traces"].values()])
    for picture in (seen[0], seen[-1]):
        expected = sheet.at(np.array([10.0, 20.0])) * SIDE_PX / sheet.width_m
        np.testing.assert_allclose(place_of(COLOURS[1], picture.rgb), expected, atol=40)
    first, last = (place_of(COLOURS[0], picture.rgb)[0] for picture in (seen[0], seen[-1]))
    assert last - first == pytest.approx(40.0 * SIDE_PX / sheet.width_m, rel=0.15)


def test_a_film_plays_as_long_as_was_asked(tmp_path):
    av = pytest.importorskip("av")
    map_film(tiny_scene(), document(), tmp_path / "map.mp4", lasts_s=2.0)
    with av.open(str(tmp_path / "map.mp4")) as file:
        frames = list(file.decode(video=0))
    assert len(frames) == 40
    assert (frames[0].width, frames[0].height) == (SIDE_PX, SIDE_PX + BAND_PX)


def test_a_page_shows_the_middle_of_a_film_until_it_is_played(tmp_path):
    pytest.importorskip("av")
    map_film(tiny_scene(), document(), tmp_path / "map.mp4", lasts_s=1.0)
    assert "poster" not in film(tmp_path / "map.mp4", tmp_path, most_bytes=10**7)
    keep_poster(tmp_path / "map.mp4")
    middle = list(map_pictures(tiny_scene(), document(), lasts_s=1.0))[10].rgb
    with Image.open(tmp_path / "map.jpg") as shown:
        assert np.abs(np.asarray(shown).astype(int) - middle).mean() < 3.0
    assert 'poster="data:image/jpeg;' in film(tmp_path / "map.mp4", tmp_path, most_bytes=10**7)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "walk.mcap"
    scene = embedded_town()
    engine = record(open_engine("embedded"), path)
    try:
        engine.load(scene)
        engine.reset(seed=0)
        for _ in range(4):
            engine.step({scene.agents[0].name: Action(Velocity(1.2))}, 10)
        engine.stop()
    finally:
        engine.close()
    return path, scene.agents[0].name


def test_the_camera_follows_an_agent_through_its_recording(recording):
    path, agent = recording
    seen = list(follow_pictures(path, agent, lasts_s=60.0, size=(96, 64)))
    assert [round(one.time_s, 2) for one in seen] == [round(0.05 * i, 2) for i in range(17)]
    assert all(one.rgb.shape == (64, 96, 3) for one in seen)
    assert any(np.abs(seen[0].rgb.astype(int) - one.rgb).mean() > 0.5 for one in seen[1:])


def test_somebody_who_was_not_there_cannot_be_followed(recording):
    path, agent = recording
    with pytest.raises(UnknownBody, match=agent):
        next(follow_pictures(path, f"{agent}x"))
