"""The one tree of exceptions, each with the exit code that a shell sees and the state that it leaves behind.

A verdict is never an exception, and a delivery that cannot be read is evidence, not an error: these are only for what
*we* cannot do. Exit codes: 0 pass, 1 blocked, 2 could not scan, 3 usage or configuration, 4 needs review.
"""


class ScannerError(Exception):
    """Something that scanner cannot do. Nothing was released; what was dropped is where it was or on the bench."""

    exit_code = 2


class SettingsError(ScannerError):
    """The settings, the policy or the command line cannot be used as they stand. Nothing was started."""

    exit_code = 3


class RegisterInputError(ScannerError):
    """A provenance record, approval or import file was refused, row by row. Nothing of it was registered."""

    exit_code = 3


class UnknownIdError(ScannerError):
    """No delivery, record or approval has this id. Nothing was changed."""

    exit_code = 3


class RulingError(ScannerError):
    """A person's ruling cannot be carried out as asked. The delivery stays where it is."""

    exit_code = 3


class StoreUnavailableError(ScannerError):
    """The database could not be reached, was locked too long, or is of another version. Nothing was released."""


class CustodyError(ScannerError):
    """A delivery could not be taken into, or moved out of, our custody. Every byte is where the message says."""


class AlteredError(CustodyError):
    """Bytes on disk are not the bytes that were examined. The delivery stays where it is; nothing was released."""


class ExaminerLostError(ScannerError):
    """The examining processes cannot be started at all. Deliveries stay on the bench and are tried again."""


class NotClearedError(ScannerError):
    """What is asked for can only be told of a delivery that went on. Nothing was written."""

    exit_code = 3


class NothingToMarkError(ScannerError):
    """No place can be marked in an editing system, or it is not said in which file. Nothing is written."""

    exit_code = 3


class ReceiptError(ScannerError):
    """A receipt, or the key that it is signed or verified with, cannot be used. Nothing was signed."""

    exit_code = 3
