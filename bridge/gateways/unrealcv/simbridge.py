"""Words beyond UnrealCV's, for a client that wants no less than the engine's protocol: our own engine `unrealcv`.

They say what text in centimetres and degrees cannot: a whole state with contacts and why a skill failed, a batch of changes
made whole or not at all, an order to the last bit, so that an episode goes as it goes in process. Everything else such a
client says in UnrealCV's words; see bridge/unrealcv/extension.py for how these are written.
"""

from dataclasses import replace

from bridge.engine import Skill
from bridge.errors import SimbridgeError
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.motions import tell
from bridge.gateways.unrealcv.stage import Stage
from bridge.unrealcv.extension import action_of, changes_of, state_answer


@command("vget /simbridge/state [uint]", "The whole state, a Report message; the number is the version of known names.")
def state(stage: Stage, known: int) -> bytes:
    """What clients have changed is made first."""
    stage.flush()
    if stage.state is None:
        raise CommandFailed("Refused: The world has not begun. Reset it first.")
    return state_answer(stage.state, stage.engine.state_hash(), known)


@command("vset /simbridge/edit [str]", "Makes a batch of changes, all or none: an EditWorld message in base64.")
def edit(stage: Stage, said: str) -> None:
    """After what clients have changed before it."""
    stage.flush()
    try:
        changes = changes_of(said)
        made = stage.engine.edit(changes)
    except SimbridgeError as error:
        raise CommandFailed(f"{type(error).__name__}: {error}") from error
    stage.took(made, changes)


@command("vset /simbridge/act [str] [str]", "Gives an agent an order: its name and an Action message in base64.")
def act(stage: Stage, name: str, said: str) -> None:
    """It is carried out with the next tick. Targets of skills are told by the names that clients know."""
    actor = stage.found(name)
    try:
        action = action_of(said)
    except SimbridgeError as error:
        raise CommandFailed(f"{type(error).__name__}: {error}") from error
    skill = action.motion
    if isinstance(skill, Skill):
        target = stage.actor(skill.target)
        action = replace(action, motion=replace(skill, target=target.thing if target else skill.target))
    tell(stage, actor, action)
