"""Every error simbridge raises on purpose: what was found, what was expected, the next step."""


class SimbridgeError(Exception):
    """The root: catch this to catch everything the project says on purpose.

    `exit_code` is what a command returns for it: 1 the result is not acceptable, 2 wrong usage, 3 something is missing.
    """

    exit_code = 1


class UsageError(SimbridgeError):
    """The caller asked for something that cannot be asked for."""

    exit_code = 2


class UnknownName(UsageError):
    """No plug-in, asset or format has that name; the message lists the near and the available ones."""


class InvalidInput(UsageError):
    """A file or value given by the user cannot be used; the message names file, place and remedy."""


class InvalidScene(SimbridgeError):
    """A scene breaks one of its own rules."""


class InvalidPlan(UsageError):
    """A plan (lattice, heights, environment) breaks one of its own rules."""


class OutputExists(UsageError):
    """The output folder holds something already and `--force` was not given."""


class Unavailable(SimbridgeError):
    """Something needed is not on this machine; the message ends in the command that installs it."""

    exit_code = 3


class RendererUnavailable(Unavailable):
    """No renderer can draw here."""


class PlannerUnavailable(Unavailable):
    """The planner needs an endpoint, a key or weights that are not here."""
