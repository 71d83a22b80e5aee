"""The local planner: a text cut into clauses, each turned into skills by rule; what no rule fits is said, never guessed."""

from bridge.engine import Skill
from bridge.observation import Observation
from policies.words.clauses import clauses, put_away, sentences
from policies.words.phrases import courteous, is_condition, is_negated, meaning
from policies.words.rules import skills
from policies.words.steps import Steps
from policies.words.surroundings import Surroundings
from policies.words.told import Told, Unclear

_MOST_CHARS = 4000


def plan(text: str, observation: Observation) -> Steps:
    """The skills that an English text tells who perceives this to carry out, and what of it was not understood."""
    around = Surroundings(observation)
    whole = put_away(text[:_MOST_CHARS], around.names)
    found: list[Skill] = []
    unclear: list[str] = [f"everything after {_MOST_CHARS} characters"] if len(text) > _MOST_CHARS else []
    for sentence in sentences(whole):
        if is_condition(sentence):  # done or not, it would be wrong half of the time
            unclear.append(f"'{whole.back(sentence)}': conditions are not understood")
            continue
        last = ""
        for clause in clauses(sentence):
            if not courteous(clause):
                continue
            if is_negated(clause):
                unclear.append(f"'{whole.back(clause)}': what not to do is not understood")
                last = ""
                continue
            verb, phrase, rest = meaning(clause)
            if not verb and last:  # "pick up order-3 and order-4"
                verb, phrase, rest = last, "", courteous(clause)
            if not verb:
                unclear.append(f"'{whole.back(clause)}': begins with no verb that is known")
                continue
            try:
                planned = skills(verb, Told(phrase, rest, whole), around)
            except Unclear as reason:
                unclear.append(f"'{whole.back(clause)}': {reason}")
                planned = []
            for skill in planned:
                around.after(skill)
            found += planned
            last = verb
    return Steps(tuple(found), tuple(unclear))
