"""Frames to H.264 in MP4 and VP9 in WebM, the same bytes for the same frames."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from ml_backend.atomic_file import replacing
from ml_backend.errors import BadOutput, MissingDependency

_BT709 = 1  # as ffmpeg numbers primaries, transfer, and matrix; what browsers assume for video
_LIMITED_RANGE = 1


@dataclass(frozen=True, slots=True)
class VideoCodec:
    """How one kind of file is encoded: encoder and its options, the container's options, scale of its quality."""

    title: str
    encoder: str
    options: dict[str, str]
    crf_per_quality: float = 1.0
    container_options: dict[str, str] = field(default_factory=dict)


# Bit-exact: no encoder version, no date, no random track id in the file.
H264 = VideoCodec(
    "MP4 (H.264)",
    "libx264",
    {"preset": "medium"},
    container_options={"movflags": "+faststart", "fflags": "+bitexact"},
)
VP9 = VideoCodec(
    "WebM (VP9)",
    "libvpx-vp9",
    {"b": "0", "deadline": "good", "cpu-used": "3", "row-mt": "0"},
    crf_per_quality=63 / 51,  # VP9 counts its quality to 63, H.264 to 51
    container_options={"fflags": "+bitexact"},
)


def require_encoder(encoder: str, title: str) -> None:
    """Raise MissingDependency when PyAV was built without this encoder."""
    try:
        av.Codec(encoder, "w")
    except ValueError as error:  # UnknownCodecError
        raise MissingDependency(
            f"{title} needs the encoder {encoder}, which this PyAV lacks.",
            hint="Reinstall it (pip install --force-reinstall av), or write another format: .mp4, .webm, .gif, "
            "or a folder of PNG frames.",
        ) from error


@contextmanager
def writing_video(
    path: Path, codec: VideoCodec, fps: float, loops: int, quality: int
) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that takes frames (H, W, 3) uint8; the file appears under its name when the block ends well.

    4:2:0 video has even sides: an odd frame gets its last column or row once more, so that nothing is cut off.
    """
    with replacing(path) as partial:
        partial.touch()  # a refusal before the first frame is rendered, not after the last
        rate = Fraction(fps).limit_denominator(1001)
        with av.open(str(partial), "w", container_options=codec.container_options) as container:
            stream = container.add_stream(codec.encoder, rate=rate)
            stream.pix_fmt = "yuv420p"
            stream.options = {**codec.options, "crf": str(round(quality * codec.crf_per_quality))}
            # x264 gives other bytes with other numbers of threads; one is the same on every machine.
            stream.codec_context.thread_count = 1
            _tag_colors(stream.codec_context)
            packets: list[av.Packet] = []
            count = 0

            def write(rgb: np.ndarray) -> None:
                nonlocal count
                if count == 0:
                    stream.height, stream.width = (side + side % 2 for side in rgb.shape[:2])
                packets.extend(_encode(stream, rgb, count))
                count += 1

            yield write
            if count == 0:
                raise BadOutput(f"{path.name} would have no frames.", hint="Render at least one frame.")
            packets.extend(stream.encode(None))
            _mux_loops(container, stream, packets, count, loops)


def _tag_colors(context: av.VideoCodecContext) -> None:
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED_RANGE


def _encode(stream: av.VideoStream, rgb: np.ndarray, number: int) -> list[av.Packet]:
    padded = np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
    frame = av.VideoFrame.from_ndarray(padded, format="rgb24").reformat(
        format="yuv420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )
    frame.pts = number
    frame.time_base = 1 / stream.codec_context.framerate
    return stream.encode(frame)


def _mux_loops(
    container: av.container.OutputContainer,
    stream: av.VideoStream,
    packets: list[av.Packet],
    count: int,
    loops: int,
) -> None:
    """Write the encoded loop several times: it starts with a key frame, so that its packets can follow its end."""
    for loop in range(loops):
        for packet in packets:
            copy = av.Packet(bytes(packet))  # a muxed packet is spent
            copy.stream = stream
            copy.time_base = packet.time_base
            shift = round(loop * count / stream.codec_context.framerate / packet.time_base)
            copy.pts, copy.dts = packet.pts + shift, packet.dts + shift
            copy.duration = packet.duration or round(1 / stream.codec_context.framerate / packet.time_base)
            copy.is_keyframe = packet.is_keyframe
            container.mux(copy)
