"""What the documents say is so: commands, settings, codes, links, tests and modules that they name are there."""

import configparser
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from scanner import __version__
from scanner.cli import cli
from scanner.examine import formats_page
from scanner.mail_settings import RecipientTable
from scanner.model import Code, Outcome
from scanner.outward import TellingTable
from scanner.pipeline import handle
from scanner.policy.findings_page import page
from scanner.policy.handbook import HANDBOOK
from scanner.settings import Door, Settings, default_policy, default_text, read_policy, read_settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")) if path.exists()
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
GUIDE = (ROOT / "docs/operators-guide.md").read_text(encoding="utf-8")
UNIT = ROOT / "config/systemd/scanner.service"
README = ROOT / "README.md"
needs_readme = pytest.mark.skipif(not README.exists(), reason="there is no README yet")

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`(scanner [^`\n]+)`")
HOST = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:org|com|net|io|dev|eu|cloud|ai)\b")
ABSOLUTE = re.compile(r"(?<![\w.~:/*>)}<-])/[A-Za-z][\w.-]*(?:/[\w.-]+)*")

KNOWN_HOSTS = {"keepachangelog.com", "semver.org", "db.example.com", "hooks.example.com", "mail.example.com"}
ELSEWHERE = (
    "/live",
    "/ready",
    "/metrics",
    "/opt/scanner",
    "/srv/scanner",
    "/etc/systemd",
    "/etc/scanner",
    "/usr/sbin/nologin",
)


def prose(text: str) -> str:
    """A document without its blocks of code."""
    return FENCE.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    return [body for name, body in FENCE.findall(text) if name == language]


def shell_commands(text: str) -> list[list[str]]:
    """The words of every `scanner` command in a document's shell blocks, without redirections."""
    lines = [line for block in blocks(text, "sh") for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines for command in split(line) if (words := of_scanner(command)) is not None]


def split(line: str) -> list[list[str]]:
    """The commands of one line, at `&&`, `|`, `;` and `&`; what is redirected is left out."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    commands: list[list[str]] = [[]]
    redirected = False
    for word in words:
        if set(word) <= set("<>"):
            redirected = True
            if commands[-1] and commands[-1][-1].isdigit():
                commands[-1].pop()
        elif set(word) <= set("();&|"):
            commands.append([])
            redirected = False
        elif not redirected:
            commands[-1].append(word)
        else:
            redirected = False
    return commands


def of_scanner(command: list[str]) -> list[str] | None:
    """The arguments of a command that calls scanner, by itself or after `--`; None for any other."""
    words = command[command.index("--") + 1 :] if "--" in command[:-1] else command
    while words and re.match(r"\w+=", words[0]):
        words = words[1:]
    return words[1:] if words and Path(words[0]).name == "scanner" else None


def resolve(words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The command that these words call, and the words that are left for it."""
    command: click.Command = cli
    context = click.Context(cli, info_name="scanner")
    while isinstance(command, click.Group):
        _, words, _ = command.make_parser(context).parse_args(list(words))
        if not words:
            break
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {name!r}"
        command, context = found, click.Context(found, info_name=name, parent=context)
    return command, context, words


def options_of(context: click.Context) -> set[str]:
    """The names of all options that may stand at this point."""
    chain: list[click.Command] = []
    here: click.Context | None = context
    while here is not None:
        chain.append(here.command)
        here = here.parent
    return {
        name
        for command in chain
        for parameter in command.get_params(click.Context(command))
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {
        slug(heading) for heading in re.findall(r"^#+ (.+)$", prose(path.read_text(encoding="utf-8")), re.MULTILINE)
    }


def section(text: str, heading: str) -> str:
    """What stands below a heading (written with its marks), up to the next one of its level."""
    level = heading.partition(" ")[0]
    return text.split(f"\n{heading}\n")[1].split(f"\n{level} ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, headings of columns included."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


SHELL = [
    pytest.param(words, id=f"{name}: scanner {' '.join(words)}"[:120])
    for name, path in zip(NAMES, DOCUMENTS, strict=True)
    for words in shell_commands(path.read_text(encoding="utf-8"))
]
QUOTED = sorted({
    (name, quoted)
    for name, path in zip(NAMES, DOCUMENTS, strict=True)
    for quoted in INLINE.findall(prose(path.read_text(encoding="utf-8")))
})  # fmt: skip


@pytest.mark.parametrize("words", SHELL)
def test_every_command_in_a_shell_block_is_understood(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for word in words:
        if Path(word).suffix in (".csv", ".json", ".xlsx"):
            Path(word).touch()

    command, context, rest = resolve(words)

    assert not isinstance(command, click.Group), "a group by itself does nothing"
    command.make_context(context.info_name, rest, parent=context.parent).close()


@pytest.mark.parametrize(("name", "quoted"), QUOTED)
def test_every_command_in_the_text_exists(name: str, quoted: str) -> None:
    words = [word for word in quoted.split()[1:] if word != "\N{HORIZONTAL ELLIPSIS}"]
    path = [word for word in words if not word.startswith("-")]

    command: click.Command = cli
    context = click.Context(cli, info_name="scanner")
    while isinstance(command, click.Group) and path:
        found = command.get_command(context, path.pop(0))
        assert found is not None, f"{name}: {quoted}"
        command, context = found, click.Context(found, parent=context)

    named = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert named <= options_of(context) | {"--help", "-h"}


def test_the_documents_show_commands() -> None:
    assert len(SHELL) > 10
    assert len(QUOTED) > 10


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    path = ROOT / name
    broken = []
    for link in LINK.findall(prose(path.read_text(encoding="utf-8"))):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        place = (path.parent / target).resolve() if target else path
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(link)

    assert not broken


@pytest.mark.parametrize("name", NAMES)
def test_no_document_names_a_host_that_is_not_expected(name: str) -> None:
    assert set(HOST.findall((ROOT / name).read_text(encoding="utf-8"))) <= KNOWN_HOSTS


@pytest.mark.parametrize("name", [*NAMES, "config/systemd/scanner.service"])
def test_no_document_names_a_path_of_some_machine(name: str) -> None:
    found = ABSOLUTE.findall((ROOT / name).read_text(encoding="utf-8"))

    assert not [path for path in found if not path.startswith(ELSEWHERE)]


def test_the_page_of_findings_is_the_handbook_s() -> None:
    written = (ROOT / "docs/findings.md").read_text(encoding="utf-8")

    assert written == page(default_policy()), "rewrite it: python -m scanner.policy.findings_page > docs/findings.md"


def test_the_page_of_formats_is_what_the_program_does() -> None:
    written = (ROOT / "docs/formats.md").read_text(encoding="utf-8")

    assert written == formats_page.page(), "rewrite it: python -m scanner.examine.formats_page > docs/formats.md"


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_heading_that_can_be_linked_to(code: Code) -> None:
    assert code.lower() in anchors(ROOT / "docs/findings.md")


@needs_readme
@pytest.mark.parametrize("code", list(Code))
def test_the_readme_says_of_every_code_what_the_handbook_says(code: Code) -> None:
    row = f"| [{code}](docs/findings.md#{code.lower()}) | {HANDBOOK[code].says} |"

    assert row in README.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("code", list(Code))
def test_the_guide_says_what_to_do_at_every_code(code: Code) -> None:
    told = {row[0]: row[1:] for row in rows(section(GUIDE, "## What to do at each finding"))}

    outcome, what_to_do = told[f"`{code}`"]

    assert outcome == default_policy().outcomes[code].label
    assert what_to_do


@needs_readme
@pytest.mark.parametrize("outcome", list(Outcome))
def test_exit_codes_in_the_readme_are_those_of_the_outcomes(outcome: Outcome) -> None:
    table = {row[0]: row[-1] for row in rows(README.read_text(encoding="utf-8"))}

    assert table[outcome.label] == str(outcome.exit_code)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_exit_codes_in_the_guide_are_those_of_the_outcomes(outcome: Outcome) -> None:
    table = {row[0]: row[1] for row in rows(section(GUIDE, "## The four outcomes"))}

    assert table[outcome.label] == str(outcome.exit_code)


def table_of_settings(heading: str) -> dict[str, str]:
    """Key to default, as the guide writes them."""
    told = rows(section(GUIDE, f"### {heading}"))
    return {row[0].strip("`"): row[1].strip("`") for row in told if row[0].startswith("`")}


