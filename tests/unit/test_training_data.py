import dataclasses
import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from firered.errors import ManifestError, RunError
from firered.recipe.stage import CaptionSettings
from firered.training.batches import Batch, Batches, choice_of_words, positions
from firered.training.data import Manifest, Pair, Squares, Words, read, square
from frozen import freeze, recipe, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return freeze(tmp_path_factory.mktemp("manifest"))


@pytest.fixture(scope="module")
def manifest(folder: Path) -> Manifest:
    return read(folder)


def tensors(batch: Batch) -> list[torch.Tensor]:
    return [batch.x0, batch.source, batch.noise, batch.sigma, batch.text]


def test_a_manifest_is_read_in_order_of_pair_ids(manifest: Manifest) -> None:
    ids = [pair.pair_id for pair in manifest.pairs]
    assert ids == sorted(ids)
    assert Counter(pair.split for pair in manifest.pairs) == {"train": 9, "held_out": 3}


def test_a_text_that_repeats_is_held_once(manifest: Manifest) -> None:
    assert manifest.phrases.shape == (9, 8)


# --- manifests that are refused -----------------------------------------------------------------


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no manifest.json"):
        read(tmp_path)


def test_altered_rows_are_refused(tmp_path: Path) -> None:
    rows = freeze(tmp_path) / "rows.parquet"
    rows.write_bytes(rows.read_bytes() + b" ")
    with pytest.raises(ManifestError, match="altered: its sha256 is"):
        read(tmp_path)


def test_missing_rows_are_refused(tmp_path: Path) -> None:
    (freeze(tmp_path) / "rows.parquet").unlink()
    with pytest.raises(ManifestError, match=r"rows.parquet: missing"):
        read(tmp_path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    rows = freeze(tmp_path) / "rows.parquet"
    pq.write_table(pq.read_table(rows).drop_columns(["task"]), rows)
    head = json.loads((tmp_path / "manifest.json").read_text())
    head["digest"] = hashlib.sha256(rows.read_bytes()).hexdigest()
    (tmp_path / "manifest.json").write_text(json.dumps(head))
    with pytest.raises(ManifestError, match="task"):
        read(tmp_path)


def test_a_half_written_manifest_is_refused(tmp_path: Path) -> None:
    (freeze(tmp_path) / "manifest.json").write_text('{"name":')
    with pytest.raises(ManifestError, match="not a manifest"):
        read(tmp_path)


def test_an_empty_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="has no pairs"):
        read(write(tmp_path, []))


def test_a_text_without_a_vector_says_what_to_run(tmp_path: Path) -> None:
    rows = pq.read_table(freeze(tmp_path) / "rows.parquet").to_pylist()
    rows[0]["texts"][1]["vector"] = []
    with pytest.raises(ManifestError, match=rf"pair {rows[0]['pair_id']}: .*run the encode operator"):
        read(write(tmp_path, rows))


def test_a_missing_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no pair in split 'held_out'"):
        read(freeze(tmp_path, held_out=0)).split("held_out")


# --- squares ------------------------------------------------------------------------------------


def test_the_square_is_the_centre_of_a_wide_and_of_a_tall_picture() -> None:
    wide = np.zeros((4, 12, 3), np.uint8)
    wide[:, 4:8] = 200
    assert (square(wide, 2) == 200).all()
    assert (square(wide.transpose(1, 0, 2), 2) == 200).all()


def test_the_square_averages_areas() -> None:
    checks = np.indices((8, 8)).sum(0) % 2 * 200
    assert (square(np.repeat(checks[..., None], 3, 2).astype(np.uint8), 4) == 100).all()


def test_pictures_over_the_bound_are_made_again_not_held(manifest: Manifest) -> None:
    names = [pair.source_sha256 for pair in manifest.pairs]
    one = 3 * 16 * 16
    small, large = Squares(manifest.blobs, 16, bound=one), Squares(manifest.blobs, 16)
    assert torch.equal(small(names), large(names))
    assert (len(small._held), len(large._held)) == (1, 4)


# --- batches ------------------------------------------------------------------------------------


def test_a_step_has_the_same_batch_whoever_makes_it(manifest: Manifest) -> None:
    one, other = Batches(recipe(), manifest), Batches(recipe(), manifest)
    other(0)
    assert one(5).pair_ids == other(5).pair_ids
    assert all(
        torch.equal(left, right) for left, right in zip(tensors(one(5)), tensors(other(5)), strict=True)
    )


def test_no_two_steps_share_noise_or_sigma(manifest: Manifest) -> None:
    batches = Batches(recipe(), manifest)
    made = [batches(step) for step in range(50)]
    assert len({tuple(batch.noise.flatten().tolist()) for batch in made}) == 50
    assert len({tuple(batch.sigma.tolist()) for batch in made}) == 50


