"""Vision-language models in transformers' format: `hf:ID@COMMIT` and `path:FOLDER`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from firered.errors import ModelError
from firered.models import torchvision_cpu
from firered.models.checkpoint import digest
from firered.models.encoded import within
from firered.models.places import device_named, dtype_named, place_of
from firered.models.settings import Settings, checked
from firered.models.vlm import Answer, Turn, insist

if TYPE_CHECKING:
    from pathlib import Path

    from firered.models.vlm import Pixels


class LocalSettings(Settings):
    """Settings of a model on this machine."""

    device: str = Field(default="auto", description="auto, cpu, cuda, cuda:1, mps")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="numbers of the weights; auto: bfloat16 on a GPU, float32 elsewhere"
    )
    max_side: int = Field(default=1024, ge=16, description="longest side of the pictures, in pixels")
    max_tokens: int = Field(default=1024, ge=1, description="length of an answer")
    seed: int = Field(default=0, description="of the tries after the first, which leave something to chance")
    schema_tries: int = Field(default=3, ge=1, description="answers until one has to follow the schema")


class LocalVLM:
    """A model of transformers that makes text of pictures and text."""

    concurrency = 1

    def __init__(self, spec: str, folder: "Path", revision: str, settings: LocalSettings) -> None:
        self.name = folder.name.lower()
        self.revision = revision
        self.device = device_named(settings.device)
        self._settings = settings
        torchvision_cpu.install()
        import transformers

        dtype = dtype_named(settings.dtype, self.device)
        try:
            self._processor = transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
            self._model = transformers.AutoModelForImageTextToText.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, dtype=dtype
            )
        except (OSError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:300]
            raise ModelError(f"vlm {spec!r}: {reason} (a folder of an image-text-to-text model)") from None
        self._model = self._model.eval().to(self.device)

    def ask(self, images: "Sequence[Pixels]", prompt: str, schema: dict[str, Any] | None = None) -> Answer:
        """Ask about pictures; raises BadAnswer where the answer does not follow the schema."""
        from PIL import Image

        pictures = [
            {"type": "image", "image": Image.fromarray(within(pixels, self._settings.max_side))}
            for pixels in images
        ]
        first = {"role": "user", "content": [*pictures, {"type": "text", "text": prompt}]}

        def say(turns: Sequence[Turn], attempt: int) -> Answer:
            later = [{"role": turn.role, "content": [{"type": "text", "text": turn.text}]} for turn in turns]
            return self._said([first, *later], attempt)

        return insist(say, schema, tries=self._settings.schema_tries)

    def _said(self, messages: list[dict[str, Any]], attempt: int) -> Answer:
        import torch

        inputs = self._processor.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        ).to(self.device, self._model.dtype)
        # The likeliest answer first; where it does not do, others by chance, the same ones each time.
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(self._settings.seed + attempt)
            made = self._model.generate(
                **inputs, max_new_tokens=self._settings.max_tokens, do_sample=attempt > 0
            )
        asked = inputs["input_ids"].shape[1]
        said = made[0, asked:]
        text = self._processor.batch_decode([said], skip_special_tokens=True)[0]
        return Answer(text, None, int(asked), len(said))


def load(spec: str, **settings: Any) -> LocalVLM:
    """Load a model from its folder; raises ModelError in one line."""
    chosen = checked(LocalSettings, settings, what=f"vlm {spec!r}")
    folder, commit = place_of(spec, what="vlm")
    return LocalVLM(spec, folder, commit[:12] or digest(folder), chosen)
