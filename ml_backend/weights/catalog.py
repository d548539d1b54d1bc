"""One table of the weights that can be had: where from, pinned how, and under which licence.

Sizes and hashes were collected from what others recorded of these files. Where one is unknown it is None, and what
was installed first is recorded instead.
"""

import json
from dataclasses import dataclass
from typing import Literal

from ml_backend.errors import BadInput
from ml_backend.weights import dpt_hybrid

Role = Literal["depth", "inpainting", "motion", "rendering"]
Content = Literal["safetensors", "pickle", "torchscript"]

_HUB = "https://huggingface.co"
_APACHE, _MIT = "Apache-2.0", "MIT"
_OWN_RISK = "Apache-2.0 for the code; trained on stock footage whose terms the authors do not state"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file: `urls` in the order in which they are tried. Of the digests the strongest one known counts."""

    name: str
    content: Content
    urls: tuple[str, ...] = ()
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None


@dataclass(frozen=True, slots=True)
class WeightSpec:
    """One row: what is installed and removed together.

    `texts` are small files that we write beside the weights (name, content), so that nothing unpinned is fetched.
    A row whose files have no `urls` can only be imported from a file; `source` says where people find it.
    """

    name: str
    role: Role
    summary: str
    licence: str
    source: str
    files: tuple[WeightFile, ...]
    revision: str = ""
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int | None:
        """Bytes to fetch, or None where it is not known of every file."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size)

    @property
    def is_fetchable(self) -> bool:
        """Whether all files have an address."""
        return all(file.urls for file in self.files)


def find(name: str) -> WeightSpec:
    """The row of this name; raises BadInput."""
    for spec in CATALOG:
        if spec.name == name:
            return spec
    known = ", ".join(spec.name for spec in CATALOG)
    raise BadInput(f"There are no weights {name!r}.", hint=f"Choose one of: {known}.")


def _resolved(repository: str, file: str, revision: str = "main") -> str:
    return f"{_HUB}/{repository}/resolve/{revision}/{file}"


def _preprocessing(side: int, multiple: int, mean: list[float], std: list[float]) -> str:
    values = {
        "size": {"height": side, "width": side},
        "keep_aspect_ratio": True,
        "ensure_multiple_of": multiple,
        "image_mean": mean,
        "image_std": std,
    }
    return json.dumps(values, indent=1)


_SMALL_DINOV2 = {
    "model_type": "dinov2",
    "hidden_size": 384,
    "num_attention_heads": 6,
    "image_size": 518,
    "patch_size": 14,
    "out_features": ["stage3", "stage6", "stage9", "stage12"],
    "reshape_hidden_states": False,
    "apply_layernorm": True,
}
_DEPTH_ANYTHING_SMALL = {
    "model_type": "depth_anything",
    "architectures": ["DepthAnythingForDepthEstimation"],
    "backbone_config": _SMALL_DINOV2,
    "patch_size": 14,
    "reassemble_hidden_size": 384,
    "neck_hidden_sizes": [48, 96, 192, 384],
    "fusion_hidden_size": 64,
    "head_hidden_size": 32,
    "head_in_index": -1,
}
_HALF = [0.5, 0.5, 0.5]
_IMAGENET_MEAN, _IMAGENET_STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
_DEPTH_ANYTHING_REVISION = "5426e4f0f36572d16453bbda7a8389317b1bef99"

