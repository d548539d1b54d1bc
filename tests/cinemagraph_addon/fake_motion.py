"""The fake backend's answers about motion; numpy and Pillow are imported where needed."""

import shutil
from pathlib import Path

from ml_backend import protocol


def estimate_motion(request: protocol.EstimateMotion) -> dict[str, object]:
    """Points under the mask flow upwards, all of them without one; what was drawn is kept beside the scene."""
    import numpy as np
    from PIL import Image

    folder = Path(request.scene_dir)
    (folder / "last_motion.json").write_bytes(protocol.encode(request))
    for name in ("mask", "freeze", "hints"):
        given = getattr(request, name)
        if given:
            shutil.copyfile(given, folder / f"drawn_{name}{Path(given).suffix}")
    width, height = Image.open(folder / "photo.png").size
    moving = np.ones((height, width), bool)
    if request.mask:
        moving = np.asarray(Image.open(request.mask).convert("L")) > 127
    flow = np.zeros((height * width, 3), np.float32)
    flow[moving.ravel()] = (0, -0.02, 0)
    np.save(folder / "cloud" / "flow.npy", flow)
    Image.fromarray(np.where(moving, 128, 255).astype(np.uint8)).convert("RGB").save(folder / "flow.png")
    region = {"kind": "water", "x": 0.25, "y": 0.75, "share": 0.5, "flow": 1.5, "arrows": 0}
    region["speed"] = request.region_speeds[0][2] if request.region_speeds else 1.0
    return {
        "scene_dir": request.scene_dir,
        "flow_picture": str(folder / "flow.png"),
        "regions": [region],
        "warnings": ["Arrow 1 starts where nothing moves."] if request.hints else [],
    }


def guess_motion(request: protocol.GuessMotion) -> dict[str, object]:
    """The lower half, with one arrow to the right."""
    import numpy as np
    from PIL import Image

    folder = Path(request.output_dir)
    photo = Image.open(request.photo).convert("RGB")
    width, height = photo.size
    mask = np.zeros((height, width), np.uint8)
    mask[height // 2 :] = 255
    photo.save(folder / "photo.png")
    Image.fromarray(mask).save(folder / "mask.png")
    return {
        "photo": str(folder / "photo.png"),
        "mask": str(folder / "mask.png"),
        "width": width,
        "height": height,
        "arrows": [[0.25, 0.75, 0.5, 0.75]],
        "share": 0.5,
    }
