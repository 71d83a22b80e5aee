"""The published Ctrl-World gives the numbers that the public program gave, to the tolerances written beside them."""

from collections.abc import Iterator

import pytest
import torch

from bridge.errors import InvalidInput
from tests.world_models import golden
from tests.world_models.golden import assert_near, numbers
from world_models.ctrl_world.published.attention import cross_attentions, remembered
from world_models.ctrl_world.published.loss import Draws, denoising_loss, noised
from world_models.ctrl_world.published.noise import noise_levels, scales
from world_models.ctrl_world.published.poses import Bounds
from world_models.ctrl_world.published.sampler import denoise, guidance_ramp, time_ids


@pytest.fixture(autouse=True)
def _the_recorded_network_attends_as_released() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    golden.unet().attend(one_token=True)


def test_poses_are_scaled_by_the_datas_bounds():
    told = numbers("action_encoder")
    scaled = Bounds(told["in.p01"].numpy(), told["in.p99"].numpy()).scaled(told["in.raw_pose"].numpy())
    assert_near(torch.from_numpy(scaled), told["out.normalised_f64"], 1e-12)
    assert_near(torch.from_numpy(scaled).float(), told["out.normalised"], 1e-6)


def test_each_frames_pose_becomes_a_token():
    told = numbers("action_encoder")
    encode = golden.action_encoder()
    assert_near(encode(told["out.normalised"], told["in.text_embed"]), told["out.tokens"])
    assert_near(encode(told["out.normalised"]), told["out.tokens_no_text"])


@pytest.fixture(scope="module")
def stages() -> dict[str, torch.Tensor]:
    """What came out of each stage of the network, and its output "v", for the recorded input; the short cut on."""
    told, unet = numbers("unet_forward"), golden.unet()
    found: dict[str, torch.Tensor] = {}
    watched = {"conv_in": unet.conv_in, "mid": unet.mid_block}
    watched |= {f"down{index}": block for index, block in enumerate(unet.down_blocks)}
    watched |= {f"up{index}": block for index, block in enumerate(unet.up_blocks)}

    def watch(name: str):
        def keep(_module, _given, out) -> None:
            found[name] = (out[0] if isinstance(out, tuple) else out).detach()

        return keep

    hooks = [module.register_forward_hook(watch(name)) for name, module in watched.items()]
    found["v"] = unet(told["in.sample"], told["in.timestep"], told["in.frame_tokens"], told["in.added_time_ids"])
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize(
    "stage", ["conv_in", "down0", "down1", "down2", "down3", "mid", "up0", "up1", "up2", "up3"]
)  # fmt: skip
def test_every_stage_of_the_network_is_the_recorded_one(stages: dict[str, torch.Tensor], stage: str):
    assert_near(stages[stage][[0, 6, 10]], numbers("unet_forward")[f"inter.{stage}"])


def test_the_networks_output_is_the_recorded_one(stages: dict[str, torch.Tensor]):
    assert_near(stages["v"], numbers("unet_forward")["out.frame_level"])


def test_attention_to_one_token_and_its_short_cut_are_the_same(stages: dict[str, torch.Tensor]):
    told, unet = numbers("unet_forward"), golden.unet()
    unet.attend(one_token=False)
    whole = unet(told["in.sample"], told["in.timestep"], told["in.frame_tokens"], told["in.added_time_ids"])
    assert_near(whole, told["out.frame_level"])
    assert_near(stages["v"], whole, 2e-6)


def test_vectors_computed_once_are_those_computed_in_every_step(stages: dict[str, torch.Tensor]):
    told, unet = numbers("unet_forward"), golden.unet()
    nothing = torch.full_like(told["in.frame_tokens"], 1e3)
    with remembered(unet, told["in.frame_tokens"], "first"):
        found = unet(told["in.sample"], told["in.timestep"], nothing, told["in.added_time_ids"])
    assert_near(found, stages["v"], 2e-6)
    assert all(attn.processor.vectors is None for attn, _ in cross_attentions(unet))


