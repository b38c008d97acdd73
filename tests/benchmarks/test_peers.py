"""Peers are asked fairly: whole numbers, 0 for the same picture, and the nearer of two registered codes."""

import numpy as np

from benchmarks.peers import BITS, COSINE, Peer, PeerRegister, peers
from tests.benchmarks.test_transforms import texture


def test_bits_are_counted() -> None:
    codes = np.array([[0b1111_0000], [0b0000_0001]], np.uint8)

    assert BITS.apart(codes, np.array([[0b1111_0001], [0]], np.uint8)).tolist() == [[1, 4], [4, 1]]
    assert BITS.words(12) == "12 bits"


def test_cosine_distances_are_thousandths() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8]], np.float32)

    assert COSINE.apart(vectors, np.array([[1, 0], [0, 1], [-1, 0]], np.float32)).tolist() == [
        [0, 1000, 2000],
        [400, 200, 1600],
    ]
    assert COSINE.words(709) == "cosine distance 0.709"


def test_every_peer_knows_a_registered_picture_from_another() -> None:
    pictures = [texture(1), texture(2)]

    for peer in peers():
        near, far = PeerRegister.of(peer, pictures).distances(pictures[0])
        assert near < far / 2


def test_a_picture_counts_with_the_nearest_of_its_codes() -> None:
    def codes(found: np.ndarray) -> np.ndarray:
        return np.stack([found, ~found])

    peer = Peer(name="both", registered=codes, delivered=lambda found: found[None])

    distances = PeerRegister.of(peer, [np.array([0xFF], np.uint8), np.array([0x0F], np.uint8)]).distances(
        np.array([0x00], np.uint8)
    )

    assert distances.tolist() == [0, 4]
