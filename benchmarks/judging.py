"""How long the judgement of one delivery takes as the register and the past grow.

    python -m benchmarks.judging [--records 100000] [--evidence 1000000] [--approvals 1000] [--url postgresql://…]

Fills a database with records that say everything, with approvals of the same title, and with the evidence of past
deliveries; then judges a delivery that shows `--shown` of the records, from stored evidence to verdict, as the daemon
does when something changes. Prints the median and the worst of `--times` runs.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert  # noqa: E402

from scanner.model import (  # noqa: E402
    AiUse,
    Answer,
    Approval,
    ApprovalStatus,
    AssetRef,
    Coverage,
    Delivery,
    DropClass,
    ElementKind,
    Identical,
    MediaKind,
    Member,
    MemberEvidence,
    Outcome,
    PaperKind,
    Particulars,
    Principles,
    Prominence,
    Scope,
    Socialised,
    Stage,
    Step,
    Use,
    Verdict,
)
from scanner.policy.judge import judge  # noqa: E402
from scanner.store import papers, tables  # noqa: E402
from scanner.store.codec import as_json  # noqa: E402
from scanner.studio import Studio  # noqa: E402
from tests.studio import new_home  # noqa: E402

TITLE = "Night Harbour"
NOW = datetime.now(UTC)
_AT_ONCE = 5_000
_EVIDENCE_EACH = 100


def main() -> None:
    """Fill, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--evidence", type=int, default=1_000_000)
    parser.add_argument("--approvals", type=int, default=1_000)
    parser.add_argument("--shown", type=int, default=20)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--url", help="a PostgreSQL database instead of SQLite")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="judging-"))
    try:
        home = new_home(folder / "studio", url=given.url)
        with home.open() as studio:
            begun = time.monotonic()
            _fill(studio, given)
            print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)
            _measure(studio, given)
    finally:
        shutil.rmtree(folder)


