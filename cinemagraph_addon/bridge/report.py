"""What *Test Backend* found out, in lines for the preferences. No bpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .client import BackendInfo


@dataclass(frozen=True, slots=True)
class BackendReport:
    """The backend in words: packages, device, memory, weights, and decoder; each is one line."""

    packages: str
    device: str
    memory: str
    weights: str
    decoder: str

    def lines(self) -> list[str]:
        """All that is known, in order."""
        return [line for line in (self.packages, self.device, self.memory, self.weights, self.decoder) if line]


def make_report(info: BackendInfo, tested: Mapping[str, object], listed: Mapping[str, object]) -> BackendReport:
    """From the answers to Hello, SelfTest, and ListWeights; what an answer lacks stays empty."""
    decoder = str(listed.get("decoder", ""))
    return BackendReport(
        packages=f"PyTorch {info.torch}, Python {info.python}",
        device=f"Device: {_device(info.device)}, {info.threads} threads",
        memory=_memory(tested),
        weights=f"Weights: {_weights(listed.get('weights'))}",
        decoder=f"Decoder: {decoder}" if decoder else "",
    )


def _device(name: str) -> str:
    return "CPU" if name == "cpu" else name.removeprefix("cuda: ")


def _memory(tested: Mapping[str, object]) -> str:
    free, free_gpu, gpu = (tested.get(name) for name in ("free_memory_gib", "free_gpu_memory_gib", "gpu_memory_gib"))
    parts = [f"{free:.1f} GiB free"] if isinstance(free, int | float) else []
    if isinstance(gpu, int | float) and isinstance(free_gpu, int | float) and gpu > 0:
        parts.append(f"GPU {free_gpu:.1f} of {gpu:.1f} GiB free")
    return f"Memory: {', '.join(parts)}" if parts else ""


def _weights(weights: object) -> str:
    rows: Sequence[object] = weights if isinstance(weights, list) else []
    names = [str(row["name"]) for row in rows if isinstance(row, dict) and row.get("installed") and "name" in row]
    return ", ".join(names) or "none installed"
