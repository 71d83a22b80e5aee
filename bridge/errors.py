"""Every error simbridge raises on purpose: what was found, what was expected, the next step."""


class SimbridgeError(Exception):
    """The root: catch this to catch everything the project says on purpose.

    `exit_code` is what a command returns for it: 1 the result is not acceptable, 2 wrong usage, 3 something is missing.
    `hop` is which of several programs said it, where there are several: "server" or "engine".
    """

    exit_code = 1
    hop = ""


class UsageError(SimbridgeError):
    """The caller asked for something that cannot be asked for."""

    exit_code = 2


class UnknownName(UsageError):
    """No plug-in, asset or format has that name; the message lists the near and the available ones."""


class InvalidInput(UsageError):
    """A file or value given by the user cannot be used; the message names file, place and remedy."""


class DamagedFile(InvalidInput):
    """A file is not as it was written, cut short or changed; the message names the place and what was expected there."""


class NewerFormat(InvalidInput):
    """A file was written by a later version than this one reads; the message has both versions."""


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


class OutOfRange(InvalidInput):
    """A number lies beyond what worlds reach."""


class NameTaken(UsageError):
    """Something of that name is there already."""


class OverQuota(UsageError):
    """More was asked for than is served: bytes, pixels, agents, ticks, or calls at once."""


class NotAllowed(UsageError):
    """Whoever asks may not do this: an observer that acts, a path that leaves its root."""


class NotSupported(UsageError):
    """This engine or server cannot do that at all."""


class Refused(SimbridgeError):
    """It cannot be done now: somebody else owns it, or another step has to come first."""


class TooLate(SimbridgeError):
    """An answer did not come within its deadline; the message says who was slow."""


class Cancelled(SimbridgeError):
    """Somebody cancelled the operation; the world is as it was before."""


class SessionEnded(SimbridgeError):
    """The session is over: its lease ran out, it was taken up elsewhere, or the server was started anew."""


class DamagedData(SimbridgeError):
    """Bytes that arrived are not those that were sent."""


class EngineUnavailable(Unavailable):
    """No engine answers at an address; the message names the hop that failed."""


class UnknownBody(UsageError):
    """Nothing in the world has that name; the message lists the near and the available ones."""


class UnknownCamera(UsageError):
    """No camera has that name; the message lists the near and the available ones."""


class InvalidAction(UsageError):
    """An action that its body can never carry out, or with numbers that mean nothing; nothing was changed."""


class InvalidChange(UsageError):
    """A change that cannot be made; nothing of its batch was made."""


class EngineFailed(SimbridgeError):
    """An engine cannot go on: closed, without a world, its physics broke down, or it failed in a way nobody foresaw."""


class EngineCrashed(EngineFailed):
    """An engine's process ended or was ended; the message has the crash's id and log, and what becomes of the world."""


class RecordingFailed(SimbridgeError):
    """A recording ended before it was stopped: no room, no folder; the message says what is kept. The engine goes on."""


class NotRecorded(UsageError):
    """A recording does not hold that: a camera, a modality, a seed, another course of events."""
