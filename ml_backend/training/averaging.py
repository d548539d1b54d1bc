"""The running mean of a network's weights, which is steadier than the weights of any one step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ml_backend.errors import WeightsMismatch

_EARLY = 10  # steps: before, the mean would be of the random start


class Average:
    """Exponential mean of the parameters of `networks`; buffers are taken as they are."""

    def __init__(self, networks: nn.Module, decay: float) -> None:
        self._networks, self._decay = networks, decay
        self.values = {name: p.detach().clone() for name, p in networks.named_parameters()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after step number `step`, from 1."""
        decay = min(self._decay, step / (step + _EARLY))
        parameters = [p.detach() for _, p in self._networks.named_parameters()]
        torch._foreach_lerp_(list(self.values.values()), parameters, 1 - decay)

    @torch.no_grad()
    def load(self, values: Mapping[str, Tensor], origin: str) -> None:
        """Go on from stored values; raises WeightsMismatch where names or shapes differ."""
        expected, found = ({n: tuple(v.shape) for n, v in group.items()} for group in (self.values, values))
        if expected != found:
            name = next(n for n in {**expected, **found} if expected.get(n) != found.get(n))
            raise WeightsMismatch(
                f"{origin}: expected {name} of shape {expected.get(name)} in the average, found {found.get(name)}.",
                hint="The file belongs to another network.",
            )
        for name, value in self.values.items():
            value.copy_(values[name])

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """The networks hold the mean and are in evaluation mode; afterwards they are as before, buffers too."""
        kept = {name: tensor.detach().clone() for name, tensor in self._networks.state_dict().items()}
        with torch.no_grad():
            for name, parameter in self._networks.named_parameters():
                parameter.copy_(self.values[name])
        self._networks.eval()
        try:
            yield
        finally:
            self._networks.load_state_dict(kept)
            self._networks.train()
