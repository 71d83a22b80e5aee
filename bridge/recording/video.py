"""Frames as an MP4: H.264, by default with a key frame every other picture, so that readers find any of them quickly."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, Unavailable


class VideoWriter:
    """Writes pictures uint8 (H,W,3) sRGB, all of one size; `count` is how many there are, `bytes` what is packed so far.

    `threads` pack them; 0 lets the encoder choose. Small pictures are packed soonest by one.
    """

    def __init__(self, path: Path, fps: Fraction, crf: int = 18, key_every: int = 2, threads: int = 0):
        try:
            import av
        except ImportError as error:
            raise Unavailable('Videos need PyAV. Install it: pip install "simbridge[video]"') from error
        self._av, self._fps = av, fps
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = av.open(str(path), "w")
        options = {"crf": str(crf), "g": str(key_every), **({"threads": str(threads)} if threads else {})}
        self._stream = self._file.add_stream("libx264", rate=fps, options=options)
        self._size: tuple[int, int] | None = None
        self.path, self.count, self.bytes = path, 0, 0

    def add(self, rgb: NDArray[np.uint8]) -> None:
        """The next picture. Raises InvalidInput for another size."""
        size = rgb.shape[:2]
        if self._size is None:
            self._size = size
            self._stream.height, self._stream.width = size
            self._stream.pix_fmt = self.pixel_format
            self._stream.time_base = 1 / self._fps
        if size != self._size:
            raise InvalidInput(f"{self.path.name}: picture {self.count} is {size}; the ones before are {self._size}.")
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        frame.pts, frame.time_base = self.count, 1 / self._fps
        packets = self._stream.encode(frame)
        self._file.mux(packets)
        self.count += 1
        self.bytes += sum(packet.size for packet in packets)

    @property
    def pixel_format(self) -> str:
        """Half the colour resolution, which every player reads, but for odd sizes, which have no half."""
        return "yuv420p" if self._size is None or not any(side % 2 for side in self._size) else "yuv444p"

    def close(self) -> None:
        """Ends the file."""
        if self.count:
            self._file.mux(self._stream.encode())
        self._file.close()