LISTED = ("doors.", "telling.", "recipients.")


def settings_of_the_program() -> dict[str, Any]:
    """Every key of scanner.toml with its default, as the program has them."""
    return {
        f"{table}.{key}": value
        for table, field in Settings.model_fields.items()
        if table not in ("home", "doors", "telling", "recipients")
        for key, value in field.default.model_dump(mode="json").items()
    }


def flat(tables: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()}


def test_the_guide_names_every_setting_with_its_default() -> None:
    told = {key: text for key, text in table_of_settings("scanner.toml").items() if not key.startswith(LISTED)}

    assert {key: tomllib.loads(f"x = {text}")["x"] for key, text in told.items()} == settings_of_the_program()


def test_the_settings_file_has_every_setting_with_its_default() -> None:
    assert flat(tomllib.loads(default_text("scanner.toml"))) == settings_of_the_program()


def test_the_guide_names_every_setting_of_a_door() -> None:
    told = {key: text for key, text in table_of_settings("scanner.toml").items() if key.startswith("doors.")}

    defaults = {
        f"doors.{key}": "required" if field.is_required() else f'"{field.default}"' if field.default else "none"
        for key, field in Door.model_fields.items()
    }

    assert told == defaults


def test_the_guide_names_every_setting_of_a_target() -> None:
    told = {key: text for key, text in table_of_settings("scanner.toml").items() if key.startswith("telling.")}

    defaults = {
        f"telling.{key}": "required" if field.is_required() else _written(field.default)
        for key, field in TellingTable.model_fields.items()
    }

    assert told == defaults


