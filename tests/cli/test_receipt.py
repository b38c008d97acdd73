"""`scanner receipt`: a receipt fits the key and the bytes, or it is told that it does not. No studio is needed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.pipeline import handle
from tests.studio import SAMPLES, Home, call

NAME = "comfyui.png"
GUIDE = Path(__file__).parents[2] / "docs" / "operators-guide.md"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a receipt, the public key and the delivered file, and no studio near."""
    from tests.studio import new_home

    home = new_home(tmp_path_factory.mktemp("receipts") / "studio")
    delivery_id = home.take(NAME)
    with home.open() as studio:
        handle(studio, delivery_id)
    apart = tmp_path_factory.mktemp("apart")
    key = call("receipt", "key", "--new", cwd=home.folder)
    (apart / "studio.pub").write_text(key.stdout)
    assert call("receipt", "issue", delivery_id, "--out", apart / "receipt.json", cwd=home.folder).returncode == 0
    shutil.copy(SAMPLES / "deliveries" / NAME, apart / NAME)
    return apart


@pytest.fixture
def apart(issued: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    shutil.copytree(issued, tmp_path / "apart")
    return tmp_path / "apart"


def verified(apart: Path, *more: str) -> tuple[int, str]:
    done = call("receipt", "verify", "receipt.json", *more, cwd=apart)
    return done.returncode, done.stdout + done.stderr


def test_it_fits_the_key_and_the_bytes(apart: Path) -> None:
    code, told = verified(apart, "--key", "studio.pub", "--files", NAME)

    assert code == 0, told
    assert "quarantine" in told
    assert "all 1 files are those that were judged" in told


def test_the_script_of_the_guide_checks_a_receipt(apart: Path) -> None:
    scripts = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (script,) = [each for each in scripts if "receipt" in each]

    def run() -> int:
        given = [sys.executable, "-c", script, "receipt.json", "studio.pub"]
        return subprocess.run(given, cwd=apart, capture_output=True, check=False).returncode

    assert run() == 0
    text = (apart / "receipt.json").read_text()
    (apart / "receipt.json").write_text(text.replace('"quarantine"', '"pass"'))
    assert run() == 1


def test_without_a_key_that_is_trusted_it_needs_review(apart: Path) -> None:
    assert verified(apart)[0] == 4


def test_it_says_what_it_is_as_of(apart: Path) -> None:
    told = json.loads((apart / "receipt.json").read_text())["content"]["as_of"]

    assert told.keys() == {"policy", "scanner", "register", "approvals", "audit_head"}
    assert told["register"]["version"] >= 0


@pytest.mark.parametrize("change", ["outcome", "signature", "public_key", "file"])
def test_a_changed_receipt_does_not_fit(change: str, apart: Path) -> None:
    receipt = apart / "receipt.json"
    told = json.loads(receipt.read_text())
    match change:
        case "outcome":
            told["content"]["verdict"]["outcome"] = "pass"
        case "file":
            told["content"]["files"][0]["sha256"] = "0" * 64
        case _:
            told[change] = told[change][:-4] + ("AAA=" if told[change][-4:] != "AAA=" else "BBB=")
    receipt.write_text(json.dumps(told))

    assert verified(apart)[0] == 3
    if change != "public_key":
        assert verified(apart, "--key", "studio.pub")[0] == 3


def test_another_studios_key_does_not_fit(apart: Path, home: Home) -> None:
    (apart / "other.pub").write_text(call("receipt", "key", "--new", cwd=home.folder).stdout)

    code, told = verified(apart, "--key", "other.pub")

    assert (code, "does not fit" in told) == (3, True)


@pytest.mark.parametrize("wrong", ["changed", "missing", "more"])
def test_other_bytes_are_told_file_by_file(wrong: str, apart: Path) -> None:
    folder = apart / "delivered"
    folder.mkdir()
    if wrong != "missing":
        shutil.copy(apart / NAME, folder / NAME)
    if wrong == "changed":
        with (folder / NAME).open("ab") as file:
            file.write(b"x")
    if wrong == "more":
        (folder / "more.txt").write_text("more")

    code, told = verified(apart, "--key", "studio.pub", "--files", "delivered")

    assert code == 1
    assert {"changed": f"changed: {NAME}", "missing": f"missing: {NAME}", "more": "not in the receipt: more.txt"}[
        wrong
    ] in told


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"content": 1}', "\0", "[" * 100_000])
def test_what_is_no_receipt_is_an_error(text: str, apart: Path) -> None:
    (apart / "receipt.json").write_text(text)

    code, told = verified(apart)

    assert (code, "receipt.json" in told) == (3, True)


def test_a_key_is_never_replaced_and_only_its_owner_reads_it(home: Home) -> None:
    call("receipt", "key", "--new", cwd=home.folder)
    before = (home / "receipt.key").read_bytes()

    done = call("receipt", "key", "--new", cwd=home.folder)

    assert (done.returncode, (home / "receipt.key").read_bytes()) == (3, before)
    assert (home / "receipt.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_signs_nothing(home: Home) -> None:
    call("receipt", "key", "--new", cwd=home.folder)
    (home / "receipt.key").chmod(0o644)
    delivery_id = home.take(NAME)
    with home.open() as studio:
        handle(studio, delivery_id)

    done = call("receipt", "issue", delivery_id, cwd=home.folder)

    assert (done.returncode, "others can read" in done.stderr) == (3, True)


def test_without_a_key_it_says_how_to_make_one(home: Home) -> None:
    assert "scanner receipt key --new" in call("receipt", "key", cwd=home.folder).stderr
