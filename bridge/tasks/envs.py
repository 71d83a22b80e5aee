"""The environments by id: importing this registers `simbridge/Navigate-v0` and its like with Gymnasium."""

from typing import TYPE_CHECKING

from bridge.errors import Unavailable
from bridge.plugins import plugins
from bridge.tasks.ids import env_id

if TYPE_CHECKING:
    from bridge.tasks.parallel_env import TaskParallelEnv


def register() -> None:
    """Registers all ids with Gymnasium, once. Raises Unavailable without it."""
    try:
        import gymnasium
    except ModuleNotFoundError as error:
        raise Unavailable('Gymnasium is not installed. Install it with `pip install "simbridge[envs]"`.') from error
    for name in plugins("bridge.tasks"):
        if env_id(name) not in gymnasium.registry:
            gymnasium.register(env_id(name), entry_point="bridge.tasks.gym_env:TaskEnv", kwargs={"task": name})


def parallel_env(task: str = "navigate", **options: object) -> "TaskParallelEnv":
    """A task as a PettingZoo ParallelEnv. Raises Unavailable without PettingZoo."""
    try:
        from bridge.tasks.parallel_env import TaskParallelEnv
    except ModuleNotFoundError as error:
        raise Unavailable(f'{error}. Install it with `pip install "simbridge[envs]"`.') from error
    return TaskParallelEnv(task, **options)  # type: ignore[arg-type]


register()