def test_queries_and_keys_are_never_computed():
    told, unet = numbers("unet_forward"), golden.unet()

    def refuse(*_args) -> None:
        raise AssertionError("a query or a key was computed")

    hooks = [
        half.register_forward_hook(refuse) for attn, _ in cross_attentions(unet) for half in (attn.to_q, attn.to_k)
    ]
    try:
        few = {name: told[f"in.{name}"][:1] for name in ("sample", "timestep", "frame_tokens", "added_time_ids")}
        unet(*few.values())
    finally:
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize(
    ("one_token", "tokens", "out"),
    [(True, "single_token", "clip_level"), (False, "multi_token", "clip_level_multi")],
)
def test_one_context_for_all_frames_is_as_recorded(one_token: bool, tokens: str, out: str):
    told, unet = numbers("unet_forward"), golden.unet()
    unet.attend(one_token=one_token)
    context = told[f"in.{tokens}"]
    found = unet(told["in.sample"], told["in.timestep"], context, told["in.added_time_ids"], frame_level=False)
    assert_near(found, told[f"out.{out}"])


def test_several_tokens_cannot_take_the_short_cut():
    told = numbers("unet_forward")
    with pytest.raises(InvalidInput, match="one_token=False"):
        golden.unet()(
            told["in.sample"], told["in.timestep"], told["in.multi_token"], told["in.added_time_ids"], frame_level=False
        )


def test_attention_along_time_sees_the_oldest_frames_token_unless_each_sees_its_own():
    told, unet = numbers("unet_forward"), golden.unet()
    given = [told[f"in.{name}"][:1] for name in ("sample", "timestep", "frame_tokens", "added_time_ids")]
    changed = [value.clone() for value in given]
    changed[2][:, 7] += 1.0
    without_pictures = _along_time_only(unet)
    with without_pictures:
        same = torch.equal(unet(*given), unet(*changed))
    unet.attend(one_token=True, temporal_action="own")
    own = unet(*given)
    with remembered(unet, given[2], "own"):
        assert_near(unet(*given), own, 2e-6)
    with _along_time_only(unet):
        differs = not torch.equal(unet(*given), unet(*changed))
    assert same
    assert differs


class _along_time_only:
    """Within, cross attention over pictures gives nothing."""

    def __init__(self, unet: torch.nn.Module) -> None:
        self._outs = [attn.to_out[0] for attn, along_time in cross_attentions(unet) if not along_time]

    def __enter__(self) -> None:
        self._hooks = [out.register_forward_hook(lambda _m, _g, got: torch.zeros_like(got)) for out in self._outs]

    def __exit__(self, *_error: object) -> None:
        for hook in self._hooks:
            hook.remove()


def _recorded_draws(told: dict[str, torch.Tensor], dropped: torch.Tensor) -> Draws:
    names = ("1_current_sigma_uniform", "2_current_noise", "3_drop_uniform", "4_sigma_normal", "5_latent_noise")
    values = [told[f"draw.{name}"] for name in (*names, "6_history_sigma_normal", "7_history_noise")]
    values[2] = dropped
    return Draws(*values)


def test_noisy_latents_and_their_scales_are_as_recorded():
    told = numbers("training_loss")
    tokens = golden.action_encoder()(told["in.action"], told["in.text_embed"])
    assert_near(tokens, told["derived.tokens"])
    draws = _recorded_draws(told, told["draw.3_drop_uniform"])
    given = noised(told["in.latent"], tokens, draws)
    assert_near(given.frames, told["derived.unet_input"], 1e-6)
    for name, value in (
        ("skip", given.at.skip), ("out", given.at.out), ("in", given.at.into), ("noise", given.at.noise.flatten()),
    ):  # fmt: skip
        assert_near(value, told[f"derived.c_{name}"], 1e-6)
    assert_near(given.at.weight, told["derived.loss_weight"], 1e-6)
    assert_near(time_ids(2, 0.0, like=tokens), told["derived.added_time_ids"], 1e-6)
    again = noised(told["in.latent"], tokens, _recorded_draws(told, told["case_drop.draw.3_drop_uniform"]))
    assert_near(again.tokens, told["case_drop.derived.tokens"])


