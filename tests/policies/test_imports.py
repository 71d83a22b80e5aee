"""Policies can be listed and configured without what they need to run; what is missing is said with the command that brings it."""

import subprocess
import sys

import pytest

_BLOCKED = ("httpx2", "json_repair", "msgpack", "openai", "torch", "PIL", "transformers")
_LOADED = "import policies.instructed, policies.lerobot, policies.llm, policies.openpi, policies.vlm\n"


def ran(code: str) -> str:
    """What a fresh interpreter without the heavy packages prints."""
    block = f"import sys\nfor name in {_BLOCKED!r}: sys.modules[name] = None\n"
    done = subprocess.run([sys.executable, "-c", block + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_no_policy_needs_its_packages_to_be_configured():
    code = "for name in ('instructed', 'lerobot', 'llm', 'openpi', 'vlm'):\n"
    code += "    module = getattr(policies, name); module.make(module.Config())\nprint('made')"
    assert ran(_LOADED + code) == "made"


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        ("policies.llm.make(policies.llm.Config()).reset(seed=0, agent='a', instruction='')", "llm"),
        ("from policies.remote.arrays import packed; packed({})", "openpi"),
    ],
)
def test_what_is_missing_is_said_with_the_command_that_brings_it(code, extra):
    indented = f"try: {code}\nexcept Exception as error: print(type(error).__name__, error)"
    said = ran(_LOADED + ("from policies.remote.arrays import packed\n" if "packed" in code else "") + indented)
    assert said.startswith("Unavailable")
    assert said.endswith(f'pip install "simbridge[{extra}]"')