def test_the_guide_names_every_setting_of_a_recipient() -> None:
    told = {key: text for key, text in table_of_settings("scanner.toml").items() if key.startswith("recipients.")}

    assert told == {
        f"recipients.{key}": '""' if field.default == "" else _written(field.default)
        for key, field in RecipientTable.model_fields.items()
    }


def _written(default: object) -> str:
    return "none" if default is None else "[]" if default == () else str(default)


def test_the_guide_names_every_key_of_the_policy_with_its_default() -> None:
    told = {key: text for key, text in table_of_settings("policy.toml").items() if not key.startswith("outcomes")}
    policy = tomllib.loads(default_text("policy.toml"))

    assert {key: tomllib.loads(f"x = {text}")["x"] for key, text in told.items()} == flat(
        {table: keys for table, keys in policy.items() if not table.startswith("outcomes")}
    )


@pytest.mark.parametrize("block", blocks(GUIDE, "toml"))
def test_every_example_of_settings_is_valid(block: str, tmp_path: Path) -> None:
    name = block.splitlines()[0].removeprefix("# ")
    if name == "policy.toml":
        (tmp_path / name).write_text(f"{default_text('policy.toml')}\n{block}", encoding="utf-8")
        read_policy(tmp_path / name)
    else:
        (tmp_path / "scanner.toml").write_text(block, encoding="utf-8")
        read_settings(tmp_path / "scanner.toml")


def test_every_module_stands_in_the_architecture() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    modules = {f"{path.name}" for path in ROOT.glob("scanner/*.py") if path.name != "__init__.py"}
    packages = {f"{path.parent.name}/" for path in ROOT.glob("scanner/*/__init__.py")}

    assert not [name for name in modules | packages if f"`{name}`" not in text]


def test_every_module_in_the_architecture_is_there() -> None:
    table = section((ROOT / "docs/architecture.md").read_text(encoding="utf-8"), "## Layers")
    named = {name for row in rows(table)[1:] for name in re.findall(r"`([\w/.]+)`", row[1])}

    assert not [name for name in named if not (ROOT / "scanner" / name).exists()]


def test_the_layers_in_the_architecture_stand_in_the_order_that_is_enforced() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    rank = {name: number for number, layer in enumerate(layers) for name in layer.split(" | ")}
    table = section((ROOT / "docs/architecture.md").read_text(encoding="utf-8"), "## Layers")
    named = [name for row in rows(table)[1:] for name in re.findall(r"`([\w/.]+)`", row[1])]

    ranks = [rank[name.removesuffix("/").removesuffix(".py")] for name in named]

    assert ranks == sorted(ranks)


def test_the_steps_in_the_architecture_are_those_of_the_pipeline() -> None:
    steps: list[str] = []

    def named(name: str, step: object, *arguments: object) -> str:
        steps.append(name)
        return ""

    handle(None, "any", run=named)  # type: ignore[arg-type]
    walked = section((ROOT / "docs/architecture.md").read_text(encoding="utf-8"), "## One delivery, walked")

    assert [row[0] for row in rows(walked)[1:]] == steps


def test_every_test_that_a_document_names_is_there() -> None:
    named = {
        match
        for path in DOCUMENTS
        for match in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", path.read_text("utf-8"))
    }

    assert len(named) > 20
    assert not [
        f"{file}::{test}"
        for file, test in sorted(named)
        if not (ROOT / file).exists() or f"def {test}(" not in (ROOT / file).read_text("utf-8")
    ]


DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_says_why_and_what_it_costs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {path.name[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Consequences"]
    assert "- Negative: " in text


def test_the_changelog_is_about_this_version() -> None:
    assert __version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def unit() -> configparser.SectionProxy:
    """The [Service] section of the systemd unit."""
    parser = configparser.RawConfigParser(strict=False, comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT, encoding="utf-8")
    return parser["Service"]


def test_the_unit_calls_a_command_that_is_there(unit: configparser.SectionProxy) -> None:
    command, context, rest = resolve(shlex.split(unit["ExecStart"])[1:])

    command.make_context(context.info_name, rest, parent=context.parent).close()


def test_the_unit_waits_longer_than_the_daemon_takes_to_stop(unit: configparser.SectionProxy) -> None:
    assert int(unit["TimeoutStopSec"]) > settings_of_the_program()["watching.stop_seconds"]


def test_the_unit_writes_below_one_folder_only_because_a_rename_cannot_cross_mounts() -> None:
    assert len(re.findall(r"^ReadWritePaths=\S+$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)) == 1


def test_the_unit_stops_the_daemon_and_not_what_it_examines_with(unit: configparser.SectionProxy) -> None:
    assert unit["KillMode"] == "mixed"
    assert unit["OOMPolicy"] == "continue"


def test_the_unit_does_not_start_again_with_wrong_settings(unit: configparser.SectionProxy) -> None:
    assert unit["RestartPreventExitStatus"] == "3"
