"""Reaches addresses in a town: a policy that knows the map beside one that does not look.

    python examples/navigate.py --agents 20
    python examples/navigate.py --town out/a-rainy-harbor-town-0 --agents 5 --seed 3

The first walks the shortest way with `bridge.control`; it is given the true state of the world, as an expert for
imitation would be. The second draws another action every second. All agents go at once, each to an address of its own.
"""

import argparse
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


def run(env: TaskParallelEnv, policy: Policy, seed: int) -> dict[str, dict[str, float]]:
    """How one episode ended for each agent: `success`, `spl`, `collisions`, `return`."""
    town = Town(env.episodes.scene)
    _, told = env.reset(seed=seed)
    acts = {agent: policy(env, town, agent, told[agent]["instruction"], seed) for agent in env.agents}
    total = dict.fromkeys(acts, 0.0)
    ends: dict[str, dict[str, float]] = {}
    while env.agents:
        _, rewards, _, _, infos = env.step({agent: acts[agent]() for agent in env.agents})
        for agent, info in infos.items():
            total[agent] += rewards[agent]
            if "success" in info:
                ends[agent] = {key: float(info[key]) for key in ("success", "spl", "collisions")}
                ends[agent]["return"] = total[agent]
    return ends


def main() -> None:
    """Prints one line a policy."""
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("--town", default=None, help="a town's folder; the hamlet that comes along if left out")
    flags.add_argument("--agents", type=int, default=20)
    flags.add_argument("--seed", type=int, default=0)
    chosen = flags.parse_args()
    env = parallel_env(town=chosen.town, agents=chosen.agents)
    for name, policy in (("expert", expert), ("chance", chance)):
        ends = list(run(env, policy, chosen.seed).values())
        mean = {key: float(np.mean([end[key] for end in ends])) for key in ends[0]}
        print(f"{name}: n={len(ends)} " + " ".join(f"{key}={value:.2f}" for key, value in mean.items()), flush=True)
    env.close()


if __name__ == "__main__":
    main()
