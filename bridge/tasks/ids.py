"""What a task's environment is called: `navigate` is `simbridge/Navigate-v0`."""


def env_id(task: str) -> str:
    """The Gymnasium id of a task's name."""
    return f"simbridge/{task.title().replace('-', '')}-v0"
