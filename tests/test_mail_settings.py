"""[report], [mail] and [[recipients]] of scanner.toml: what cannot be meant is refused before anything runs."""

from pathlib import Path

import pytest

from scanner.errors import SettingsError
from scanner.mail_settings import address
from scanner.settings import Settings, default_text, read_settings

SERVER = 'host = "mail.example.com"\nsender = "scanner@example.com"\n'


def settings(folder: Path, text: str) -> Settings:
    path = folder / "scanner.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_by_default_nothing_is_sent(tmp_path: Path) -> None:
    read = settings(tmp_path, default_text("scanner.toml"))

    assert (read.report.on, read.mail.host, read.recipients) == (False, "", ())


def test_what_is_meant_is_read(tmp_path: Path) -> None:
    text = f'[mail]\n{SERVER}[[recipients]]\naddress = "maria@bücher.example"\ntitles = ["AGM"]\n'

    (maria,) = settings(tmp_path, text).recipients

    assert (maria.address, maria.titles) == ("maria@xn--bcher-kva.example", ("AGM",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[report]\nzone = "Berlin"', "report.zone"),
        ('[report]\nat = "24:00"', "report.at"),
        ('[report]\nat = "6:30"', "report.at"),
        ('[report]\ndays_off = ["Sunday"]', "report.days_off"),
        (
            '[report]\ndays_off = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]',
            "every day",
        ),
        ("[report]\nmax_megabytes = 0", "max_megabytes"),
        ("[report]\nmax_megabyte = 8", "did you mean max_megabytes"),
        ('[report]\nbase_url = "intranet/reports"', "base_url"),
        ('[report]\nbase_url = "javascript:alert(1)"', "base_url"),
        ('[mail]\npassword = "secret"', "unknown key mail.password"),
        ('[mail]\nhost = "mail.example.com"', "mail.sender"),
        ('[mail]\nhost = "mail.example.com\\nx"', "mail.host"),
        (f'[mail]\n{SERVER}security = "none"', "this machine only"),
        (f'[mail]\n{SERVER}security = "ssl"', "mail.security"),
        (f'[mail]\n{SERVER}username = "u"', "password_file or password_env"),
        (f'[mail]\n{SERVER}username = "u"\npassword_file = "a"\npassword_env = "B"', "one of them"),
        (f'[mail]\n{SERVER}password_file = "a"', "for a username"),
        (
            '[mail]\nhost = "localhost"\nsender = "s@b.example"\nsecurity = "none"\nusername = "u"\npassword_env = "B"',
            "never sent in clear",
        ),
        ('[[recipients]]\naddress = "maria@example.com"', "mail.host"),
        (f"[mail]\n{SERVER}[[recipients]]\n", "needs an address or a person"),
        (f'[mail]\n{SERVER}[[recipients]]\naddress = "a@b.example"\nperson = "P-1"', "one of them"),
        (f'[mail]\n{SERVER}[[recipients]]\nperson = "P-1"\n[[recipients]]\nperson = "P-1"', "twice"),
        (f'[mail]\n{SERVER}[[recipients]]\naddress = "a@b.example"\nname = "A\\nBcc: x"', "one line"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=told):
        settings(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "", "maria", "@example.com", "maria@", "a b@example.com", "ma\nria@example.com", "maria@exa mple.com",
        "é@b.example", "maria@example.com>", '"maria"@example.com', "a,b@example.com", "a@b@example.com",
        f"{'a' * 65}@example.com", f"a@{'b.' * 150}example", "a@-.\x00", "a@b..example",
        "maria@example.com\r\nBcc: x@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|domain|longer"):
        address(text)


@pytest.mark.parametrize("text", ["maria@example.com", "m.l+night@sub.example.com", "x@localhost"])
def test_addresses_are_kept_as_they_are(text: str) -> None:
    assert address(text) == text
