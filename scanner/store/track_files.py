"""Which deliveries of a title hold the track files that a later, supplemental package names."""

import re
from collections.abc import Collection

from sqlalchemy import Connection, Text, or_, select, type_coerce

from scanner.model import Member
from scanner.store.tables import deliveries, members

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_ASKED = 200


def track_files(connection: Connection, title: str, asset_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """For each of these UUIDs the newest delivery of the title whose asset map gives it to a file, and that member.

    Only UUIDs are asked for, and not more than two hundred.
    """
    asked = [asset_id for asset_id in asset_ids if _UUID.fullmatch(asset_id)][:_MOST_ASKED]
    if not asked:
        return {}
    text = type_coerce(members.c.document, Text)
    rows = connection.execute(
        select(members.c.delivery_id, members.c.document)
        .join(deliveries, deliveries.c.delivery_id == members.c.delivery_id)
        .where(deliveries.c.title == title, or_(*(text.contains(f'"{asset_id}"') for asset_id in asked)))
        .order_by(deliveries.c.received_at, members.c.delivery_id)
    )
    found: dict[str, tuple[str, str]] = {}
    for delivery_id, member in rows:
        assert isinstance(member, Member)
        found |= {asset_id: (delivery_id, member.name) for asset_id in asked if asset_id in member.asset_ids}
    return found
