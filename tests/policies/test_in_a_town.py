"""Minds in a real town: what they say is carried out by control on an engine, and why it failed comes back to them."""

import json

import numpy as np

from bridge.control import GoTo
from bridge.engine import Action, Skill
from bridge.observation import observation
from policies import instructed, llm
from policies.policy import Policy
from tests.bridge.control.towns import hamlet, loaded_engine, where
from tests.policies.stand_in import StandIn, decision, thinks

AGENT = "courier-1"


def shift(policy: Policy, instruction: str, *, most_s: float) -> tuple[list[str], list[str], np.ndarray]:
    """What an agent told itself to do, why skills failed, and where it ended (3,): decisions as its skills end."""
    town, engine = hamlet(), loaded_engine()
    try:
        state = engine.reset(seed=0)
        policy.reset(seed=0, agent=AGENT, instruction=instruction)
        done, failures, failure = [], [], ""
        while state.time_s < most_s:
            action = policy.act(observation(state, AGENT, instruction=instruction, failure=failure))
            assert isinstance(action.motion, Skill)
            done.append(f"{action.motion.verb} {action.motion.target}".strip())
            failure = ""
            if action.motion.verb == "wait":
                break
            going = GoTo(town, AGENT, action.motion.target)
            while going.status == "running" and state.time_s < most_s:
                state = engine.step({AGENT: going.act(state)}, ticks=10)
            failure = going.failure
            failures += [failure] if failure else []
            state = engine.step({AGENT: Action()}, ticks=10)
        return done, failures, where(state, AGENT).copy()
    finally:
        engine.close()
        policy.close()


def addresses_near() -> list[str]:
    """Addresses of the hamlet, the nearest to the agent's start first."""
    town = hamlet()
    start = next(np.array(agent.pose[:2]) for agent in town.scene.agents if agent.name == AGENT)
    known = {house.address for house in town.scene.buildings if house.address and house.doors}
    return sorted(known, key=lambda name: float(np.linalg.norm(town.places.find(name).position[:2] - start)))


def test_who_is_told_in_words_gets_there():
    first, second = addresses_near()[:2]
    done, failures, at = shift(
        instructed.make(instructed.Config()), f"walk to {first}, then go to {second}", most_s=180.0
    )
    assert done == [f"go_to {first}", f"go_to {second}", "wait"]
    assert failures == []
    assert np.linalg.norm(at[:2] - hamlet().places.find(second).position[:2]) < 1.0


def test_a_model_hears_why_its_way_failed_and_takes_another():
    goal = addresses_near()[0]

    def brain(data):
        past = data.get("memory", {}).get("last_decisions", [])
        if not past:
            return decision("go_to", "77 Nowhere Lane")
        return decision("go_to", goal) if "last_skill_failed_because" in data else decision("wait", s=5)

    with StandIn(thinks(brain)) as server:
        mind = llm.make(llm.Config(base_url=server.base_url, model="toy"))
        done, failures, at = shift(mind, f"Go to {goal}; some say it is 77 Nowhere Lane.", most_s=120.0)
    assert done == ["go_to 77 Nowhere Lane", f"go_to {goal}", "wait"]
    assert "No place named '77 Nowhere Lane'" in failures[0]
    told = json.loads(server.asked[1]["messages"][1]["content"])
    assert "No place named" in told["last_skill_failed_because"]
    assert np.linalg.norm(at[:2] - hamlet().places.find(goal).position[:2]) < 1.0