CATALOG: tuple[WeightSpec, ...] = (
    WeightSpec(
        name="depth-anything-v2-small",
        role="depth",
        summary="Depth Anything V2 Small: sharp relative depth of any photo",
        licence=_APACHE,
        source=f"{_HUB}/depth-anything/Depth-Anything-V2-Small-hf",
        revision=_DEPTH_ANYTHING_REVISION,
        files=(
            WeightFile(
                "model.safetensors",
                "safetensors",
                (
                    _resolved(
                        "depth-anything/Depth-Anything-V2-Small-hf", "model.safetensors", _DEPTH_ANYTHING_REVISION
                    ),
                ),
                size=99_173_660,
                sha256="3152477ce0d8d6978d76b995120de97cb5b928701fd0f817769f59e249a16b70",
            ),
        ),
        texts=(
            ("config.json", json.dumps(_DEPTH_ANYTHING_SMALL, indent=1)),
            ("preprocessor_config.json", _preprocessing(518, 14, _IMAGENET_MEAN, _IMAGENET_STD)),
        ),
    ),
    WeightSpec(
        name="dpt-hybrid",
        role="depth",
        summary="DPT-Hybrid of MiDaS 3: the paper's depth",
        licence=_MIT,
        source="https://github.com/isl-org/DPT",
        revision="release 1_0",
        files=(
            WeightFile(
                "dpt_hybrid-midas-501f0c75.pt",
                "pickle",
                (
                    "https://github.com/intel-isl/DPT/releases/download/1_0/dpt_hybrid-midas-501f0c75.pt",
                    _resolved("lllyasviel/Annotators", "dpt_hybrid-midas-501f0c75.pt"),
                ),
                sha256="501f0c75b3bca7daec6b3682c5054c09b366765aef6fa3a09d03a5cb4b230853",
            ),
        ),
        texts=(
            ("config.json", json.dumps(dpt_hybrid.CONFIG, indent=1)),
            (
                "preprocessor_config.json",
                _preprocessing(dpt_hybrid.SIDE, dpt_hybrid.MULTIPLE, _HALF, _HALF),
            ),
        ),
    ),
    WeightSpec(
        name="big-lama",
        role="inpainting",
        summary="LaMa (large): fills what the photo hides, TorchScript",
        licence=_APACHE,
        source="https://github.com/advimman/lama",
        revision="release add_big_lama",
        files=(
            WeightFile(
                "big-lama.pt",
                "torchscript",
                (
                    "https://github.com/Sanster/models/releases/download/add_big_lama/big-lama.pt",
                    _resolved("signature-ai/big-lama", "big-lama.pt"),
                ),
                size=205_669_692,
                sha256="344c77bbcb158f17dd143070d1e789f38a66c04202311ae3a258ef66667a9ea9",
            ),
        ),
    ),
    WeightSpec(
        name="mi-gan",
        role="inpainting",
        summary="MI-GAN: the same, small and quick, at 512 pixels, TorchScript",
        licence=_MIT,
        source="https://github.com/Picsart-AI-Research/MI-GAN",
        revision="release migan",
        files=(
            WeightFile(
                "migan_traced.pt",
                "torchscript",
                ("https://github.com/Sanster/models/releases/download/migan/migan_traced.pt",),
                md5="76eb3b1a71c400ee3290524f7a11b89c",
            ),
        ),
    ),
    WeightSpec(
        name="3d-photo",
        role="inpainting",
        summary="3D Photo Inpainting: the paper's colour and depth inpainting",
        licence=_MIT,
        source="https://github.com/vt-vl-lab/3d-photo-inpainting",
        files=tuple(
            WeightFile(
                name,
                "pickle",
                (
                    _resolved("ai-minamo/3d-photo-inpainting", name),
                    _resolved("camenduru/3d-photo-inpainting", name),
                ),
                sha256=sha256,
            )
            for name, sha256 in (
                ("color-model.pth", "383c9b1db70097907a6f9c8abb0303e7056f50d5456a36f34ab784592b8b2c20"),
                ("depth-model.pth", "2d0e63e89a22762ddfa8bc8c9f8c992e5532b140123274ffc6e4171baa1b76f8"),
            )
        ),
    ),
    WeightSpec(
        name="paper-motion",
        role="motion",
        summary="The authors' motion network",
        licence=_OWN_RISK,
        source="https://github.com/xingyi-li/3d-cinemagraphy",
        files=(WeightFile("sceneflow_model.pth", "pickle"),),
    ),
    WeightSpec(
        name="paper-rendering",
        role="rendering",
        summary="The authors' feature extractor and decoder",
        licence=_OWN_RISK,
        source="https://github.com/xingyi-li/3d-cinemagraphy",
        files=(WeightFile("model_150000.pth", "pickle"),),
    ),
)
