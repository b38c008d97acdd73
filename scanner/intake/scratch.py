"""The scratch folder of a delivery: our own copies of what its containers hold. Never moved; removed with the bench.

It lies beside the payload, in `work/<delivery id>/opened/`. A file in it is named by a digest of the name that it goes
by, so that no name out of an archive ever becomes a path.
"""

import hashlib
import re
import shutil
from pathlib import Path

from scanner.intake.custody import cannot, make_folders, shown

OPENED = "opened"
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def kept_as(name: str) -> str:
    """What the file of this name (`container!//name in it`) is called in the scratch folder."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    ending = _ENDING.search(name)
    return digest + (ending[0].lower() if ending else "")


def beside(payload: Path) -> Path:
    """The scratch folder of the delivery whose payload is, or was, here."""
    return payload.parent.parent / OPENED


def anew(scratch: Path) -> None:
    """An empty scratch folder, whatever a crash has left there. Raises CustodyError."""
    clear(scratch)
    try:
        make_folders(scratch)
    except OSError as error:
        raise cannot(f"{shown(scratch)} could not be made", error, left="The delivery is on the bench") from error


def clear(scratch: Path) -> None:
    """Remove our copies. A link is not followed. Raises CustodyError."""
    try:
        shutil.rmtree(scratch)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot(f"{shown(scratch)} could not be removed", error, left="No payload was touched") from error
