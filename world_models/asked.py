"""What every world model refuses: a past without a moment, a course that does not follow it, no samples."""

import numpy as np

from bridge.errors import InvalidInput
from bridge.imagination import Course, Past


def check_asked(past: Past, course: Course, samples: int) -> None:
    """Raises InvalidInput unless a past has moments, the course's are later, in order and with a pose each, and a sample is asked for."""
    seen, n = len(past.times_s), len(course.times_s)
    if not seen or past.rgb.shape[:1] != (seen,) or past.body.shape != (seen, 7):
        raise InvalidInput(
            f"The past has {seen} times, pictures of the shape {past.rgb.shape} and a body of {past.body.shape}. Give at least "
            "one moment, rgb (t,v,H,W,3) and body (t,7)."
        )
    if not n or course.body.shape != (n, 7):
        raise InvalidInput(f"The course has {n} times and a body of {course.body.shape}. Give one pose (7,) a time.")
    if (np.diff(np.concatenate([past.times_s[-1:], course.times_s])) <= 0).any():
        raise InvalidInput(
            f"The course's times {course.times_s.tolist()} do not come one after the other after the past's last, "
            f"{float(past.times_s[-1]):g} s."
        )
    if samples < 1:
        raise InvalidInput(f"{samples} samples were asked for. Ask for 1 or more.")
