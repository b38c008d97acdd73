import pytest

from scanner.errors import RegisterInputError, UnknownIdError
from scanner.model import ApprovalStatus, Scope
from scanner.store import Store

from .values import HOUR, NOON, approval


def test_an_approval_comes_back_exactly(store: Store) -> None:
    whole = approval(approver_role="VFX", valid_from=NOON, document="letter\x00.pdf", note="\udcff")

    store.add_approval(whole)

    assert store.approval("approval-a") == whole


def test_the_same_approval_twice_is_the_one_that_is_there(store: Store) -> None:
    store.add_approval(approval())

    assert store.add_approval(approval(created_at=NOON + HOUR)) == (approval(), False)


def test_a_revoked_approval_given_again_stays_revoked(store: Store) -> None:
    store.add_approval(approval())
    revoked = store.revoke("approval-a", by="ada", reason="mistake", at=NOON)

    assert store.add_approval(approval()) == (revoked, False)


def test_an_id_with_other_content_is_refused(store: Store) -> None:
    store.add_approval(approval())

    with pytest.raises(RegisterInputError, match=r"'approval-a'.*other content"):
        store.add_approval(approval(scope=Scope()))


def test_no_approval_of_a_batch_goes_in_when_one_is_refused(store: Store) -> None:
    with pytest.raises(RegisterInputError, match="Nothing was registered"):
        store.add_approvals([approval("a"), approval("b"), approval("b", status=ApprovalStatus.DENIED)])

    assert store.approvals() == ()


def test_one_approval_twice_in_a_batch_goes_in_once(store: Store) -> None:
    same = approval()

    assert store.add_approvals([same, same]) == [(same, True), (same, False)]


def test_an_unknown_approval_is_told(store: Store) -> None:
    with pytest.raises(UnknownIdError, match="'approval-z'"):
        store.approval("approval-z")


def test_approvals_of_one_title_are_listed(store: Store) -> None:
    store.add_approvals([approval("a"), approval("b", title="Other Film")])

    assert store.approvals(title="Other Film") == (approval("b", title="Other Film"),)


def test_approvals_are_listed_oldest_first(store: Store) -> None:
    store.add_approvals([approval("a", created_at=NOON + HOUR), approval("b")])

    assert [item.approval_id for item in store.approvals()] == ["approval-b", "approval-a"]


def test_a_revoked_approval_says_when_by_whom_and_why(store: Store) -> None:
    store.add_approval(approval())

    revoked = store.revoke("approval-a", by="ada", reason="mistake", at=NOON)

    assert (revoked.revoked_at, revoked.revoked_by, revoked.revoked_reason) == (NOON, "ada", "mistake")


def test_the_first_revocation_stands(store: Store) -> None:
    store.add_approval(approval())
    first = store.revoke("approval-a", by="ada", reason="mistake", at=NOON)

    assert store.revoke("approval-a", by="grace", reason="other", at=NOON + HOUR) == first


def test_an_unknown_approval_cannot_be_revoked(store: Store) -> None:
    with pytest.raises(UnknownIdError):
        store.revoke("approval-z", by="ada", reason="mistake", at=NOON)


def test_approvals_and_their_revocation_raise_the_version_of_the_register(store: Store) -> None:
    store.add_approval(approval())
    added = store.register_state(NOON)
    store.revoke("approval-a", by="ada", reason="mistake", at=NOON)

    assert added.approvals == 1
    assert store.register_state(NOON).version > added.version > 0


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        store.add_approval(approval(valid_to=NOON.replace(tzinfo=None)))
