"""The tree of errors: one root, and exit codes that no verdict uses."""

import inspect

import pytest

from scanner import errors
from scanner.errors import ScannerError
from scanner.model import Outcome

TREE = [error for _, error in inspect.getmembers(errors, inspect.isclass)]
OURS_TO_FIX, YOURS_TO_FIX = 2, 3


@pytest.mark.parametrize("error", TREE)
def test_every_error_is_a_scanner_error(error: type[Exception]) -> None:
    assert issubclass(error, ScannerError)


@pytest.mark.parametrize("error", TREE)
def test_an_error_says_what_state_it_leaves(error: type[Exception]) -> None:
    assert len((error.__doc__ or "").split(". ")) > 1


@pytest.mark.parametrize("error", TREE)
def test_no_error_can_be_taken_for_a_pass_or_a_verdict_on_ai(error: type[ScannerError]) -> None:
    verdicts = {Outcome.PASS.exit_code, Outcome.FLAG.exit_code, Outcome.QUARANTINE.exit_code}

    assert error.exit_code not in verdicts


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SettingsError, YOURS_TO_FIX),
        (errors.RegisterInputError, YOURS_TO_FIX),
        (errors.UnknownIdError, YOURS_TO_FIX),
        (errors.RulingError, YOURS_TO_FIX),
        (errors.StoreUnavailableError, OURS_TO_FIX),
        (errors.CustodyError, OURS_TO_FIX),
        (errors.AlteredError, OURS_TO_FIX),
        (errors.ExaminerLostError, OURS_TO_FIX),
    ],
)
def test_the_exit_code_tells_whose_mistake_it_is(error: type[ScannerError], code: int) -> None:
    assert error.exit_code == code


def test_altered_bytes_are_a_matter_of_custody() -> None:
    assert issubclass(errors.AlteredError, errors.CustodyError)
