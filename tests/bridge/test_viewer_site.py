"""The page's address: what it answers, whom it refuses, what the stream says; and the command from start to end."""

import gzip
import json
import signal
import struct
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from bridge.cli import main
from bridge.formats.scene_folder import write_scene
from bridge.recording import record
from bridge.viewer import messages
from bridge.viewer.light import BRINGS
from bridge.viewer.playback import recorded_world
from bridge.viewer.town import unpacked
from tests.bridge.viewing import Outdoors, Tab, shown
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def site():
    engine = Outdoors()
    with shown(lambda: engine) as url:
        yield url, engine


def got(url: str, host: str | None = None) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def test_the_page_and_all_it_asks_for_are_here(site):
    code, body, headers = got(site[0])
    page = gzip.decompress(body).decode()
    assert code == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "://" not in page
    for name in ("main.js", "style.css", "town.frag", "frame.glsl"):
        assert got(site[0] + name)[0] == 200


def test_only_the_page_is_here(site):
    for path in ("../site.py", "%2e%2e/site.py", "nowhere.js"):
        assert got(site[0] + path)[0] == 404


def test_another_name_for_this_computer_is_refused(site):
    assert got(site[0], host="evil.example")[0] == 403


def test_another_sites_page_cannot_drive_the_town(site):
    with pytest.raises(InvalidStatus, match="403"):
        Tab(site[0], origin="http://evil.example")
    with Tab(site[0], origin=site[0].rstrip("/")) as tab:
        tab.until("world")


def test_a_tab_hears_the_town_the_light_and_who_is_there(site):
    with Tab(site[0]) as tab:
        announced = tab.until("town")
        content = b""
        while len(content) < announced["bytes"]:
            content += tab.until(messages.TOWN)[4:]
        assert unpacked(gzip.decompress(content))[0]["name"] == "tiny"
        world = tab.until("world")
        assert world["agents"] == ["courier-1", "courier-2"]
        assert world["may"] == {"step": True, "drive": True, "edit": True, "traffic": False}
        assert unpacked(tab.until(messages.LIGHT)[4:])[0]["weather"]
        assert tab.until("bodies")["names"] == ["courier-1", "courier-2"]
        count, _, _, roster = struct.unpack("<xxxxIdII", tab.until(messages.POSES)[:24])
        assert (count, roster > 0) == (2, True)


def test_a_tab_that_has_the_town_is_not_sent_it_again(site):
    with Tab(site[0], have=tiny_scene().digest()) as tab:
        assert tab.hear()["is"] == "world"


def test_only_what_moved_is_sent_again(site):
    with Tab(site[0], have=tiny_scene().digest()) as tab:
        first = tab.until(messages.POSES)
        assert struct.unpack_from("<I", first, 4) == (2,)
        tab.wish(do="drive", agent="courier-2", forward=1, turn=0)
        moved = tab.until(messages.POSES)
        assert struct.unpack_from("<I", moved, 4) == (1,)
        assert np.frombuffer(moved, np.int32, 1, 24).tolist() == [1]
        tab.wish(do="drive", agent="courier-2", forward=0, turn=0, ends=True)


def test_sliders_reach_the_engine_and_come_back_as_light(site):
    url, engine = site
    with Tab(url, have=tiny_scene().digest()) as tab:
        tab.until(messages.LIGHT)
        tab.wish(do="weather", weather="snow", time_of_day_h=9.5)
        light = unpacked(tab.until(messages.LIGHT)[4:])[0]
    assert (light["weather"], light["time_of_day_h"]) == ("snow", 9.5)
    assert engine.edits[-1].weather == "snow"


def test_pause_and_step_are_heard_in_every_tab(site):
    have = tiny_scene().digest()
    with Tab(site[0], have=have) as one, Tab(site[0], have=have) as other:
        one.wish(do="pause")
        while not (status := other.until("status"))["paused"]:
            pass
        one.wish(do="step", ticks=3)
        after = other.until("status")
        while after["tick"] == status["tick"]:
            after = other.until("status")
        assert after["tick"] == status["tick"] + 3
        assert after["watching"] == 2
        one.wish(do="run")


