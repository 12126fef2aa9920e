"""How the program that reads strangers' files is called, and what is understood of what it says."""

import socket
import subprocess
import threading
from pathlib import Path

import pytest

from tests import videos
from xianyu.adapters import ffmpeg

ALWAYS = ffmpeg.Limits(float("inf"), lambda: False)
NOWHERE = ["-f", "null", "-"]


def test_the_program_knows_nothing_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its environment nor its terminal."""
    monkeypatch.setenv("XIANYU_SECRET_KEY", "hidden")
    seen: list[dict[str, object]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            seen.append(options)
            super().__init__(*args, **options)  # type: ignore[call-overload]  # whatever was asked for

    path = tmp_path / "video.mp4"
    path.write_bytes(videos.mp4())
    monkeypatch.setattr(subprocess, "Popen", Watched)
    assert ffmpeg.probe(path, "mov", ALWAYS).video == "h264"
    assert [(options["env"], options["stdin"]) for options in seen] == [({}, subprocess.DEVNULL)]


def play_list(address: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n".encode()


@pytest.mark.parametrize("container", ["mov", "matroska"])
def test_a_list_of_other_files_is_no_video(tmp_path: Path, container: ffmpeg.Container) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(videos.mp4())
    for data in (play_list(f"file://{other}"), f"ffconcat version 1.0\nfile {other.name}\n".encode()):
        path = tmp_path / "list.mp4"
        path.write_bytes(data)
        with pytest.raises(ffmpeg.Failed):
            ffmpeg.probe(path, container, ALWAYS)
        with pytest.raises(ffmpeg.Failed):
            ffmpeg.convert(path, container, NOWHERE, ALWAYS)


def test_nothing_is_asked_of_the_network(tmp_path: Path) -> None:
    """Not even where the program was told to take a file for a play list."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def listen() -> None:
            connection, _ = server.accept()
            asked.append(connection.recv(100))
            connection.close()

        listening = threading.Thread(target=listen)
        listening.start()
        path = tmp_path / "list.m3u8"
        path.write_bytes(play_list(f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"))
        with pytest.raises(ffmpeg.Failed):
            ffmpeg.convert(path, "hls", NOWHERE, ALWAYS)  # type: ignore[arg-type]  # what the site never says
        assert asked == []
        # What the test would have seen.
        with socket.create_connection(server.getsockname()) as own:
            own.sendall(b"GET")
        listening.join()
        assert asked == [b"GET"]


def test_other_decoders_stay_shut(tmp_path: Path) -> None:
    """A picture sequence in a movie's container, which the program could read but no camera writes."""
    path = tmp_path / "video.mov"
    path.write_bytes(videos.made("mov", *videos.picture(), "-c:v", "qtrle", seconds=1))
    with pytest.raises(ffmpeg.Failed):
        ffmpeg.convert(path, "mov", NOWHERE, ALWAYS)


def test_a_picture_that_grows_beyond_all_bounds_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(videos.mp4())
    ffmpeg.convert(path, "mov", NOWHERE, ALWAYS)
    monkeypatch.setattr(ffmpeg, "MAX_PIXELS", 320 * 240 // 2)
    with pytest.raises(ffmpeg.Failed):
        ffmpeg.convert(path, "mov", NOWHERE, ALWAYS)


def test_texts_in_a_file_do_not_pass_for_what_the_program_says() -> None:
    said = """Input #0, mov, from 'file:x':
  Metadata:
    title           : x
                    :   Duration: 00:00:01.00, start
                    : Stream #0:0: Video: h264 (High), yuv420p, 320x240
  Duration: 00:02:05.50, start: 0.000000, bitrate: 137 kb/s
  Stream #0:0[0x1](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, x/x/smpte2084), 1920x1080
    Side data:
      Display Matrix: rotation of -90.00 degrees
  Stream #0:1[0x2](und): Audio: opus, 48000 Hz, mono, fltp
"""
    assert ffmpeg.parse(said) == ffmpeg.Facts(
        125_500, "hevc", "yuv420p10le", 1920, 1080, -90, is_plain=True, is_hdr=True, audio="opus"
    )