def test_loss_and_gradients_are_as_recorded():
    told = numbers("training_loss")
    unet, encoder = golden.unet().requires_grad_(True), golden.action_encoder().requires_grad_(True)
    try:
        tokens = encoder(told["in.action"], told["in.text_embed"])
        loss, v = denoising_loss(unet, told["in.latent"], tokens, _recorded_draws(told, told["draw.3_drop_uniform"]))
        loss.backward()
        assert_near(v.detach(), told["out.model_pred"])
        assert loss.item() == pytest.approx(told["out.loss"].item(), rel=1e-5)
        found = {f"unet.{name}": value.grad for name, value in unet.named_parameters()}
        found |= {f"action_encoder.{name}": value.grad for name, value in encoder.named_parameters()}
        total = sum(float((value.double() ** 2).sum()) for value in found.values() if value is not None) ** 0.5
        assert total == pytest.approx(float(told["grad.total_norm_f64"]), rel=1e-5)
        recorded = {name.removeprefix("grad."): value for name, value in told.items() if name.startswith("grad.")}
        compared = [name for name in recorded if name in found]
        assert len(compared) == len(recorded) - 2, "the two that are no single weight's"
        for name in compared:
            assert_near(found[name], recorded[name], 2e-4)
        assert all(attn.to_q.weight.grad is None for attn, _ in cross_attentions(unet))
    finally:
        for part in (unet, encoder):
            part.requires_grad_(False).zero_grad(set_to_none=True)


def test_the_loss_without_tokens_is_as_recorded():
    told = numbers("training_loss")
    with torch.no_grad():
        loss, v = denoising_loss(
            golden.unet(), told["in.latent"], told["derived.tokens"],
            _recorded_draws(told, told["case_drop.draw.3_drop_uniform"]),
        )  # fmt: skip
    assert_near(v, told["case_drop.out.model_pred"])
    assert loss.item() == pytest.approx(told["case_drop.out.loss"].item(), rel=1e-5)


@pytest.mark.parametrize(("steps", "case"), [(4, "s4"), (10, "s10"), (50, "schedule50")])
def test_noise_levels_are_as_recorded(steps: int, case: str):
    told = numbers("sampler")
    levels = noise_levels(steps)
    assert_near(levels, told[f"{case}.sigmas"], 1e-6)
    assert_near(scales(levels[:-1]).noise, told[f"{case}.timesteps"], 1e-6)


def test_latents_start_as_loud_as_recorded_and_guidance_rises_to_two():
    told = numbers("sampler")
    first = noise_levels(50)[:1]
    assert_near((first**2 + 1) ** 0.5, told["schedule50.init_noise_sigma"], 1e-6)
    assert_near(guidance_ramp(5, 2.0), told["guidance"], 1e-6)


@pytest.mark.parametrize("steps", [4, 10])
def test_every_step_of_the_sampler_is_as_recorded(steps: int):
    told, case = numbers("sampler"), f"s{steps}"
    tokens = golden.action_encoder()(told["in.action"], told["in.text_embed"])
    assert_near(tokens, told["derived.tokens"])
    walked = []
    found = _sampled(tokens, steps=steps, on_step=walked.append)
    assert_near(found, told[f"{case}.final"])
    for step in walked:
        assert_near(step.v[0], told[f"{case}.v_guided"][step.number])
        assert_near(step.latents[0], told[f"{case}.latents_after_step"][step.number])
    if steps == 4:
        assert_near(walked[0].raw, told["s4.step0.raw_unet_output"])


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("s4_no_cfg", {"guidance": 1.0}),
        ("s4_his_cond_zero", {"history_sees_current": False}),
        ("s4_noise_aug_zero", {"augmentation": 0.0}),
    ],
)
def test_variants_of_the_sampler_are_as_recorded(case: str, options: dict):
    told = numbers("sampler")
    assert_near(_sampled(told["derived.tokens"], steps=4, **options), told[f"{case}.final"])


def _sampled(tokens: torch.Tensor, **options) -> torch.Tensor:
    told = numbers("sampler")
    return denoise(
        golden.unet(), tokens, told["in.history"], told["in.current"], told["in.initial_noise"], **options
    )  # fmt: skip