def test_pictures_come_as_jpeg(site):
    import simplejpeg

    with Tab(site[0], have=tiny_scene().digest()) as tab:
        tab.wish(do="watch", camera="courier-1/front")
        message = tab.until(messages.PICTURE)
        (size,) = struct.unpack_from("<I", message, 4)
        assert json.loads(message[8 : 8 + size])["camera"] == "courier-1/front"
        assert simplejpeg.decode_jpeg(message[8 + size :]).shape == (24, 32, 3)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("{", "no JSON"),
        ("[1]", "no object"),
        ('{"do": "dance"}', "No wish named 'dance'"),
        ('{"do": "step", "ticks": "many"}', "ticks = 'many'. Expected a number from 1 to 1000"),
        ('{"do": "weather", "weather": "hail"}', "No weather named 'hail'"),
        ('{"do": "weather", "wetness": NaN}', "wetness = nan"),
        ('{"do": "watch", "camera": 3}', "camera = 3. Expected a name"),
        ('{"do": "seek", "tick": "end"}', "tick = 'end'. Expected a number"),
        ('{"do": "seek", "tick": 1}', "Only recordings"),
        ('{"do": "traffic", "on": true}', "There can be no traffic from here"),
    ],
)
def test_a_wish_that_makes_no_sense_is_answered(site, wish, expected):
    with Tab(site[0], have=tiny_scene().digest()) as tab:
        tab.socket.send(wish)
        assert expected in tab.until("notice")["text"]


def test_pictures_and_light_name_the_sky_they_belong_to(site):
    with Tab(site[0], have=tiny_scene().digest()) as tab:
        (before,) = struct.unpack_from("<H", tab.until(messages.LIGHT), 2)
        tab.wish(do="watch", camera="courier-1/front")
        tab.wish(do="weather", weather="storm" if site[1].edits[-1:] != [BRINGS["storm"]] else "fog")
        (after,) = struct.unpack_from("<H", tab.until(messages.LIGHT), 2)
        assert after == before + 1
        sky = before
        while sky != after:
            message = tab.until(messages.PICTURE)
            sky = json.loads(message[8 : 8 + struct.unpack_from("<I", message, 4)[0]])["sky"]


def test_an_agent_stops_when_its_drivers_browser_is_closed(site):
    url, engine = site
    with Tab(url, have=tiny_scene().digest()) as watcher:
        with Tab(url, have=tiny_scene().digest()) as driver:
            driver.until("world")
            driver.wish(do="drive", agent="courier-1", forward=1, turn=0)
            while not (engine.acted and "courier-1" in engine.acted[-1] and engine.acted[-1]["courier-1"].motion):
                watcher.until("status")
        while engine.acted[-1]["courier-1"].motion:
            watcher.until("status")
        while watcher.until("status")["watching"] != 1:
            pass


def test_a_recording_begins_when_a_page_is_ready(tmp_path):
    path = tmp_path / "run.mcap"
    with record(Outdoors(), path) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        for _ in range(10):
            engine.step({}, ticks=2)
    with shown(None, opening=recorded_world(path, tiny_scene())) as url, Tab(url, have=tiny_scene().digest()) as tab:
        world = tab.until("world")
        assert (world["span"], world["may"]["traffic"]) == ([0, 20], False)
        status = tab.until("status")
        assert (status["tick"], status["paused"], status["ended"]) == (0, True, False)
        tab.wish(do="ready")
        while not (status := tab.until("status"))["ended"]:
            pass
        assert (status["tick"], status["paused"]) == (20, True)
        tab.wish(do="seek", tick=7)
        assert tab.until("status")["tick"] == 6


def test_a_view_may_end_with_its_last_browser(monkeypatch):
    monkeypatch.setattr("bridge.viewer.live._GONE_FOR_S", 0.05)
    engine = Outdoors()
    with shown(lambda: engine, once=True) as url, Tab(url, have=tiny_scene().digest()) as tab:
        tab.until("world")
    assert engine.is_closed


def test_a_recording_has_no_other_traffic_than_its_own(capsys, tmp_path):
    with record(Outdoors(), tmp_path / "run.mcap") as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
    with pytest.raises(SystemExit) as ended:
        main(["view", str(tmp_path / "run.mcap"), "--traffic", "--port", "0", "--no-open"])
    assert ended.value.code == 2
    assert "There can be no traffic from here" in capsys.readouterr().err


def test_beyond_localhost_needs_force(capsys, tmp_path):
    write_scene(tiny_scene(), tmp_path / "town")
    with pytest.raises(SystemExit) as ended:
        main(["view", str(tmp_path / "town"), "--host", "0.0.0.0", "--port", "0", "--no-open"])
    assert ended.value.code == 2
    assert "--insecure" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_the_command_cleanly(tmp_path):
    write_scene(tiny_scene(), tmp_path / "town")
    command = [sys.executable, "-m", "bridge.cli", "view", str(tmp_path / "town"), "--port", "0", "--json", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as view:
        assert view.stdout is not None
        url = json.loads(view.stdout.readline())["url"]
        assert got(url)[0] == 200
        view.send_signal(signal.SIGINT)
        _, said = view.communicate(timeout=60)
    assert view.returncode == 0
    assert "Traceback" not in said
