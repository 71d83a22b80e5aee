"""An engine in a process of its own: WorkerEngine is bridge.engine.Engine at this end, bridge.worker.child the other end."""

from bridge.worker.engine import WorkerEngine
from bridge.worker.keeper import Supervision

__all__ = ["Supervision", "WorkerEngine"]
