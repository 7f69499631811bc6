"""The model of a training run as an editor: `firered.models.editor.Editor`, loaded by `path:FOLDER`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from pydantic import ValidationError
from safetensors import safe_open
from torch import Tensor

from firered.errors import ModelError
from firered.models import encoder
from firered.models.editor import EditError, EditRequest
from firered.models.editors.own import RunSettings
from firered.models.encoded import resized
from firered.models.places import device_named
from firered.models.weights import sha256_of
from firered.recipe.stage import StageRecipe
from firered.training import codec, evaluate, lora, model
from firered.training.timesteps import generator

if TYPE_CHECKING:
    from firered.models.editor import Pixels

Embed = Callable[[Sequence[str]], Any]  # texts -> vectors (B, D)
TEXT_WIDTH = "txt_norm.weight"  # as long as a token of text
BATCH = 16


class RunEditor:
    """A trained model; it sees a picture with about as many pixels as it was trained on."""

    def __init__(
        self,
        folder: Path,
        summary: dict[str, Any],
        revision: str,
        settings: RunSettings,
        *,
        embed: Embed | None = None,
    ) -> None:
        """Load the weights of a run; `embed` stands in for the settings' encoder of texts."""
        self.name = folder.name
        self.revision = revision
        self.device = device_named(settings.device)
        self._settings = settings
        self._recipe = _recipe(folder, summary)
        if settings.steps:
            evaluation = self._recipe.evaluation.model_copy(update={"sampler_steps": settings.steps})
            self._recipe = self._recipe.model_copy(update={"evaluation": evaluation})
        self._network = _network(folder, summary, self._recipe, settings.base).to(self.device).eval()
        self._embed = embed or encoder.load(settings.encoder).embed_texts

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Edit a batch; requests of one working size go together."""
        found: dict[int, Pixels | EditError] = {}
        sizes: dict[tuple[int, int], list[int]] = {}
        for place, request in enumerate(requests):
            if len(request.images) > 1 or request.control_image is not None:
                found[place] = EditError(f"{self.name}: was trained on one picture and an instruction alone")
            else:
                sizes.setdefault(self._size(request), []).append(place)
        for size, places in sizes.items():
            for start in range(0, len(places), BATCH):
                part = places[start : start + BATCH]
                found.update(zip(part, self._edited([requests[place] for place in part], size), strict=True))
        return [found[place] for place in range(len(requests))]

    def _size(self, request: EditRequest) -> tuple[int, int]:
        """Height and width that the model works at: its own area, the picture's shape, whole tokens."""
        height, width = request.images[0].shape[:2]
        side, patch = max(self._recipe.resolutions), self._recipe.model.patch
        scale = side / (height * width) ** 0.5
        # Rotary positions far beyond the trained ones mean nothing, so a panorama is squeezed.
        tokens = [min(max(1, round(each * scale / patch)), 2 * side // patch) for each in (height, width)]
        return tokens[0] * patch, tokens[1] * patch

    def _edited(self, requests: Sequence[EditRequest], size: tuple[int, int]) -> "list[Pixels]":
        height, width = size
        patch = self._recipe.model.patch
        source = codec.encode(codec.to_signed(_stacked(requests, size)), patch=patch)
        noise = torch.stack(
            [
                torch.randn(source.shape[1:], generator=generator(each.seed, "edit", height * width))
                for each in requests
            ]
        )
        with torch.no_grad():
            latents = evaluate.euler(
                self._network,
                noise.to(self.device),
                source.to(self.device),
                self._text([each.instruction for each in requests]),
                evaluate.levels(self._recipe),
                (height // patch, width // patch),
            )
        pixels = codec.to_bytes(codec.decode(latents.cpu(), patch=patch, height=height, width=width))
        return [self._finished(each, request) for each, request in zip(pixels, requests, strict=True)]

    def _text(self, instructions: Sequence[str]) -> Tensor:
        vectors = torch.from_numpy(np.asarray(self._embed(instructions), dtype=np.float32))
        tokens, wanted = self._recipe.model.text_tokens, self._network.config.joint_attention_dim
        if vectors.shape[1] != tokens * wanted:
            raise ModelError(
                f"editor {self.name!r}: learned from vectors of {tokens * wanted} numbers, not {vectors.shape[1]} "
                "(set encoder to that of its manifest)"
            )
        return model.text_tokens(vectors, tokens).to(self.device)

    def _finished(self, picture: Tensor, request: EditRequest) -> "Pixels":
        pixels = np.ascontiguousarray(picture.permute(1, 2, 0).numpy())
        return resized(pixels, *request.images[0].shape[:2]) if self._settings.keep_size else pixels


def _stacked(requests: Sequence[EditRequest], size: tuple[int, int]) -> Tensor:
    pictures = [resized(each.images[0], *size) for each in requests]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


def _recipe(folder: Path, summary: dict[str, Any]) -> StageRecipe:
    try:
        return StageRecipe.model_validate(summary["recipe"])
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(f"editor 'path:{folder}': recipe: {first['loc']}: {first['msg'].lower()}") from None


def _network(folder: Path, summary: dict[str, Any], recipe: StageRecipe, base: str) -> Any:
    weights = _base(folder, summary, recipe, base) if recipe.lora else folder / "model.safetensors"
    settings = recipe.model.model_copy(update={"weights": str(weights)})
    network = model.build(settings, vector_size=_text_width(weights) * settings.text_tokens, seed=0)
    if recipe.lora:
        lora.add(network, recipe.lora, seed=0)
        lora.load(network, folder / "adapter.safetensors")
    return network


def _base(folder: Path, summary: dict[str, Any], recipe: StageRecipe, given: str) -> Path:
    """Weights that the run's adapters lie over; raises ModelError where they are gone or other ones."""
    path = Path(given or recipe.model.weights or "")
    if not path.is_file():
        raise ModelError(
            f"editor 'path:{folder}': {path}, which its adapters lie over, is not there (set base)"
        )
    if sha256_of(path) != summary.get("base"):
        raise ModelError(
            f"editor 'path:{folder}': {path} is not what its adapters were trained over (set base)"
        )
    return path


def _text_width(weights: Path) -> int:
    try:
        with safe_open(weights, framework="pt") as file:
            return int(file.get_slice(TEXT_WIDTH).get_shape()[0])
    except Exception as error:  # noqa: BLE001 - safetensors has an error class of its own for each kind of damage
        raise ModelError(f"{weights}: not weights of our model: {error}") from None
