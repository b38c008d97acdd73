"""What an examining process may not do, tried from inside one."""

import os
import select
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.examine.confine import Rights
from scanner.examine.pool import ExaminerPool
from scanner.model import MediaKind, Unreadable
from tests.media.making import encode, job, shot

from .limits import Limits

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def test_it_cannot_write(pool: ExaminerPool) -> None:
    assert not pool.rights().can_write


def test_its_memory_is_limited(pool: ExaminerPool) -> None:
    assert pool.rights().memory_bytes == Limits().memory_megabytes << 20


@LINUX
def test_it_has_no_network(pool: ExaminerPool) -> None:
    may_leave = subprocess.run(["unshare", "-Urn", "true"], capture_output=True, check=False).returncode == 0
    if os.geteuid() != 0 and not may_leave:
        pytest.skip("the kernel lets nobody leave the network here")

    assert not pool.rights().has_network


def test_rights_are_plain_values() -> None:
    assert Rights(memory_bytes=None, can_write=True, has_network=True).memory_bytes is None


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile 'http://127.0.0.1:{port}/a.ts'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<Period><AdaptationSet><Representation id='1' bandwidth='1' mimeType='video/mp4'>"
    "<BaseURL>http://127.0.0.1:{port}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
}


@pytest.mark.parametrize("taken_for", ["mp4", "mpegts", "heif", "exr"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_reaches_nothing(pool: ExaminerPool, tmp_path: Path, kind: str, taken_for: str) -> None:
    still = taken_for in ("heif", "exr")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)  # noqa: FBT003 - the socket's own way
        path = tmp_path / "list.mp4"
        path.write_text(PLAYLISTS[kind].replace("{port}", str(server.getsockname()[1])))
        asked = replace(job(path), kind=MediaKind.STILL if still else MediaKind.VIDEO, format=taken_for)

        examination = pool.examine(asked).examination

        assert any(isinstance(item, Unreadable) for item in examination.observations)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("kind", ["hls", "concat"])
def test_a_playlist_does_not_open_another_file_of_this_machine(pool: ExaminerPool, tmp_path: Path, kind: str) -> None:
    secret = encode(tmp_path / "secret.ts", shot(1, 24), "-c:v", "mpeg2video")
    path = tmp_path / "list.mp4"
    path.write_text(PLAYLISTS[kind].replace("http://127.0.0.1:{port}/a.ts", str(secret)))

    examination = pool.examine(replace(job(path), kind=MediaKind.VIDEO, format="mp4")).examination

    assert examination.coverage.frames_examined == 0


PARENT = """
import sys
from pathlib import Path
from dataclasses import replace
from scanner.examine.pool import ExaminerPool
from tests.examine.limits import Limits
from tests.media.making import job
from scanner.model import MediaKind

if __name__ == "__main__":
    pool = ExaminerPool(Limits())
    pool.rights()
    asked = replace(job(Path(__file__)), root=Path(sys.argv[1]), kind=MediaKind.VIDEO, format="mov")
    pool.begin(asked)
    print("ready", flush=True)
    sys.stdin.read()
"""


@LINUX
def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    pipe, script = tmp_path / "never-written", tmp_path / "parent.py"
    os.mkfifo(pipe)
    script.write_text(PARENT)
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, script, pipe]
    with subprocess.Popen(command, env=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        family = [os.pidfd_open(pid) for pid in descendants(parent.pid)]

        parent.kill()

        try:
            assert family
            assert all(is_over(member) for member in family)
        finally:
            for member in family:
                os.close(member)


def is_over(process: int) -> bool:
    """Whether the process behind a descriptor ends within ten seconds."""
    return bool(select.select([process], [], [], 10)[0])


def descendants(pid: int) -> list[int]:
    """Every process below this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, new = set(), {pid}
    while new := {child for child, parent in parents.items() if parent in new} - found:
        found |= new
    return sorted(found)
