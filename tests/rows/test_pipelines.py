"""Real pipelines of diffusers with tiny random weights: loaded by class name, called by their own signatures."""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import tiny_pipelines
from conftest import scene
from firered.errors import ModelError
from firered.models import editor
from firered.models.editor import EditError, EditRequest
from firered.models.editors.arguments import Signature, arguments, shaped, signature_of
from firered.models.editors.pipelines import PipelineEditor

pytestmark = pytest.mark.slow

PICTURE = scene(0, 48, 64)
EDGES = np.repeat((scene(0, 48, 64)[..., :1] > 128) * np.uint8(255), 3, axis=2)
MASK = np.zeros((48, 64), bool)
MASK[8:32, 16:48] = True


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folder of a tiny checkpoint, written once."""
    root = tmp_path_factory.mktemp("checkpoints")

    def folder(name: str) -> Path:
        place = root / name
        return place if place.exists() else getattr(tiny_pipelines, name)(place)

    return folder


def load(folder: Path, **settings) -> PipelineEditor:
    return editor.load(f"path:{folder}", **{"steps": 2, "max_side": 64, **settings})


def edit(asked: PipelineEditor, *requests: EditRequest) -> list[np.ndarray]:
    found = asked.edit(requests)
    assert all(isinstance(each, np.ndarray) for each in found), found
    return found


def differ(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


# --- each kind of pipeline ----------------------------------------------------------------------

KINDS = {
    "instruct_pix2pix": ({}, {}),
    "inpainting": ({}, {"mask": MASK}),
    "flux_kontext": ({"arguments": {"_auto_resize": False}}, {}),
    "qwen_image_edit_plus": ({}, {}),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_pipeline_is_found_by_its_folder_and_edits_the_same_twice(made, name):
    settings, parts = KINDS[name]
    asked = load(made(name), **settings)
    request = EditRequest((PICTURE,), "make the sky red", seed=3, **parts)
    one, again = edit(asked, request, request)
    (other,) = edit(asked, EditRequest((PICTURE,), "make the sky red", seed=4, **parts))
    assert one.shape == PICTURE.shape
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert asked.device == "cpu"


def test_the_instruction_and_the_source_are_both_seen(made):
    asked = load(made("instruct_pix2pix"))
    one, words, picture = edit(
        asked,
        EditRequest((PICTURE,), "a red hat"),
        EditRequest((PICTURE,), "blue shoes on the left"),
        EditRequest((scene(5, 48, 64),), "a red hat"),
    )
    assert not np.array_equal(one, words)
    assert differ(one, picture) > 1


def test_several_figures_go_to_a_pipeline_that_takes_them(made):
    asked = load(made("qwen_image_edit_plus"), steps=1)
    one, two = edit(
        asked, EditRequest((PICTURE,), "put it there"), EditRequest((PICTURE, scene(1, 32, 32)), "put it there")
    )  # fmt: skip
    assert not np.array_equal(one, two)


def test_several_figures_for_a_pipeline_of_one_are_a_reason(made):
    (found,) = load(made("instruct_pix2pix")).edit([EditRequest((PICTURE, scene(1, 48, 64)), "x")])
    assert isinstance(found, EditError)


def test_another_class_can_be_laid_over_a_folder_with_a_controlnet(made):
    asked = load(
        made("text_to_image"),
        pipeline="StableDiffusionControlNetInpaintPipeline",
        controlnet=f"path:{made('controlnet')}",
        arguments={"controlnet_conditioning_scale": 1.0},
    )
    request = partial(EditRequest, (PICTURE,), "a hat", mask=MASK, strength=1.0)
    edges, nothing = edit(asked, request(control_image=EDGES), request(control_image=EDGES * 0))
    assert differ(edges, nothing) > 0.1
    (absent,) = asked.edit([request()])
    assert isinstance(absent, EditError)
    assert "needs a control" in absent.reason


def test_a_control_is_called_image_where_a_pipeline_makes_pictures_from_nothing(made):
    asked = load(
        made("text_to_image"),
        pipeline="StableDiffusionControlNetPipeline",
        controlnet=f"path:{made('controlnet')}",
    )
    one, other = edit(
        asked,
        EditRequest((PICTURE,), "a hat", control_image=EDGES),
        EditRequest((PICTURE,), "a hat", control_image=EDGES * 0),
    )
    assert differ(one, other) > 0.1


# --- LoRA ---------------------------------------------------------------------------------------


def test_adapters_change_the_edit_and_the_revision_as_their_weight_says(made, tmp_path):
    base = made("instruct_pix2pix")
    adapters = tiny_pipelines.lora(base, tmp_path / "lora")
    plain = load(base)
    weighted = [load(base, lora=[{"spec": f"path:{adapters}", "weight": w}]) for w in (0.0, 1.0, 2.0)]
    request = EditRequest((PICTURE,), "a red hat")
    (before,), (none,), (some,), (more,) = (edit(each, request) for each in (plain, *weighted))
    assert np.array_equal(before, none)
    assert differ(before, some) > 0
    assert differ(some, more) > 0
    revisions = {each.revision for each in (plain, *weighted)}
    assert len(revisions) == 4
    assert all(each.startswith(plain.revision) for each in revisions)


def test_two_adapters_lie_over_each_other(made, tmp_path):
    base = made("instruct_pix2pix")
    specs = [f"path:{tiny_pipelines.lora(base, tmp_path / str(seed), seed=seed)}" for seed in (1, 2)]
    request = EditRequest((PICTURE,), "a red hat")
    found = [
        edit(load(base, lora=[{"spec": spec} for spec in chosen]), request)[0]
        for chosen in (specs, specs[:1], specs[1:])
    ]
    assert differ(found[0], found[1]) > 0
    assert differ(found[0], found[2]) > 0


def test_adapters_of_another_model_are_refused(made, tmp_path):
    adapters = tiny_pipelines.lora(made("instruct_pix2pix"), tmp_path / "lora")
    with pytest.raises(ModelError, match=r"lora .*trained for this model"):
        load(made("flux_kontext"), lora=[{"spec": f"path:{adapters}"}])


# --- batches and memory -------------------------------------------------------------------------


def seen(asked: PipelineEditor) -> list[int]:
    """Remember how many prompts each call of the pipeline was given."""
    counts: list[int] = []
    called = asked._called

    def counting(batch):
        counts.append(len(batch))
        return called(batch)

    asked._called = counting
    return counts


def requests_of(count: int) -> list[EditRequest]:
    return [EditRequest((scene(n, 48, 64),), f"hat {n}", seed=n) for n in range(count)]


def test_a_batch_gives_what_its_requests_give_alone(made):
    alone = edit(load(made("instruct_pix2pix")), *requests_of(4))
    asked = load(made("instruct_pix2pix"), batch=2)
    counts = seen(asked)
    together = edit(asked, *requests_of(4))
    # The first batch is checked against its requests alone, the second is believed.
    assert counts == [2, 1, 1, 2]
    assert all(differ(*each) < 0.05 for each in zip(alone, together, strict=True))


def test_a_pipeline_that_takes_no_batches_gets_one_request_at_a_time(made):
    asked = load(made("qwen_image_edit_plus"), batch=2, steps=1)
    counts = seen(asked)
    edit(asked, *requests_of(3))
    assert counts == [2, 1, 1, 1]


def test_pictures_of_other_sizes_are_not_mixed_and_keep_their_order(made):
    asked = load(made("instruct_pix2pix"), batch=2)
    sizes = [(48, 64), (64, 48), (48, 64), (32, 32), (64, 48)]
    found = edit(asked, *(EditRequest((scene(n, *size),), "hat") for n, size in enumerate(sizes)))
    assert [each.shape[:2] for each in found] == sizes


def test_a_batch_that_does_not_fit_in_memory_is_done_one_by_one(made):
    asked = load(made("instruct_pix2pix"), batch=2)
    edit(asked, *requests_of(2))
    called = asked._called

    def small(batch):
        if len(batch) > 1:
            raise torch.OutOfMemoryError("tried to allocate 2 GB")
        return called(batch)

    asked._called = small
    alone = edit(load(made("instruct_pix2pix")), *requests_of(2))
    assert all(differ(*each) < 0.05 for each in zip(edit(asked, *requests_of(2)), alone, strict=True))


def test_a_picture_that_does_not_fit_in_memory_is_a_reason(made):
    asked = load(made("instruct_pix2pix"))

    def full(batch):
        raise torch.OutOfMemoryError("tried to allocate 2 GB")

    asked._called = full
    assert asked.edit(requests_of(1)) == [
        EditError("out of memory at 64x48 on cpu (lower max_side, or set offload)")
    ]


# --- what is refused ----------------------------------------------------------------------------


def test_a_strength_for_a_pipeline_without_one_is_a_reason(made):
    (found,) = load(made("instruct_pix2pix")).edit([EditRequest((PICTURE,), "x", strength=0.5)])
    assert isinstance(found, EditError)
    assert "takes no strength" in found.reason


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"pipeline": "NoSuchPipeline"}, r"'NoSuchPipeline': not in diffusers .*such as: .*Edit"),
        ({"pipeline": "UNet2DConditionModel"}, "not in diffusers"),
        ({"arguments": {"true_cfg": 4}}, r"takes no 'true_cfg' \(one of: prompt, image"),
        ({"true_guidance": 4.0}, "takes no 'true_cfg_scale'"),
        ({"offload": "model"}, "needs a GPU"),
        ({"dtype": "int4"}, "dtype: input should be"),
        ({"controlnet": "path:/nowhere"}, "no such folder"),
        ({"lora": [{"spec": "path:/nowhere"}]}, "no such folder"),
        ({"lora": [{"spec": "hf:a/b"}]}, "pin a commit"),
    ],
)
def test_a_wrong_setting_is_refused_when_the_pipeline_is_loaded(made, settings, said):
    with pytest.raises(ModelError, match=said):
        load(made("instruct_pix2pix"), **settings)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no model_index.json there"):
        load(tmp_path)


def test_weights_that_are_pickles_are_refused(made, tmp_path):
    folder = tiny_pipelines.instruct_pix2pix(tmp_path / "made")
    weights = next((folder / "unet").glob("*.safetensors"))
    torch.save({}, weights)
    with pytest.raises(ModelError, match="may run code"):
        load(folder)


def test_changed_weights_are_another_revision(made, tmp_path):
    folder = tiny_pipelines.inpainting(tmp_path / "made")
    before = load(folder).revision
    settings = folder / "scheduler" / "scheduler_config.json"
    settings.write_text(settings.read_text().replace("0.012", "0.013").replace("scaled_linear", "linear"))
    assert load(folder).revision != before


# --- signatures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("QwenImageEditPipeline", {"source": "image", "negative": "negative_prompt"}),
        ("QwenImageEditInpaintPipeline", {"mask": "mask_image", "strength": "strength"}),
        ("LongCatImageEditPipeline", {"source": "image", "mask": None}),
        ("JoyImageEditPlusPipeline", {"source": "images"}),
        ("OmniGenPipeline", {"source": "input_images", "negative": None}),
        ("Flux2KleinPipeline", {"source": "image", "strength": None}),
        ("BriaFiboEditPipeline", {"source": "image", "mask": "mask"}),
        ("FluxFillPipeline", {"source": "image", "mask": "mask_image"}),
        ("StableDiffusionXLInpaintPipeline", {"source": "image", "mask": "mask_image"}),
        ("StableDiffusionXLControlNetInpaintPipeline", {"control": "control_image", "source": "image"}),
        ("FluxControlNetInpaintPipeline", {"control": "control_image", "mask": "mask_image"}),
        ("QwenImageControlNetInpaintPipeline", {"source": "control_image", "mask": "control_mask", "control": None}),
        ("QwenImageControlNetPipeline", {"control": "control_image", "source": None}),
        ("StableDiffusionControlNetPipeline", {"control": "image", "source": None}),
        ("StableDiffusionControlNetImg2ImgPipeline", {"control": "control_image", "source": "image"}),
    ],
)  # fmt: skip
def test_every_pipeline_says_by_its_signature_where_things_go(name, expected):
    import diffusers

    found = signature_of(getattr(diffusers, name))
    assert {role: found.place(role) for role in expected} == expected


@pytest.mark.parametrize(("height", "width"), [(1, 1), (480, 640), (100, 2000), (1000, 3), (16, 16)])
def test_the_working_size_is_a_multiple_within_bounds(height, width):
    found = shaped(EditRequest((np.zeros((height, width, 3), np.uint8),)), max_side=512, multiple=16)
    assert found.height % 16 == found.width % 16 == 0
    assert 16 <= min(found.height, found.width) <= max(found.height, found.width) <= 512


def test_guidance_that_needs_a_negative_prompt_gets_an_empty_one():
    kind = Signature(
        "Any", ("image", "prompt", "negative_prompt", "true_cfg_scale"), {"true_cfg_scale": 4.0}, False
    )
    work = [
        shaped(EditRequest((PICTURE,), "x", negative), max_side=64, multiple=16) for negative in ("", "blur")
    ]
    assert arguments(kind, work[:1], {})["negative_prompt"] == " "
    assert arguments(kind, work, {})["negative_prompt"] == [" ", "blur"]
    assert "negative_prompt" not in arguments(kind, work[:1], {"true_cfg_scale": 1.0})


@pytest.fixture(autouse=True, scope="module")
def tidy() -> Iterator[None]:
    yield
    gc.collect()
