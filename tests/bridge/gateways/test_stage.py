"""The world as Unreal shows it: what is told is seen at once, and reaches the engine in one batch."""

from bridge.engine import Action, Move, Velocity
from bridge.gateways.unrealcv.listening import Settings
from bridge.gateways.unrealcv.prepared import CUBE, prepared
from bridge.worker.beside import Beside
from tests.bridge.embedded_town import embedded_town
from tests.bridge.gateways.unrealcv_town import Client


def test_a_thing_that_was_put_somewhere_is_there_before_and_after_the_engine_was_told(ask):
    assert ask("vset /object/COURIER-1/location -2500 820 212") == "ok"
    assert ask("vget /object/courier-1/location") == "-2500.000 820.000 212.000"
    ask.stage.flush()
    assert ask("vget /object/courier-1/location") == "-2500.000 820.000 212.000"


def test_many_commands_about_one_thing_are_one_change(ask):
    before = ask.stage.state.revision
    for y in range(800, 820):
        ask(f"vset /object/courier-1/location -2500 {y} 212")
        ask(f"vset /object/courier-1/rotation 0 {y - 800} 0")
    ask.stage.flush()
    assert ask.stage.state.revision == before + 1
    (change,) = ask.stage.ledger.changes()
    assert isinstance(change, Move)
    assert change.name == "courier-1"


def test_what_an_agent_is_told_begins_with_the_next_tick_and_lasts(ask):
    courier = ask.stage.found("courier-1")
    start = ask.stage.pose(courier)
    ask.stage.act(courier, Action(Velocity(1.0)))
    assert ask.stage.pose(courier) == start
    ask.stage.tick(25)
    ask.stage.tick(25)
    assert 0.6 < ask.stage.pose(courier)[0] - start[0] < 1.1  # a second at 1 m/s, less the getting under way


def test_minds_are_asked_before_each_tick(ask):
    asked = []
    ask.stage.before_tick.append(lambda stage: asked.append(stage.state.tick))
    ask.stage.tick(3)
    assert asked == [0, 1, 2]


def test_a_reset_by_somebody_else_begins_everything_anew(ask):
    ask("vset /object/courier-1/location -2500 820 212")
    ask.stage.tick(2)
    ask.stage.took(ask.stage.engine.reset(seed=0))
    assert ask("vget /object/courier-1/location") == "-3000.000 820.000 212.000"


def test_what_cannot_be_moved_says_so_and_what_is_not_there_too(ask):
    assert ask("vset /object/house-1/location 0 0 0") == "error house-1 is Static. Only Movable actors can be moved."
    assert ask("vget /object/nobody/location") == "error Cannot find object"


def test_a_prepared_scene_has_unreals_cube_and_the_rest_as_it_was():
    scene = embedded_town()
    more = prepared(scene)
    assert set(more.assets) - set(scene.assets) == {CUBE}
    assert more.assets[CUBE].size == (1.0, 1.0, 1.0)
    assert prepared(more) is more
    assert more.instances() == scene.instances()


def test_the_gateway_tells_its_stage_where_it_listens_and_where_files_go(ask, tmp_path):
    settings = Settings(port=0, has_socket=False, folder=str(tmp_path), project="harbor")
    beside = Beside(ask.stage.engine, settings, is_paced=False)
    try:
        beside.loaded(ask.stage.scene, ask.stage.loaded)
        beside.began(ask.stage.engine.reset(seed=0))
        client = Client(beside.stage, ask.commands)
        assert f"\nPort: {beside.gateway.port}\n" in client("vget /unrealcv/status")
        assert client("vget /scene/name") == "harbor"
        assert client("vget /camera/0/depth a.npy") == str(tmp_path.resolve() / "a.npy")
    finally:
        beside.close()
    assert (tmp_path / "a.npy").exists()  # a folder that somebody named is theirs


def test_orders_to_whoever_is_off_the_map_wait_and_hold_nobody_up(ask):
    ask("vset /objects/spawn BP_CourierA_C second -2500 820 212")
    ask.stage.tick(1)
    ask("vset /object/second/location 900000 0 0")
    second = ask.stage.found("second")
    ask.stage.act(second, Action(Velocity(1.0)))
    ask.stage.act(ask.stage.found("courier-1"), Action(Velocity(1.0)))
    start = ask.stage.pose(ask.stage.found("courier-1"))
    ask.stage.tick(50)
    assert ask.stage.pose(ask.stage.found("courier-1"))[0] > start[0] + 0.6
    ask("vset /object/second/location -1000 820 212")
    ask.stage.tick(50)
    assert ask.stage.pose(second)[0] > -9.6  # it has set off by itself


def test_an_order_that_the_engine_refuses_costs_nobody_else_his(ask, caplog):
    courier, walker = ask.stage.found("courier-1"), ask.stage.found("scooter-1")
    start = ask.stage.pose(courier)
    walker.is_agent = True
    ask.stage.act(courier, Action(Velocity(1.0)))
    ask.stage.act(walker, Action(Velocity(float("nan"))))
    with caplog.at_level("WARNING", "bridge.unrealcv"):
        ask.stage.tick(50)
    assert "scooter-1" in caplog.text
    assert ask.stage.pose(courier)[0] > start[0] + 0.6


def test_a_name_with_a_slash_is_found_by_it(ask):
    assert ask("vset /objects/spawn_cube my/box 100 0 500") == "my_box"
    assert ask("vget /object/my/box/location") == "100.000 0.000 500.000"
    ask.stage.tick(1)
    assert "my_box" in ask.stage.ledger.rows