def _measure(studio: Studio, given: argparse.Namespace) -> None:
    delivery = _delivery("delivery-now")
    step = max(1, given.records // given.shown)
    assets = [_asset(number * step) for number in range(given.shown)]
    shown = tuple(Identical(asset=asset, file=delivery.members[0].name) for asset in assets)
    members = (MemberEvidence(member=delivery.members[0], coverage=Coverage(), evidence=shown),)
    parts: list[tuple[float, float]] = []
    verdict: Verdict | None = None
    for _ in range(given.times):
        begun = time.perf_counter()
        case = studio.case(delivery, members, studio.kept.register_state(NOW))
        read = time.perf_counter()
        verdict = judge(case, studio.policy)
        parts.append((read - begun, time.perf_counter() - read))
    whole = [(a + b) * 1000 for a, b in parts]
    print(
        f"{given.records:,} records, {given.approvals:,} approvals of the title, {given.evidence:,} rows of evidence, "
        f"{given.shown} records shown, {len(verdict.findings) if verdict else 0} findings: "
        f"median {statistics.median(whole):.1f} ms, worst {max(whole):.1f} ms "
        f"(reading {statistics.median(a for a, _ in parts) * 1000:.1f}, "
        f"judging {statistics.median(b for _, b in parts) * 1000:.1f})"
    )


def _fill(studio: Studio, given: argparse.Namespace) -> None:
    database = studio.kept._database  # rows by the hundred thousand: no method of the store writes those
    with database.writing() as connection:
        connection.execute(insert(tables.titles).values(title=TITLE))
        for rows in _shares(_record(number) for number in range(given.records)):
            connection.execute(insert(tables.records), rows)
        for rows in _shares(_asset_row(number) for number in range(given.records)):
            connection.execute(insert(tables.assets), rows)
        for rows in _shares(_paper(number) for number in range(given.records)):
            connection.execute(insert(tables.papers), rows)
    for number in range(given.approvals):
        studio.kept.add_approval(_approval(number))
    with database.writing() as connection:
        for number in range(given.evidence // _EVIDENCE_EACH):
            _past(connection, number)


def _shares(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    share: list[dict[str, Any]] = []
    for row in rows:
        share.append(row)
        if len(share) == _AT_ONCE:
            yield share
            share = []
    if share:
        yield share


def _record(number: int) -> dict[str, Any]:
    return {
        "record_id": f"PR-{number}",
        "title": TITLE,
        "tool": "ComfyUI",
        "use": Use.FINAL,
        "created_by": "a benchmark",
        "created_at": NOW - timedelta(days=30),
    }


def _asset_row(number: int) -> dict[str, Any]:
    return {
        "asset_id": f"asset-{number}",
        "record_id": f"PR-{number}",
        "position": 0,
        "title": TITLE,
        "name": f"{number}.png",
        "kind": MediaKind.STILL,
        "sha256": f"{number:064x}",
        "size": 1,
    }


def _asset(number: int) -> AssetRef:
    return AssetRef(asset_id=f"asset-{number}", record_id=f"PR-{number}", name=f"{number}.png")


def _paper(number: int) -> dict[str, Any]:
    yes = Answer.YES
    told = Particulars(
        element_kind=ElementKind.BACKGROUND,
        ai_use=AiUse.GENERATED,
        prominence=Prominence.INCIDENTAL,
        steps=(Step(number=1, tool_id="comfy", tool_version="1", used_from=NOW - timedelta(days=31), operator="ann"),),
        principles=Principles(p1=yes, p2=yes, p3=yes, p4=yes, p5=yes),
        socialised=Socialised(with_whom="the studio"),
    )
    return {
        "kind": PaperKind.RECORD,
        "paper_id": f"PR-{number}",
        "version": 1,
        "title": TITLE,
        "label": None,
        "content": as_json(papers.CONTENTS[PaperKind.RECORD], told),
        "digest": "0" * 64,
        "at": NOW,
        "by": "a benchmark",
        "reason": None,
    }


def _approval(number: int) -> Approval:
    return Approval(
        approval_id=f"ESC-{number}",
        title=TITLE,
        status=ApprovalStatus.APPROVED,
        scope=Scope(records=(f"PR-{number}",)),
        approver="Grace",
        decided_at=NOW - timedelta(days=40),
        created_at=NOW - timedelta(days=40),
    )


def _delivery(name: str) -> Delivery:
    member = Member(
        name="reel.mov",
        kind=MediaKind.VIDEO,
        format="mov",
        files=("reel.mov",),
        size=1,
        sha256="00",
        file_hashes=("00",),
    )
    return Delivery(
        delivery_id=name,
        name="reel.mov",
        origin="drop",
        title=TITLE,
        vendor="acme",
        drop_class=DropClass.FINAL,
        received_at=NOW,
        members=(member,),
    )


def _past(connection: Any, number: int) -> None:
    """A delivery of the past with its evidence, as rows."""
    delivery = replace(_delivery(f"past-{number}"), members=())
    columns = ("delivery_id", "name", "origin", "title", "vendor", "drop_class", "received_at")
    row = {name: getattr(delivery, name) for name in columns}
    connection.execute(insert(tables.deliveries).values(**row, refused=(), stage=Stage.CARRIED_OUT, verdicts=1))
    verdict = Verdict(
        delivery_id=delivery.delivery_id,
        outcome=Outcome.PASS,
        findings=(),
        coverage=(),
        approvals_used=(),
        examiner="a benchmark",
        policy="",
        register=None,
        judged_at=NOW,
    )
    connection.execute(
        insert(tables.verdicts).values(
            delivery_id=delivery.delivery_id, sequence=0, outcome=Outcome.PASS, judged_at=NOW, document=verdict
        )
    )
    rows = [
        {
            "delivery_id": delivery.delivery_id,
            "sequence": 0,
            "member_position": 0,
            "position": position,
            "member": "reel.mov",
            "kind": "identical",
            "document": Identical(asset=_asset(position), file="reel.mov"),
        }
        for position in range(_EVIDENCE_EACH)
    ]
    connection.execute(insert(tables.evidence), rows)


if __name__ == "__main__":
    main()
