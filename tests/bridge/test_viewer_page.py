"""The page in a real browser, drawn by its software rasteriser: what is seen, and that nothing is fetched from afar."""

import contextlib
import io

import numpy as np
import pytest
from PIL import Image

import bridge
from bridge.recording import record
from bridge.viewer.playback import recorded_world
from tests.bridge.browser import found_chromium, opened
from tests.bridge.control.towns import hamlet
from tests.bridge.test_riders import street
from tests.bridge.viewing import Outdoors, shown
from tests.scenes import tiny_scene

pytestmark = pytest.mark.browser
SHOWN = "window.simbridge?.state === 'shown' && window.simbridge.frames > 0"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    chromium = found_chromium()
    assert chromium
    with (
        shown(Outdoors) as url,
        opened(chromium, url, tmp_path_factory.mktemp("profile"), size=(640, 400)) as tab,
    ):
        tab.wait_for(SHOWN)
        tab.run("document.body.classList.add('folded')")
        yield tab


def picture(page) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))[:, :330].astype(int)


def test_the_town_is_drawn_and_nothing_complains(page):
    seen = picture(page)
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) > 500
    assert (seen.max(axis=2) < 6).mean() < 0.02
    assert page.complaints == []


def test_near_by_every_triangle_of_the_town_is_drawn(page):
    drawn, there = page.run(
        "(({ town: { pack: { arrays: a } }, town }) => "
        "[a.chunk_part.reduce((sum, _, k) => sum + town.stout(k, 0), 0), a.solid_indices.length / 3])(simbridge.shown)"
    )
    assert drawn == there


def test_nothing_is_fetched_from_afar(page):
    assert page.requested
    assert {url.split("/")[2].split(":")[0] for url in page.requested if url.startswith("http")} == {"localhost"}


def test_another_hour_changes_the_picture(page):
    page.run("document.querySelector('[data-word=clear]').click()")
    page.run("time_of_day_h.value = 12; time_of_day_h.oninput()")
    page.wait_for("simbridge.shown.painter.sky.time_of_day_h === 12 && !simbridge.shown.camera.changed")
    day = picture(page).mean()
    page.run("time_of_day_h.value = 23; time_of_day_h.oninput()")
    page.wait_for("simbridge.shown.painter.sky.time_of_day_h === 23 && !simbridge.shown.camera.changed")
    page.wait_for("document.getElementById('lamps_lit').checked")
    assert picture(page).mean() < 0.5 * day


def test_agents_are_listed_followed_and_driven(page):
    assert page.run("[...document.querySelectorAll('#agents b')].map((b) => b.textContent)") == [
        "courier-1",
        "courier-2",
    ]
    page.run("simbridge.shown.panel.drive('courier-1')")
    before = page.run("[...simbridge.shown.bodies.pose('courier-1')]")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="w")
    page.wait_for(f"simbridge.shown.bodies.pose('courier-1')[0] > {before[0] + 0.5}")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="w")
    target = page.run("simbridge.shown.camera.target[0]")
    assert abs(target - page.run("simbridge.shown.bodies.pose('courier-1')[0]")) < 1.5
    page.run("simbridge.shown.panel.drive('')")


def test_the_pause_button_holds_the_world(page):
    page.run("document.getElementById('pause').click()")
    page.wait_for("document.getElementById('rate').textContent === 'paused'")
    page.run("document.getElementById('step').click()")
    page.run("document.getElementById('pause').click()")
    page.wait_for("document.getElementById('pause').textContent === 'Pause'")


def test_the_agents_picture_is_shown(page):
    page.run("simbridge.shown.panel.watch('courier-1/front')")
    page.wait_for(
        "!document.getElementById('picture').hidden && document.getElementById('picture').naturalWidth === 32"
    )


def test_while_the_town_loads_nobody_is_said_to_be_missing(page):
    text = page.run("fetch('/').then((answer) => answer.text())")
    assert "Preparing the town …" in text
    assert "Nobody acts here" not in text


def test_a_view_that_rests_is_kept_sharp_and_shows_the_very_picture(page):
    page.wait_for("simbridge.kept_share > 0")
    assert page.run(KEPT_AND_WHOLE) == 0


KEPT_AND_WHOLE = """(() => {
  const { painter, camera } = simbridge.shown, gl = painter.gl, canvas = document.getElementById('town');
  Object.assign(canvas, { width: 160, height: 100 });
  const view = camera.view(160, 100);
  const pixels = (draw) => {
    const seen = new Uint8Array(4 * 160 * 100);
    draw();
    gl.readPixels(0, 0, 160, 100, gl.RGBA, gl.UNSIGNED_BYTE, seen);
    return seen;
  };
  const whole = pixels(() => painter.draw(view, 1.0));
  const kept = pixels(() => { painter.keep(view, 1.0); painter.drawOver(view, 1.0); });
  return whole.filter((value, k) => Math.abs(value - kept[k]) > 2).length;
})()"""


