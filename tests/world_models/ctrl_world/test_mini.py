"""The small Ctrl-World: untrained it copies; what it is told changes what it should; memory and maps are where geometry says."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw, quat_product
from bridge.types import Camera, Pose
from tests.world_models.ctrl_world.toys import CAMERA, PLANE_M, SHAPE, clip, pixel
from world_models.autoencoder import rgb_from_pictures
from world_models.ctrl_world.mini import flow, weights
from world_models.ctrl_world.mini.asked import asked_thing
from world_models.ctrl_world.mini.dreamer import Habits, MiniCtrlWorld
from world_models.ctrl_world.mini.geometry import MAPS, PLACE, camera_poses, maps
from world_models.ctrl_world.mini.memory import recalled
from world_models.ctrl_world.mini.poses import NUMBERS
from world_models.ctrl_world.mini.shape import Shape

EXACT = {"rtol": 0, "atol": 1e-5}


def stirred(shape: Shape, seed: int = 0) -> weights.Mini:
    """Networks whose last layers are not nothing any more, so that everything shows."""
    mini = weights.networks(shape, seed=seed)
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in mini.predictor.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=noise) * (parameter.abs().max() == 0)
    return mini


def predicted(mini: weights.Mini, *, told: bool = True, poses=None, shown=None):
    """New latents of fixed random inputs, in which poses or maps may be others."""
    shape, noise = mini.shape, torch.Generator().manual_seed(3)
    b, v, (rows, columns) = 2, len(shape.views), shape.grid
    frames = shape.context + shape.new_frames

    def random(*size: int):
        return torch.randn(b, *size, generator=noise)

    given = random(shape.context, v, shape.latents, rows, columns)
    noisy = random(shape.new_frames, v, shape.latents, rows, columns)
    where, what = random(frames, v, MAPS, rows, columns), random(frames, NUMBERS)
    with torch.no_grad():
        return given, mini.predictor(
            given, noisy, where if shown is None else shown(where), what if poses is None else poses(what),
            time=torch.zeros(b), level=torch.zeros(b, dtype=torch.long), told=torch.full((b,), told), blur=torch.zeros(b),
        )  # fmt: skip


def changed(frame: int):
    """Another pose, or other maps, of one frame."""

    def change(values):
        other = values.clone()
        other[:, frame] += 1.0
        return other

    return change


@pytest.mark.parametrize("memory", ["none", "implicit", "nearest"])
@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_a_model_that_learned_nothing_copies_the_last_frame(memory, steps):
    mini, seen = weights.networks(replace(SHAPE, memory=memory)), clip(0)
    model = MiniCtrlWorld(mini, Habits(steps=steps, doubts=0))
    answer = model.predict(seen.past(2), seen.course(2, 5))
    with torch.no_grad():
        last = rgb_from_pictures(mini.autoencoder.decode(model._latents([seen.past(2)])[0][-1]))
    assert answer.rgb.shape == (1, 5, 1, 32, 32, 3)
    assert (answer.rgb == last).all()


def test_the_same_question_has_the_same_answer_alone_or_among_others():
    model = MiniCtrlWorld(stirred(SHAPE), Habits(steps=1, batch=3))
    clips = [clip(seed) for seed in range(3)]
    pasts, courses = [c.past(i) for i, c in enumerate(clips)], [c.course(i, 3 + i) for i, c in enumerate(clips)]
    together = model.predict_many(pasts, courses, samples=2, seed=5)
    for past, course, answer in zip(pasts, courses, together, strict=True):
        alone = model.predict(past, course, samples=2, seed=5)
        assert np.abs(alone.rgb.astype(int) - answer.rgb).max() <= 1
        np.testing.assert_allclose(alone.poses["red-cube"], answer.poses["red-cube"], atol=1e-4)
        np.testing.assert_allclose(alone.trust, answer.trust, atol=1e-4)
        assert (alone.rgb == model.predict(past, course, samples=2, seed=5).rgb).all()


def test_another_seed_or_sample_dreams_something_else():
    model, seen = MiniCtrlWorld(stirred(SHAPE), Habits(steps=1)), clip(0)
    two = model.predict(seen.past(0), seen.course(0, 2), samples=2, seed=1).rgb
    other = model.predict(seen.past(0), seen.course(0, 2), samples=2, seed=2).rgb
    assert (two[0] != two[1]).any()
    assert (two != other).any()


def test_every_frame_is_told_its_own_pose():
    mini = stirred(SHAPE)
    _, before = predicted(mini)
    _, after = predicted(mini, poses=changed(SHAPE.context + 1))
    assert (before != after).any()


@pytest.mark.parametrize("change", ["poses", "shown"])
def test_a_course_that_is_hidden_changes_nothing(change):
    mini = stirred(SHAPE)
    _, before = predicted(mini, told=False)
    _, after = predicted(mini, told=False, **{change: changed(SHAPE.context)})
    torch.testing.assert_close(after, before, **EXACT)


def test_without_conditioning_the_course_is_hidden_always():
    mini = stirred(replace(SHAPE, conditioning="none"))
    torch.testing.assert_close(predicted(mini, poses=changed(-1))[1], predicted(mini)[1], **EXACT)


def test_clip_level_conditioning_knows_poses_but_no_maps_of_coming_frames():
    mini = stirred(replace(SHAPE, conditioning="clip"))
    _, before = predicted(mini)
    torch.testing.assert_close(predicted(mini, shown=changed(SHAPE.context))[1], before, **EXACT)
    assert (predicted(mini, poses=changed(SHAPE.context))[1] != before).any()


@pytest.mark.parametrize("is_joint", [True, False])
def test_views_know_of_each_other_only_if_they_are_predicted_jointly(is_joint):
    mini = stirred(replace(SHAPE, views=("a", "b"), is_joint=is_joint))

    def moved(where):
        other = where.clone()
        other[:, :, 1] += 1.0
        return other

    before, after = predicted(mini)[1], predicted(mini, shown=moved)[1]
    assert (before[:, :, 1] != after[:, :, 1]).any()
    assert bool(torch.allclose(before[:, :, 0], after[:, :, 0], atol=1e-6)) is not is_joint


def test_masks_make_another_world_and_trust_falls_where_worlds_part():
    model, seen = MiniCtrlWorld(stirred(SHAPE), Habits(doubts=2)), clip(1)
    answer = model.predict(seen.past(1), seen.course(1, 6))
    assert answer.trust is not None
    assert ((answer.trust > 0) & (answer.trust < 1)).all()
    assert MiniCtrlWorld(stirred(SHAPE), Habits(doubts=0)).predict(seen.past(1), seen.course(1, 6)).trust is None


def poses(*spots: float) -> np.ndarray:
    found = np.zeros((len(spots), 7))
    found[:, 0], found[:, 3] = spots, 1.0
    return found


def test_nearest_memory_holds_the_frames_nearest_to_where_the_tool_will_be():
    past = poses(0.0, 0.5, 0.1, 0.9, 0.3)
    assert recalled(replace(SHAPE, memories=2), past, poses(0.52, 0.88)).tolist() == [1, 3]
    assert recalled(replace(SHAPE, memories=1), past, poses(0.11)).tolist() == [2]


def test_a_turn_counts_as_far_as_it_moves_the_picture_of_a_hand_camera():
    past = poses(0.0, 0.1, 0.2)
    past[0, 3:] = quat_from_yaw(1.0)  # 0.3 m away for the camera
    assert recalled(replace(SHAPE, memories=1), past, poses(0.0)).tolist() == [1]


def test_implicit_memory_strides_back_and_stops_at_the_first_frame():
    shape = replace(SHAPE, memory="implicit", memories=3, stride=2)
    assert recalled(shape, poses(*range(6)), poses(9.0)).tolist() == [0, 1, 3]


def test_the_current_frame_stands_for_memories_that_are_not_there():
    assert recalled(replace(SHAPE, memories=3), poses(0.0, 1.0), poses(0.0)).tolist() == [0, 1, 1]
    assert recalled(replace(SHAPE, memories=2), poses(0.0), poses(0.0)).tolist() == [0, 0]
    assert recalled(replace(SHAPE, memory="none"), poses(0.0), poses(0.0)).tolist() == []


def test_the_tips_blot_is_where_the_camera_sees_the_tip():
    body = np.array([[0.42, 0.13, PLANE_M, 0.0, 1.0, 0.0, 0.0]])
    blot = maps([CAMERA], body, np.ones(1), plane_m=PLANE_M)[0, 0, 0]
    column, row = pixel(body[0, :3])
    assert np.unravel_index(blot.argmax(), blot.shape) == (int(row // 8), int(column // 8))


def test_cells_know_the_place_on_the_table_that_they_see():
    place = maps([CAMERA], np.array([[0.4, 0.1, 1.0, 0.0, 1.0, 0.0, 0.0]]), np.zeros(1), plane_m=PLANE_M)[
        0, 0, PLACE : PLACE + 2
    ]
    for row, column in ((0, 0), (1, 3), (3, 2)):
        spot = [0.5 + 0.4 * place[0, row, column], 0.4 * place[1, row, column], PLANE_M]
        np.testing.assert_allclose(pixel(spot), (8 * column + 4, 8 * row + 4), atol=1e-3)


def test_a_camera_on_the_body_goes_where_the_body_goes():
    camera = Camera("wrist", 32, 32, 1.2, Pose(np.array([0.07, 0.0, -0.08])), mount="body")
    turn = quat_product(
        quat_from_yaw(np.pi / 2), np.array([0.0, 1.0, 0.0, 0.0])
    )  # pointing down, then a quarter to the left
    at, _ = camera_poses(camera, np.array([[0.5, 0.0, 1.0, *turn]]))
    np.testing.assert_allclose(at, [[0.5, 0.07, 1.08]], atol=1e-12)


def test_a_shortcut_is_taught_what_two_steps_of_half_the_size_do():
    """The model says picture = 2 x, so the velocity at time t is x / (1 - t). From x = 1 at t = 0 by two halves: 1 + 0.5 * 1 = 1.5, then
    velocity 1.5 / 0.5 = 3; their mean is 2, so the picture that a whole step should see is 1 + 2 = 3."""
    x, time = torch.ones(1, 1), torch.zeros(1)
    target = flow.shortcut_target(lambda x, time, level: 2.0 * x, x, time, torch.tensor([3]))
    torch.testing.assert_close(target, torch.tensor([[3.0]]))


def test_what_shortcuts_leave_alone_are_models_whose_steps_agree_already():
    """A model that always sees the same picture goes straight, however many steps it takes."""
    x, picture = torch.randn(4, 3), torch.randn(4, 3)
    for level, time in ((1, 0.5), (2, 0.5), (3, 0.0)):
        target = flow.shortcut_target(
            lambda x, time, level: picture, x, torch.full((4,), time), torch.full((4,), level)
        )
        torch.testing.assert_close(target, picture)
    for steps in (0, 1, 2, 4):
        torch.testing.assert_close(flow.sample(lambda x, time, level: picture, x, steps=steps), picture)


def test_the_reader_believes_that_what_stands_still_is_where_it_was_known_to_be():
    seen = clip(2)
    answer = MiniCtrlWorld(weights.networks(SHAPE)).predict(seen.past(1), seen.course(1, 2))
    bowl = seen.seen.things[1].poses[1]
    np.testing.assert_allclose(answer.poses["bowl"][0, :, :2], np.tile(bowl[:2], (2, 1)), atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(answer.poses["red-cube"][..., 3:], axis=-1), 1.0)


def test_the_thing_named_first_is_the_one_that_is_asked_for():
    things = ("red-cube", "green-cube", "bowl")
    assert asked_thing("Put the green cube into the bowl.", things) == 1
    assert asked_thing("Put the green cube on the red cube.", things) == 1
    assert asked_thing("Open the drawer.", things) is None


def test_success_is_told_only_of_errands_with_a_thing():
    model, seen = MiniCtrlWorld(weights.networks(SHAPE)), clip(0)
    answer = model.predict(seen.past(1), seen.course(1, 3))
    assert answer.success is not None
    assert ((answer.success > 0) & (answer.success < 1)).all()
    assert model.predict(replace(seen.past(1), instruction="Wait."), seen.course(1, 3)).success is None


def test_weights_come_back_as_they_were_but_for_half_precision(tmp_path):
    mini = stirred(SHAPE)
    assert weights.save(mini, tmp_path / weights.FILE) == weights.load(tmp_path).digest
    again = weights.load(tmp_path)
    assert again.shape == SHAPE
    for key, value in mini.predictor.state_dict().items():
        torch.testing.assert_close(again.predictor.state_dict()[key], value, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda seen: (replace(seen.past(1), rgb=seen.past(1).rgb[:, :, :16]), seen.course(1, 2)), "views, height, width"),
        (lambda seen: (seen.past(1), replace(seen.course(1, 2), times_s=np.array([0.4, 0.9]))), "0.3 s apart"),
        (lambda seen: (seen.past(1), replace(seen.course(1, 2), body=np.zeros((1, 7)))), "one pose"),
    ],
)  # fmt: skip
def test_questions_that_do_not_fit_are_refused(spoil, said):
    with pytest.raises(InvalidInput, match=said):
        MiniCtrlWorld(weights.networks(SHAPE)).predict(*spoil(clip(0)))


def test_what_cannot_be_is_said():
    with pytest.raises(InvalidInput, match="Choose one of none, implicit, nearest"):
        Shape(memory="all")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="multiples of 16"):
        Shape(width=60)
    with pytest.raises(InvalidInput, match="steps 0, 1, 2 or 4"):
        Habits(steps=3)


def test_files_that_are_no_weights_are_told_from_missing_ones(tmp_path):
    with pytest.raises(InvalidInput, match="simbridge train ctrl-world"):
        weights.load(tmp_path)
    (tmp_path / weights.FILE).write_bytes(b"nothing of the kind")
    with pytest.raises(InvalidInput, match="no safetensors file"):
        weights.load(tmp_path)
