"""What identifies this computer since it was started, so that two programs know whether they can share memory."""

import os
import platform
import uuid
from pathlib import Path


def boot_id() -> str:
    """Equal in all programs of this computer and user; another after a restart, where the system tells."""
    told = Path("/proc/sys/kernel/random/boot_id")
    try:
        boot = told.read_text("ascii").strip()
    except OSError:
        boot = f"{platform.node()}-{uuid.getnode():x}"
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return f"{boot}/{user}"
