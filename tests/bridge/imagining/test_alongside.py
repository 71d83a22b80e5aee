"""A world model beside a served world: it imagines each stretch from its first moment, and who watches sees both."""

import contextlib
import threading

import numpy as np
import pytest

import bridge
from bridge.errors import Cancelled, InvalidInput
from bridge.imagination import Dream, Past
from bridge.imagining import RemoteModel
from bridge.imagining.alongside import Beside, Settings
from bridge.imagining.moments import Witness, joined
from bridge.types import WorldState
from tests.bridge.imagining.asking import course, past, poses
from tests.bridge.serving import serving

WISHFUL = "tests.bridge.imagining.wishful"


def make_take(scene, loaded):
    camera = loaded.cameras["courier-1/front"]

    def take(engine, state: WorldState) -> Past:
        frame = engine.observe((camera,), ("rgb",))[0]
        assert frame.rgb is not None
        row = state.names.index("courier-1")
        return Past(np.array([state.time_s]), (camera,), frame.rgb[None, None], state.poses[row][None])

    return take


def dreaming(*flags: str, frames: int = 3) -> Settings:
    return Settings(WISHFUL, lambda info: Beside("courier-1", info.frame_s, make_take), flags, frames)


@contextlib.contextmanager
def watched(address: str, count: int):
    """A list that `count` dreams come into; the block ends when they are there."""
    found: list[Dream] = []
    model = RemoteModel(address)
    call = model.watch()

    def watch() -> None:
        with contextlib.suppress(Cancelled):
            for dream in call:
                found.append(dream)
                if len(found) == count:
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
        thread.join(20)
    finally:
        model.close()
        thread.join(5)


def test_each_moment_is_told_as_it_was_and_as_it_was_imagined():
    with (
        serving(dream=dreaming("--shade", "7")) as server,
        bridge.connect(server.address) as engine,
        watched(server.address, 6) as dreams,
    ):
        while len(dreams) < 6:
            engine.step({}, 5)
    first = next(dream for dream in dreams if dream.horizon_s < 0.15)
    stretch = dreams[dreams.index(first) :][:3]
    assert [round(dream.horizon_s, 3) for dream in stretch] == [0.1, 0.2, 0.3]
    for number, dream in enumerate(stretch, start=1):
        assert dream.tick == first.tick + 5 * (number - 1)
        assert (dream.engine == dream.tick % 251).all(), "what the engine showed at that very tick"
        assert (dream.dream == first.tick - 5 + 7 * number).all(), (
            "the last picture before, as the model goes on from it"
        )
        assert dream.trust == pytest.approx(1 / number)
        error = abs(dream.tick - (first.tick - 5 + 7 * number))
        assert dream.psnr_db == pytest.approx(20 * np.log10(255 / error))


def test_a_server_passes_predictions_on_and_says_which_model_it_has():
    with serving(dream=dreaming()) as server:
        model = RemoteModel(server.address)
        assert (model.info.name, model.info.weights) == ("wishful", "none")
        np.testing.assert_array_equal(model.predict(past(), course()).rgb[0, 0], past().rgb[-1] + 1)
        model.close()
    with serving(dream=dreaming("--fails", "error")) as server:
        model = RemoteModel(server.address)
        with pytest.raises(InvalidInput, match="does not please"):
            model.predict(past(), course())
        model.close()


def test_a_model_that_dies_leaves_the_world_alone_and_its_watchers_told():
    with serving(dream=dreaming("--fails", "crash")) as server, bridge.connect(server.address) as engine:
        with watched(server.address, 1) as dreams:
            while not dreams:
                engine.step({}, 5)
        assert "No server answers" in dreams[0].trouble or "world model" in dreams[0].trouble
        assert engine.step({}, 1).tick > 0


def test_a_model_that_cannot_be_made_keeps_the_server_from_starting():
    with pytest.raises(InvalidInput, match="made to fail"), serving(dream=dreaming("--fails", "at once")):
        pass


def state(tick: int, revision: int = 0) -> WorldState:
    return WorldState(tick, 0.02 * tick, ("a",), poses(0.0), revision=revision)


def moment(engine, now: WorldState) -> Past:
    return Past(np.array([now.time_s]), (), np.full((1, 1, 2, 2, 3), now.tick, np.uint8), poses(now.time_s))


def test_a_witness_looks_when_it_is_time_and_stretches_share_their_borders():
    witness = Witness(0.1, 2, memory=2)
    found = [witness.look(None, state(tick), 1, moment) for tick in range(26)]
    ends = {tick: segment for tick, segment in enumerate(found) if segment is not None}
    assert {tick: segment.ticks for tick, segment in ends.items()} == {10: (5, 10), 20: (15, 20)}
    assert ends[10].past.times_s.tolist() == [0.0]
    assert ends[20].past.times_s == pytest.approx([0.1, 0.2]), "what it remembers, the last moment being now"


def test_a_witness_forgets_a_stretch_that_was_broken_off():
    for breaks in (state(30), state(8, revision=1), state(0)):
        witness = Witness(0.1, 2)
        for tick in (0, 5):
            assert witness.look(None, state(tick), 1, moment) is None
        assert witness.look(None, breaks, 1, moment) is None
        follow = [witness.look(None, state(breaks.tick + after, breaks.revision), 1, moment) for after in (5, 10)]
        assert follow[0] is None
        assert follow[1] is not None
        assert follow[1].past.times_s == pytest.approx([breaks.time_s])


def test_moments_join_and_leave_out_what_was_not_always_there():
    whole = past(3)
    parts = [joined([whole]), joined([whole])]
    both = joined(parts)
    assert both.rgb.shape[0] == 6
    assert both.things[0].poses.shape == (6, 7)
    bare = Past(whole.times_s, whole.cameras, whole.rgb, whole.body)
    assert joined([whole, bare]).things == ()
    assert joined([bare, whole]).gripper is None
