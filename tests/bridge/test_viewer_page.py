"""The page in a real browser, drawn by its software rasteriser: what is seen, and that nothing is fetched from afar."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.bridge.browser import found_chromium, opened
from tests.bridge.viewing import Outdoors, shown

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
