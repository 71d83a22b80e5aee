"""Reaches addresses in a town: a policy that knows the map beside one that does not look.

    python examples/navigate.py --agents 20
    python examples/navigate.py --town out/a-rainy-harbor-town-0 --agents 5 --seed 3

The first walks the shortest way with `bridge.control`; it is given the true state of the world, as an expert for
imitation would be. The second draws another action every second. All agents go at once, each to an address of its own.
"""

import argparse
import sys
from collections.abc import Callable

import numpy as np

from bridge.control.going import GoTo
from bridge.control.town import Town
from bridge.engine import Velocity
from bridge.tasks.envs import parallel_env
from bridge.tasks.parallel_env import TaskParallelEnv
from bridge.tasks.spaces import member

Act = Callable[[], np.ndarray]
Policy = Callable[[TaskParallelEnv, Town, str, str, int], Act]


def expert(env: TaskParallelEnv, town: Town, agent: str, instruction: str, seed: int) -> Act:
    """Goes to the address of the instruction."""
    del seed
    going = GoTo(town, agent, instruction.removeprefix("Go to ").removesuffix("."), arrive_m=0.5)

    def act() -> np.ndarray:
        motion = going.act(env.episodes.now()).motion
        return member(motion if isinstance(motion, Velocity) else Velocity())

    return act


def chance(env: TaskParallelEnv, town: Town, agent: str, instruction: str, seed: int) -> Act:
    """Another action every second, whatever it sees."""
    del env, town, instruction
    rng = np.random.default_rng([seed, *agent.encode()])
    steps, chosen = 0, np.zeros(3, dtype=np.float32)

    def act() -> np.ndarray:
        nonlocal steps, chosen
        if steps % 5 == 0:
            chosen = rng.uniform(-1.0, 1.0, 3).astype(np.float32)
        steps += 1
        return chosen

    return act


Told = Callable[[float, int, int], None]
"""Hears how it goes: seconds simulated, how many agents are there, and how many are still on their way."""


def quietly(time_s: float, there: int, going: int) -> None:
    """Says nothing."""


def run(env: TaskParallelEnv, policy: Policy, seed: int, told_of: Told = quietly) -> dict[str, dict[str, float]]:
    """How one episode ended for each agent: `success`, `spl`, `collisions`, `return`."""
    town = Town(env.episodes.scene)
    _, told = env.reset(seed=seed)
    acts = {agent: policy(env, town, agent, told[agent]["instruction"], seed) for agent in env.agents}
    total = dict.fromkeys(acts, 0.0)
    ends: dict[str, dict[str, float]] = {}
    while env.agents:
        told_of(env.episodes.now().time_s, sum(end["success"] > 0 for end in ends.values()), len(env.agents))
        _, rewards, _, _, infos = env.step({agent: acts[agent]() for agent in env.agents})
        for agent, info in infos.items():
            total[agent] += rewards[agent]
            if "success" in info:
                ends[agent] = {key: float(info[key]) for key in ("success", "spl", "collisions")}
                ends[agent]["return"] = total[agent]
    return ends


def progress(name: str, every_s: float) -> Told:
    """A line on stderr every so many simulated seconds."""
    due_s = 0.0

    def tell(time_s: float, there: int, going: int) -> None:
        nonlocal due_s
        if time_s >= due_s:
            due_s += every_s
            print(f"{name}: {time_s:.0f} s simulated, {there} there, {going} on their way", file=sys.stderr, flush=True)

    return tell


def main(arguments: list[str] | None = None) -> None:
    """Prints one line a policy, and how it goes on stderr."""
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("--town", default=None, help="a town's folder; the hamlet that comes along if left out")
    flags.add_argument("--agents", type=int, default=20)
    flags.add_argument("--seed", type=int, default=0)
    flags.add_argument("--limit-s", type=float, default=180.0, help="simulated time after which it is over")
    chosen = flags.parse_args(arguments)
    print("Opening the town ...", file=sys.stderr, flush=True)
    env = parallel_env(town=chosen.town, agents=chosen.agents, limit_s=chosen.limit_s)
    for name, policy in (("expert", expert), ("chance", chance)):
        ends = list(run(env, policy, chosen.seed, progress(name, 10.0)).values())
        mean = {key: float(np.mean([end[key] for end in ends])) for key in ends[0]}
        print(f"{name}: n={len(ends)} " + " ".join(f"{key}={value:.2f}" for key, value in mean.items()), flush=True)
    env.close()


if __name__ == "__main__":
    main()
