"""Work for the pool's tests: functions that do well, raise, die or hang, as their spec says."""

import os
import signal
import threading
from pathlib import Path


def obey(spec: tuple[str, str]) -> str:
    """Does what the first word says; the second is a value or a file that remembers."""
    order, value = spec
    match order:
        case "give":
            return value
        case "raise":
            raise ValueError(value)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        case "leave":
            os._exit(7)
        case "hang":
            threading.Event().wait()
        case "die once":
            if not Path(value).exists():
                Path(value).touch()
                os._exit(7)
            return "recovered"
        case "process":
            return str(os.getpid())
    raise AssertionError(order)
