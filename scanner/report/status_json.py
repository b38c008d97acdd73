"""What is where as JSON values, for programs. Absent is null; times are UTC."""

from scanner.model import Order, Recall, Server
from scanner.report.json_text import Json, instant
from scanner.report.status import Blocked, InDrop, OnBench, Status


def status_object(status: Status) -> dict[str, Json]:
    """Everything as JSON values."""
    return {
        "at": instant(status.at),
        "studio": status.studio,
        "daemon_runs": status.running,
        "needs_a_person": status.needs_a_person,
        "problems": list(status.problems),
        "servers": [_server_object(server) for server in status.servers],
        "orders": [_order_object(order) for order in status.orders],
        "drop": [_drop_object(each) for each in status.drop],
        "bench": [_bench_object(each) for each in status.bench],
        "blocked": [_blocked_object(each) for each in status.blocked],
        "recalls": [_recall_object(recall) for recall in status.recalls],
        "rooms": [{"folder": room.folder, "ok": room.ok, "told": room.told} for room in status.rooms],
        "canary_at": instant(status.canary_at),
        "unsent": status.unsent,
    }


def _server_object(server: Server) -> dict[str, Json]:
    return {
        "name": server.name,
        "instance": server.instance,
        "host": server.host,
        "process": server.process,
        "state": server.state.value,
        "started_at": instant(server.started_at),
        "seen_at": instant(server.seen_at),
        "silent_seconds": round(server.silent_seconds, 1),
    }


def _order_object(order: Order) -> dict[str, Json]:
    return {
        "name": order.name,
        "value": order.value,
        "by": order.by,
        "reason": order.reason,
        "at": instant(order.at),
    }


def _drop_object(each: InDrop) -> dict[str, Json]:
    return {
        "door": each.door,
        "name": each.name,
        "why": each.why,
        "size": each.size,
        "changed_at": instant(each.changed_at),
        "stuck": each.stuck,
    }


def _bench_object(each: OnBench) -> dict[str, Json]:
    return {
        "delivery_id": each.delivery_id,
        "name": each.name,
        "title": each.title,
        "received_at": instant(each.received_at),
        "stage": each.stage,
        "priority": each.priority.value if each.priority else None,
        "begun": each.begun,
        "step": each.step,
        "step_since": instant(each.step_since),
        "server": each.server,
        "known": each.known,
    }


def _blocked_object(each: Blocked) -> dict[str, Json]:
    return {
        "delivery_id": each.delivery_id,
        "name": each.name,
        "title": each.title,
        "vendor": each.vendor,
        "outcome": each.outcome.label,
        "since": instant(each.since),
        "waits_on": each.waits_on,
        "code": each.code.value if each.code else None,
        "message": each.message,
        "clears_when": each.clears_when,
        "place": each.place,
    }


def _recall_object(recall: Recall) -> dict[str, Json]:
    return {
        "recall_id": recall.recall_id,
        "delivery_id": recall.delivery_id,
        "outcome": recall.outcome.label,
        "asset": recall.asset.name,
        "record_id": recall.asset.record_id,
        "at": instant(recall.at),
    }