def test_no_two_samples_of_a_step_share_noise(manifest: Manifest) -> None:
    noise = Batches(recipe(), manifest)(0).noise
    assert len({tuple(sample.flatten().tolist()) for sample in noise}) == len(noise)


def test_batches_leave_the_global_generator_alone(manifest: Manifest) -> None:
    before = torch.get_rng_state()
    Batches(recipe(), manifest)(0)
    assert torch.equal(torch.get_rng_state(), before)


def test_another_seed_is_another_run(manifest: Manifest) -> None:
    one, other = (Batches(recipe(seed=seed), manifest)(0) for seed in (0, 1))
    assert not torch.equal(one.noise, other.noise)


def test_every_pair_comes_once_in_each_pass() -> None:
    seen = [place for step in range(9) for place in positions(0, step, 4, 12)]
    passes = [seen[start : start + 12] for start in range(0, 36, 12)]
    assert all(sorted(one) == list(range(12)) for one in passes)
    assert passes[0] != passes[1]


def test_processes_take_slices_of_one_batch(manifest: Manifest) -> None:
    whole = Batches(recipe(), manifest)(3)
    parts = [Batches(recipe(), manifest, process=process, processes=2)(3) for process in range(2)]
    assert parts[0].pair_ids + parts[1].pair_ids == whole.pair_ids
    for name in ("x0", "source", "noise", "sigma", "text"):
        joined = torch.cat([getattr(part, name) for part in parts])
        assert torch.equal(joined, getattr(whole, name))


def test_a_batch_that_does_not_divide_over_the_processes_is_refused(manifest: Manifest) -> None:
    with pytest.raises(RunError, match="does not divide over 3 processes"):
        Batches(recipe(), manifest, processes=3)


def test_source_and_target_stay_aligned(manifest: Manifest) -> None:
    brighter = [pair for pair in manifest.pairs if pair.subtask == "brighten"]
    only = dataclasses.replace(
        manifest, pairs=tuple(dataclasses.replace(pair, split="train") for pair in brighter)
    )
    batch = Batches(recipe(resolutions=[24]), only)(0)
    # 24 pixels are the whole window, so nothing is averaged and every unclipped pixel is 60 brighter.
    risen = (batch.x0 - batch.source)[batch.x0 < 1]
    assert torch.allclose(risen, torch.tensor(60 / 127.5), atol=1e-5)


def test_each_step_draws_one_of_the_resolutions(manifest: Manifest) -> None:
    batches = Batches(recipe(resolutions=[8, 16]), manifest)
    shapes = Counter(batches(step).shape for step in range(40))
    assert set(shapes) == {(2, 2), (4, 4)}
    assert min(shapes.values()) > 8


# --- texts --------------------------------------------------------------------------------------


def pair_with(*texts: tuple[str, str]) -> Pair:
    words = tuple(Words(tier, language, phrase) for phrase, (tier, language) in enumerate(texts))
    return Pair(1, "train", "adjust", "brighten", 2, "a", "b", words)


def captions(original: float, structured: float, instructive: float, *, en: float = 0.5) -> CaptionSettings:
    tiers = {"original": original, "structured": structured, "instructive": instructive}
    return CaptionSettings.model_validate({"tiers": tiers, "languages": {"en": en, "zh": 1 - en}})


def shares(pair: Pair, settings: CaptionSettings) -> dict[int, float]:
    chosen = choice_of_words(pair, settings)
    return {
        phrase: count / 1000 for phrase, count in Counter(chosen(draw / 1000) for draw in range(1000)).items()
    }


def test_tiers_come_in_their_shares() -> None:
    pair = pair_with(("original", "en"), ("structured", "en"), ("concise", "en"))
    assert shares(pair, captions(0.1, 0.45, 0.45)) == pytest.approx({0: 0.1, 1: 0.45, 2: 0.45}, abs=0.002)


def test_what_a_pair_lacks_gives_way_to_what_it_has() -> None:
    pair = pair_with(("concise", "en"), ("user", "en"))
    assert shares(pair, captions(0.1, 0.45, 0.45)) == pytest.approx({0: 0.5, 1: 0.5}, abs=0.002)


def test_languages_share_within_a_tier_however_many_texts_each_has() -> None:
    pair = pair_with(("concise", "en"), ("user", "en"), ("detailed", "zh"))
    assert shares(pair, captions(0, 0, 1, en=0.8)) == pytest.approx({0: 0.4, 1: 0.4, 2: 0.2}, abs=0.002)


def test_a_tier_in_an_unwanted_language_gives_way_too() -> None:
    pair = pair_with(("original", "zh"), ("concise", "en"))
    assert shares(pair, captions(0.9, 0, 0.1, en=1.0)) == {1: 1.0}


def test_a_pair_without_any_wanted_text_is_refused() -> None:
    with pytest.raises(ManifestError, match="pair 1: no text of a tier and language with a share"):
        choice_of_words(pair_with(("original", "en")), captions(0, 0.5, 0.5))
