"""Which pictures are made of a sample: the shots of the data, and a strip seen by the photo's own camera."""

from ml_backend.evaluation.sample import Sample, Shot

STRIP = "static"
_QUICK_TIMES = 3


def choose_shots(sample: Sample, *, is_quick: bool) -> list[Shot]:
    """All shots, or for a quick look those at the first, the middle, and the last time of each path."""
    if not is_quick:
        return list(sample.shots)
    chosen: list[Shot] = []
    for trajectory in dict.fromkeys(shot.trajectory for shot in sample.shots):
        shots = sorted((s for s in sample.shots if s.trajectory == trajectory), key=lambda s: (s.time, s.name))
        picks = {round(k * (len(shots) - 1) / (_QUICK_TIMES - 1)) for k in range(_QUICK_TIMES)}
        chosen += [shots[k] for k in sorted(picks)]
    return chosen


def strip_shots(sample: Sample, *, is_quick: bool) -> list[Shot]:
    """One loop seen by the photo's camera; for a quick look the seam, and a step at each quarter. None where nothing
    moves."""
    count = sample.num_frames
    if count < 2 or not bool((sample.motion.flow != 0).any()):
        return []
    times = set(range(count))
    if is_quick:
        quarters = {count * k // 4 for k in range(4)}
        times = {count - 1} | quarters | {(t + 1) % count for t in quarters}
    return [Shot(f"{STRIP}_{t:03d}", STRIP, t, sample.camera) for t in sorted(times)]
