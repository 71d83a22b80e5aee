"""World models at work: in a process of their own, over gRPC, and beside a world that runs."""

from bridge.imagining.remote import RemoteModel

__all__ = ["RemoteModel"]
