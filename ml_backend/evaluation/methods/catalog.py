"""The table of methods, in the order of the report."""

from ml_backend.evaluation.methods import baselines, ours, trivial
from ml_backend.evaluation.methods.method import Method

_SAME_FEATURES = (
    "No trained feature extractor or decoder is in use: the features are the colours, so leaving features out changes "
    "nothing."
)

METHODS: tuple[Method, ...] = (
    Method("ours", "Ours", "ours", ours.prepare_ours),
    Method("animate-view", "2D animation → novel view", "baselines", baselines.prepare_animate_then_view),
    Method("view-animate", "Novel view → 2D animation", "baselines", baselines.prepare_view_then_animate),
    Method(
        "view-animate-ma",
        "Novel view → 2D animation + MA",
        "baselines",
        baselines.prepare_view_then_smooth_animate,
    ),
    Method("naive", "Naive point cloud animation", "baselines", baselines.prepare_naive_points),
    Method("naive-3dsa", "Naive point cloud animation + 3DSA", "baselines", baselines.prepare_naive_symmetric),
    Method("naive-filled", "Naive, holes filled (not in the paper)", "baselines", baselines.prepare_naive_filled),
    Method("no-features", "Ours without features", "ablations", None, _SAME_FEATURES),
    Method("no-inpainting", "Ours without inpainting", "ablations", ours.prepare_without_inpainting),
    Method("no-symmetric", "Ours without symmetric animation", "ablations", ours.prepare_without_symmetric),
    Method("paper-blend", "Ours, Eq. (4) as printed", "ablations", ours.prepare_paper_blend),
    Method("still", "The still photo", "trivial", trivial.prepare_still),
    Method("still-warped", "The still photo, warped by depth", "trivial", trivial.prepare_still_warped),
)
