"""Editors of diffusers, by the name of a pipeline's class: `hf:ID@COMMIT` and `path:FOLDER`.

A folder that a training run wrote is an editor, too (`firered.models.editors.own`).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from firered.models.editor import EditError, EditRequest
from firered.models.editors import own
from firered.models.editors.arguments import Shaped, arguments, check_settings, shaped, signature_of
from firered.models.editors.assembly import Assembled, PipelineSettings, assembled, device_of
from firered.models.encoded import LEAST_LIKENESS, resized
from firered.models.places import place_of
from firered.models.settings import checked

if TYPE_CHECKING:
    from firered.models.editor import Editor, Pixels

# Grey levels by which a picture of a batch may differ from the same one made alone, on average.
SAME = 3.0


class PipelineEditor:
    """A diffusers pipeline: batches where it proves to take them, one picture at a time otherwise."""

    def __init__(self, made: Assembled, settings: PipelineSettings) -> None:
        self.name = made.name
        self.revision = made.revision
        self.device = made.device
        self._pipeline = made.pipeline
        self._settings = settings
        self._signature = signature_of(type(made.pipeline))
        self._arguments = settings.call_arguments()
        check_settings(self._signature, self._arguments)
        self._multiple = settings.multiple or 2 * int(getattr(made.pipeline, "vae_scale_factor", 8))
        self._takes_batches: bool | None = None if settings.batch > 1 else False

    def edit(self, requests: Sequence[EditRequest]) -> "list[Pixels | EditError]":
        """Edit a batch; requests of one size and with the same settings go together."""
        work = [
            shaped(request, max_side=self._settings.max_side, multiple=self._multiple) for request in requests
        ]
        found: dict[int, Pixels | EditError] = {}
        for places in _alike(work, self._settings.batch):
            answers = self._together([work[place] for place in places])
            found.update(zip(places, answers, strict=True))
        return [found[place] for place in range(len(requests))]

    def _together(self, batch: Sequence[Shaped]) -> "list[Pixels | EditError]":
        """Edit requests in one call where that works, else one by one."""
        if len(batch) == 1 or self._takes_batches is False:
            return [self._alone(each) for each in batch]
        made = self._attempt(batch)
        if self._takes_batches:
            return list(made) if made else [self._alone(each) for each in batch]
        # Lists mean the pictures of a batch to some pipelines and the figures of one request to others;
        # a batch is believed in once it gave what its requests give alone.
        alone = [self._alone(each) for each in batch]
        self._takes_batches = made is not None and all(map(_same, made, alone))
        return alone

    def _attempt(self, batch: Sequence[Shaped]) -> "list[Pixels] | None":
        """Edit a batch in one call; None where that is not possible, or not in this device's memory."""
        import torch

        try:
            made = self._called(batch)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            return None
        except (ValueError, TypeError, RuntimeError, AttributeError, IndexError):
            return None
        return made if len(made) == len(batch) else None

    def _alone(self, each: Shaped) -> "Pixels | EditError":
        import torch

        try:
            made = self._called([each])
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            size = f"{each.width}x{each.height}"
            return EditError(f"out of memory at {size} on {self.device} (lower max_side, or set offload)")
        except (ValueError, TypeError, RuntimeError, AttributeError, IndexError) as error:
            return EditError(f"{self.name}: {' '.join(str(error).split())[:300] or type(error).__name__}")
        if len(made) != 1:
            return EditError(f"{self.name}: {len(made)} pictures came back for {len(each.request.images)}")
        return made[0]

    def _called(self, batch: Sequence[Shaped]) -> "list[Pixels]":
        import torch

        asked = {**self._arguments, **batch[0].request.settings}
        call = arguments(self._signature, batch, asked)
        # On the processor, so that a seed gives the same noise on every device.
        generators = [torch.Generator("cpu").manual_seed(each.request.seed) for each in batch]
        if "generator" in self._signature.parameters:
            call["generator"] = generators if len(batch) > 1 else generators[0]
        with torch.inference_mode():
            output = self._pipeline(**call)
        _refuse_unsafe(output)
        pictures = _flat(output.images if hasattr(output, "images") else output[0])
        return [
            self._finished(picture, batch[min(place, len(batch) - 1)])
            for place, picture in enumerate(pictures)
        ]

    def _finished(self, picture: Any, each: Shaped) -> "Pixels":
        import numpy as np

        pixels = np.asarray(picture.convert("RGB"), dtype=np.uint8)
        height, width = each.request.images[0].shape[:2]
        ratio = (pixels.shape[1] / pixels.shape[0]) / (each.width / each.height)
        if not self._settings.keep_size or min(ratio, 1 / ratio) < LEAST_LIKENESS:
            return pixels
        return resized(pixels, height, width)


def load(spec: str, **settings: Any) -> "Editor":
    """Load a pipeline with its settings, or the model of a training run; raises ModelError in one line."""
    folder, revision = place_of(spec, what="editor")
    if own.is_run(folder):
        return own.load(folder, **settings)
    chosen = checked(PipelineSettings, settings, what=f"editor {spec!r}")
    return PipelineEditor(assembled(spec, folder, revision, chosen, device_of(chosen)), chosen)


def _alike(work: Sequence[Shaped], size: int) -> Iterator[list[int]]:
    """Cut the places of requests into batches whose requests differ in nothing that a call has one of."""

    def kind(place: int) -> str:
        request = work[place].request
        whole = (len(request.images), request.mask is None, request.control_image is None, request.strength)
        return repr((work[place].height, work[place].width, *whole, sorted(request.settings.items())))

    for _, group in groupby(sorted(range(len(work)), key=kind), key=kind):
        places = list(group)
        yield from (places[start : start + size] for start in range(0, len(places), size))


def _same(one: "Pixels", other: "Pixels | EditError") -> bool:
    import numpy as np

    if isinstance(other, EditError) or one.shape != other.shape:
        return False
    return float(np.abs(one.astype(np.int16) - other).mean()) <= SAME


def _flat(pictures: Any) -> list[Any]:
    """Pictures of an answer: pipelines give a list, or a list of lists."""
    return [each for item in pictures for each in (item if isinstance(item, list) else [item])]


def _refuse_unsafe(output: Any) -> None:
    flags = getattr(output, "nsfw_content_detected", None)
    if flags and any(flags):
        raise ValueError("turned away by the pipeline's safety checker")
