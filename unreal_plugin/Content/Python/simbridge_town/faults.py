"""What can go wrong while a town is imported: what was found, what was expected, the next step."""


class ImporterFault(Exception):
    """The root of everything the importer says on purpose."""


class UsageFault(ImporterFault):
    """The importer was called with arguments it cannot use."""


class InvalidTown(ImporterFault):
    """A file of the town's folder is missing, damaged or says something that cannot be; the message names it."""


class NewerTown(InvalidTown):
    """The folder was written by a later version than this plug-in reads; the message has both versions."""


class NotCompiled(ImporterFault):
    """The editor module of the plug-in is not there; the message says how to build it."""


class ImportFailed(ImporterFault):
    """Unreal refused a step; the message names the thing and what to do."""