DRAWN_BOTH_WAYS = """(async () => {
  const { Picture } = await import('/picture.js');
  const { town, painter, camera, pack } = simbridge.shown, gl = painter.gl, sky = painter.sky;
  window.requestAnimationFrame = () => 0;
  await new Promise((done) => setTimeout(done, 300));
  const canvas = document.getElementById('town');
  Object.assign(canvas, { width: 160, height: 100 });
  const pixels = (made) => {
    const seen = new Uint8Array(4 * 160 * 100);
    made.draw(camera.view(160, 100), 1.0);
    gl.readPixels(0, 0, 160, 100, gl.RGBA, gl.UNSIGNED_BYTE, seen);
    return seen;
  };
  const plain = pixels(painter);
  const fine = await Picture.open(gl, true, pack, town);
  fine.light(sky);
  const other = pixels(fine);
  return [...plain].reduce((sum, value, k) => sum + Math.abs(value - other[k]), 0) / plain.length;
})()"""


def test_a_graphics_card_is_given_the_same_picture_only_finer(page):
    assert 0 < page.run(DRAWN_BOTH_WAYS) < 14
    assert page.complaints == []


TRAFFIC = """simbridge.shown.bodies.names.filter(({ name }) => /^(traffic|pedestrian)-/.test(name)).map((thing) => {
  const { town } = simbridge.shown, asset = thing.row < 0 ? null : town.pack.assets[town.asset[thing.row]];
  return [thing.name.split("-")[0], asset?.[2], Math.abs(town.sphere[4 * thing.row] - thing.pose?.[0]) < 5];
})"""


def test_traffic_is_drawn_as_what_it_is_and_a_program_that_ends_is_told(tmp_path):
    chromium = found_chromium()
    assert chromium
    with contextlib.ExitStack() as program:
        url = program.enter_context(shown(Outdoors, hamlet().scene))
        with opened(chromium, url, tmp_path, size=(640, 400)) as tab:
            tab.wait_for(SHOWN)
            tab.run("document.getElementById('traffic').click()")
            tab.wait_for(f"{TRAFFIC}.length > 20 && {TRAFFIC}.every(([, , isThere]) => isThere)")
            seen = {(name, semantic) for name, semantic, _ in tab.run(TRAFFIC)}
            assert seen == {("traffic", "vehicle"), ("pedestrian", "person")}
            names = tab.run("[...document.querySelectorAll('#tags span')].map((tag) => tag.textContent)")
            assert names == ["courier-1", "courier-2"]
            tab.run("document.getElementById('traffic').click()")
            tab.wait_for(f"{TRAFFIC}.length === 0")
            assert tab.complaints == []
            program.close()
            tab.wait_for("getComputedStyle(document.getElementById('gone')).display === 'block'")


FIGURES = """(() => {
  const { town, bodies } = simbridge.shown, row = bodies.byName.get("rider").row;
  return [town.figure, town.asset].map((of) => town.pack.assets[of[row]][0]);
})()"""


def test_who_rides_a_scooter_sits_on_it_until_they_are_off_again(tmp_path):
    chromium = found_chromium()
    assert chromium
    with (
        shown(lambda: bridge.open("embedded", renderer="rays"), street("scooter-4")) as url,
        opened(chromium, url, tmp_path, size=(640, 400)) as tab,
    ):
        tab.wait_for(f"{SHOWN} && simbridge.shown.bodies.byName.has('rider')")
        assert tab.run(FIGURES) == ["person-7", "person-7"]
        tab.run("simbridge.shown.panel.stream.wish({ do: 'ride', agent: 'rider' })")
        tab.wait_for(f"{FIGURES}[0] === 'person-7-riding'")
        assert tab.run(FIGURES)[1] == "person-7"
        tab.run("simbridge.shown.panel.stream.wish({ do: 'ride', agent: 'rider' })")
        tab.wait_for(f"{FIGURES}[0] === 'person-7'")
        assert tab.complaints == []


def test_a_recording_is_played_sought_and_replayed(tmp_path):
    chromium = found_chromium()
    assert chromium
    path = tmp_path / "run.mcap"
    with record(Outdoors(), path) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        for _ in range(100):
            engine.step({})
    rate, button = "document.getElementById('rate').textContent", "document.getElementById('pause')"
    with (
        shown(None, opening=recorded_world(path, tiny_scene())) as url,
        opened(chromium, url, tmp_path / "profile", size=(640, 400)) as tab,
    ):
        tab.wait_for(SHOWN)
        tab.wait_for(f"{rate} === 'ended' && {button}.textContent === 'Replay' && moment.value === '100'")
        tab.run("moment.value = 40; moment.oninput()")
        tab.wait_for(f"{rate} === 'paused' && {button}.textContent === 'Play'")
        assert "tick 40" in tab.run("clock.textContent")
        tab.run(f"{button}.click()")
        tab.wait_for(f"{rate} === 'ended'")
        assert tab.complaints == []
