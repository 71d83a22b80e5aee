"""What an agent's sensors last read, as columns beside an episode's rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.episode import Episode
from bridge.recording.reader import Recording
from bridge.recording.rows import Rows
from bridge.sensors.numbers import COLUMNS, is_a_row, numbers
from bridge.sensors.readings import Fix, Imu


@dataclass(frozen=True)
class SensorColumn:
    """One sensor whose readings have one `shape`; `names` of its numbers where each has one."""

    sensor: str
    shape: tuple[int, ...]
    names: tuple[str, ...] | None

    @property
    def width(self) -> int:
        """How many numbers a reading has."""
        return int(np.prod(self.shape))


def sensor_columns(recording: Recording, agent: str) -> tuple[SensorColumn, ...]:
    """The sensors of an agent that can be columns; boxes and touches, of which there are now more and now less, cannot."""
    found = []
    for sensor in recording.sensors().get(agent, ()):
        number = next(
            number
            for number in range(recording.event_count)
            if sensor in recording.reading_kinds(number).get(agent, ())
        )
        first = recording.reading(number, agent, sensor)
        if is_a_row(first):
            names = COLUMNS["imu"] if isinstance(first, Imu) else COLUMNS["gps"] if isinstance(first, Fix) else None
            found.append(SensorColumn(sensor, numbers(first).shape, names))
    return tuple(found)


def sensor_rows(
    recording: Recording, episode: Episode, rows: Rows, agent: str, column: SensorColumn
) -> NDArray[np.float32]:
    """The last reading at each row, flat, shape (n, width); zeros before the first of the episode."""
    found = np.zeros((len(rows.numbers), column.width), np.float32)
    at = [
        number
        for number in range(episode.first, int(rows.numbers[-1]) + 1)
        if column.sensor in recording.reading_kinds(number).get(agent, ())
    ]
    last = np.searchsorted(at, rows.numbers, side="right") - 1
    for index in np.unique(last[last >= 0]).tolist():
        found[last == index] = numbers(recording.reading(at[index], agent, column.sensor)).reshape(-1)
    return found
