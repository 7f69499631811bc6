import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import save_file
from torch import Tensor

from firered.errors import ModelError, RunError
from firered.paths import shipped
from firered.recipe.stage import OptimSettings, StageRecipe
from firered.training import checkpoint, ema, evaluate, flow, journal, model
from firered.training.batches import Batch, Batches
from firered.training.data import Manifest, read
from firered.training.folder import RunFolder
from firered.training.loop import Hook, Learner, Step, fit, learning_rate, new_learner
from frozen import SMALL, freeze, recipe

CPU = Accelerator(cpu=True)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep a processor that others use from being waited for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return read(freeze(tmp_path_factory.mktemp("manifest")))


def learner_of(settings: StageRecipe, manifest: Manifest) -> Learner:
    return new_learner(
        settings, model.build(settings.model, vector_size=manifest.phrases.shape[1], seed=settings.seed)
    )


def train(settings: StageRecipe, manifest: Manifest, learner: Learner, *hooks: Hook) -> Learner:
    fit(
        settings, learner, Batches(settings, manifest), flow.loss(settings), accelerator=CPU, after_step=hooks
    )
    return learner


def weights(learner: Learner) -> Tensor:
    return torch.cat([weight.flatten() for weight in learner.model.state_dict().values()])


class Stop(Exception):
    """Stands for a kill between two steps."""


def stop_at(step: int) -> Hook:
    def hook(done: Step) -> None:
        if done.step == step:
            raise Stop

    return hook


def losses(steps: list[Step]) -> list[float]:
    return [step.loss for step in steps]


# --- the loop -----------------------------------------------------------------------------------


def test_the_loss_falls(manifest: Manifest) -> None:
    steps: list[Step] = []
    settings = recipe(steps=40, optim={"lr": 1e-2}, sigma={"law": "logit_normal", "mean": 1})
    train(settings, manifest, learner_of(settings, manifest), steps.append)
    assert sum(losses(steps)[-10:]) < 0.8 * sum(losses(steps)[:10])


def test_a_run_is_the_same_twice(manifest: Manifest) -> None:
    one, other = (train(recipe(), manifest, learner_of(recipe(), manifest)) for _ in range(2))
    assert torch.equal(weights(one), weights(other))


@pytest.mark.parametrize("decay", [None, 0.9])
def test_three_steps_a_kill_and_three_more_are_six_to_the_bit(
    manifest: Manifest, tmp_path: Path, decay: float | None
) -> None:
    settings = recipe(ema=decay)
    whole = train(settings, manifest, learner_of(settings, manifest))

    cut = learner_of(settings, manifest)
    folder = RunFolder(tmp_path, settings, manifest)
    with pytest.raises(Stop):
        train(settings, manifest, cut, *folder.hooks(cut), stop_at(4))
    resumed = learner_of(settings, manifest)
    folder.resume(resumed)
    assert resumed.step == 3
    train(settings, manifest, resumed, *folder.hooks(resumed))

    assert torch.equal(weights(resumed), weights(whole))
    assert [line["step"] for line in journal.read_lines(tmp_path / "loss.jsonl")] == [1, 2, 3, 4, 5, 6]
    if resumed.average and whole.average:
        assert all(map(torch.equal, resumed.average.weights, whole.average.weights))
    states = [learner.optimizer.state_dict()["state"] for learner in (resumed, whole)]
    assert all(
        torch.equal(states[0][key][name], states[1][key][name])
        for key in states[1]
        for name in states[1][key]
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_in_its_step(manifest: Manifest, bad: float) -> None:
    settings = recipe()
    good = flow.loss(settings)
    calls: list[int] = []

    def loss(network: model.Model, batch: Batch) -> Tensor:
        calls.append(1)
        return good(network, batch) * (bad if len(calls) == 3 else 1.0)

    learner = learner_of(settings, manifest)
    with pytest.raises(RunError, match=r"step 3: the loss is (nan|inf)"):
        fit(settings, learner, Batches(settings, manifest), loss, accelerator=CPU)
    assert learner.step == 2
    assert weights(learner).isfinite().all()


def test_the_learning_rate_rises_then_stays_or_falls() -> None:
    warm = OptimSettings(lr=1.0, warmup_steps=4)
    assert [learning_rate(warm, step, 8) for step in (0, 1, 3, 4, 7)] == [0.25, 0.5, 1, 1, 1]
    falling = OptimSettings(lr=1.0, schedule="linear")
    assert [learning_rate(falling, step, 4) for step in range(4)] == [1, 0.75, 0.5, 0.25]


# --- the model ----------------------------------------------------------------------------------


def gradients(learner: Learner, manifest: Manifest) -> dict[str, Tensor | None]:
    settings = recipe()
    flow.loss(settings)(learner.model, Batches(settings, manifest)(0)).mean().backward()
    return {name: weight.grad for name, weight in learner.model.named_parameters()}


def test_exactly_the_six_dead_parameters_are_frozen(manifest: Manifest) -> None:
    learner = learner_of(recipe(), manifest)
    frozen = {name for name, weight in learner.model.named_parameters() if not weight.requires_grad}
    without = {name for name, gradient in gradients(learner, manifest).items() if gradient is None}
    assert len(frozen) == 6
    assert frozen == without


def test_the_instruction_the_source_and_the_noise_level_all_matter(manifest: Manifest) -> None:
    settings = recipe()
    learner = learner_of(settings, manifest)
    batch = Batches(settings, manifest)(0)

    def predicted(**changes: Tensor) -> Tensor:
        given = {"source": batch.source, "text": batch.text, "sigma": batch.sigma, **changes}
        with torch.no_grad():
            return model.velocity(
                learner.model,
                batch.x0,
                [given["source"]],
                given["text"],
                given["sigma"],
                shapes=[batch.shape] * 2,
            )

    plain = predicted()
    assert plain.shape == batch.x0.shape
    for changes in ({"source": -batch.source}, {"text": -batch.text}, {"sigma": 1 - batch.sigma}):
        assert not torch.allclose(plain, predicted(**changes), atol=1e-4)


def test_shapes_that_do_not_fit_the_tokens_are_a_bug(manifest: Manifest) -> None:
    batch = Batches(recipe(), manifest)(0)
    network = learner_of(recipe(), manifest).model
    with pytest.raises(AssertionError):
        model.velocity(network, batch.x0, [batch.source], batch.text, batch.sigma, shapes=[(4, 4), (2, 4)])


def test_building_depends_on_the_seed_alone_and_leaves_the_global_generator(manifest: Manifest) -> None:
    before = torch.get_rng_state()
    one, same, other = (weights(learner_of(recipe(seed=seed), manifest)) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_start_at_its_own_place_first_looks_at_the_same_place_of_the_source(manifest: Manifest) -> None:
    settings = recipe(
        resolutions=[16], model={"patch": 4, "layers": 1, "width": 128, "heads": 4, "start": "own_place"}
    )
    learner = learner_of(settings, manifest)
    batch = Batches(settings, manifest)(0)
    seen: list[Tensor] = []
    attention = learner.model.transformer_blocks[0].attn
    attention.register_forward_hook(lambda module, given, out: seen.append(out[0][:, : batch.x0.shape[1]]))
    for place in range(batch.x0.shape[1]):
        for source in (batch.source, batch.source.index_fill(1, torch.tensor([place]), 1.0)):
            with torch.no_grad():
                shapes = [batch.shape] * 2
                model.velocity(learner.model, batch.noise, [source], batch.text, batch.sigma, shapes=shapes)
        moved = (seen[-1] - seen[-2]).square().sum((0, 2))
        assert int(moved.argmax()) == place


def test_a_stage_starts_from_the_weights_of_the_one_before(manifest: Manifest, tmp_path: Path) -> None:
    before = train(recipe(steps=1), manifest, learner_of(recipe(steps=1), manifest))
    save_file(checkpoint.trained_weights(before), tmp_path / "model.safetensors")
    settings = recipe(model={**SMALL, "weights": str(tmp_path / "model.safetensors")}, seed=5)
    assert torch.equal(weights(learner_of(settings, manifest)), weights(before))
    with pytest.raises(ModelError, match="weights of another model"):
        learner_of(
            recipe(model={**SMALL, "layers": 2, "weights": str(tmp_path / "model.safetensors")}), manifest
        )
    with pytest.raises(ModelError, match="no such file"):
        learner_of(recipe(model={**SMALL, "weights": str(tmp_path / "none")}), manifest)


# --- checkpoints and averages -------------------------------------------------------------------


def test_the_last_two_checkpoints_are_kept_and_nothing_half_written(
    manifest: Manifest, tmp_path: Path
) -> None:
    settings = recipe(checkpoint_every=1)
    learner = learner_of(settings, manifest)
    (tmp_path / "checkpoints" / ".step-00000001.99").mkdir(parents=True)
    train(settings, manifest, learner, *RunFolder(tmp_path, settings, manifest).hooks(learner))
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "step-00000005",
        "step-00000006",
    ]


@pytest.mark.parametrize(("what", "changes"), [("recipe", {"seed": 9}), ("manifest", {})])
def test_a_checkpoint_of_another_run_is_refused(
    manifest: Manifest, tmp_path: Path, what: str, changes: dict[str, int]
) -> None:
    learner = learner_of(recipe(), manifest)
    checkpoint.save(tmp_path, learner, recipe(), manifest.digest)
    digest = manifest.digest if what == "recipe" else "other"
    with pytest.raises(RunError, match=f"made with another {what}"):
        checkpoint.resume(tmp_path, learner, recipe(**changes), digest)


def test_the_average_follows_its_closed_form_and_swaps_back_to_the_bit() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    ema.fill(layer, [torch.tensor([[0.0]])])
    average = ema.Average(layer, 0.5)
    expected = 0.0
    for update, value in enumerate([1.0, 2.0, 3.0]):
        ema.fill(layer, [torch.tensor([[value]])])
        average.update(layer)
        decay = min(0.5, (1 + update) / (10 + update))
        expected = decay * expected + (1 - decay) * value
    with pytest.raises(Stop), average.swapped_in(layer):
        assert layer.weight.item() == pytest.approx(expected)
        raise Stop
    assert layer.weight.item() == 3.0


# --- scoring ------------------------------------------------------------------------------------


def test_psnr_has_its_closed_form() -> None:
    black = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
    assert float(evaluate.psnr(black, black)) == 100
    assert float(evaluate.psnr(black, black + 51)) == pytest.approx(13.979, abs=1e-3)  # 20 log10(255 / 51)


def test_an_edit_is_followed_when_nearest_to_its_own_target() -> None:
    levels = torch.tensor([0, 100, 200], dtype=torch.uint8).view(3, 1, 1, 1).expand(3, 3, 2, 2)
    assert evaluate.followed(levels[0] + 40, levels[0], levels[1:])
    assert not evaluate.followed(levels[0] + 60, levels[0], levels[1:])


def test_the_sampler_reaches_the_data_where_the_velocity_is_true() -> None:
    x0, noise = (
        torch.full((2, 4, 12), 0.25),
        torch.randn(2, 4, 12, generator=torch.Generator().manual_seed(0)),
    )

    class True_(torch.nn.Module):
        def forward(self, hidden_states: Tensor, timestep: Tensor, **_: object) -> tuple[Tensor]:
            return ((hidden_states[:, :4] - x0) / timestep.view(-1, 1, 1),)

    made = evaluate.euler(True_(), noise, x0, torch.zeros(2, 1, 8), evaluate.levels(recipe()), (2, 2))
    assert torch.allclose(made, x0, atol=1e-5)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_noise_levels_fall_from_1_to_0(shift: float) -> None:
    levels = evaluate.levels(recipe(evaluation={"sampler_steps": 5, "sampler_shift": shift}))
    assert (levels[0], levels[-1], len(levels)) == (1, 0, 6)
    assert levels == sorted(levels, reverse=True)


def test_the_same_held_out_pairs_get_the_same_edits_in_any_company(manifest: Manifest) -> None:
    settings = recipe(evaluation={"pairs": 3, "sampler_steps": 2})
    network = learner_of(settings, manifest).model
    chosen = evaluate.held_out(settings, manifest)
    alone = evaluate.HeldOut(chosen.pairs[1:2], chosen.source[1:2], chosen.target[1:2], chosen.text[1:2])
    difference = (
        evaluate.edited(settings, network, chosen)[1].int()
        - evaluate.edited(settings, network, alone)[0].int()
    )
    assert difference.abs().max() <= 1


# --- the trainer script -------------------------------------------------------------------------


def launch(
    folder: Path, out: Path, *options: str, launcher: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    small = ["resolutions=[16]", "model.layers=1", "model.width=32", "model.heads=2", "model.start=random"]
    small += [
        "steps=6",
        "batch_size=4",
        "checkpoint_every=3",
        "threads=1",
        "evaluation.pairs=3",
        "optim.warmup_steps=0",
    ]
    sets = [word for value in (*small, *options) for word in ("--set", value)]
    script = [str(shipped("trainers") / "flow.py"), "tiny/flow", "--manifest", str(folder), "--out", str(out)]
    return subprocess.run(
        [sys.executable, *launcher, *script, *sets],
        cwd=out.parent,
        env={**os.environ, "PYTHONPATH": str(Path(evaluate.__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_script_trains_once_and_then_says_it_is_done(tmp_path: Path) -> None:
    folder, out = freeze(tmp_path / "manifest"), tmp_path / "out"
    first, second = launch(folder, out), launch(folder, out)
    assert first.returncode == 0, first.stderr
    assert "step 6/6" in first.stderr
    assert (
        json.loads(first.stdout)
        == json.loads((out / "summary.json").read_text())
        == json.loads(second.stdout)
    )
    assert "already finished" in second.stderr
    assert len(evaluate.read_scores(out / "scores.parquet")) == 6
    assert len(list((out / "samples").glob("*_after.png"))) == 3
    other = launch(folder, out, "seed=1")
    assert (other.returncode, other.stdout) == (1, "")
    assert "holds a run with another recipe" in other.stderr


@pytest.mark.slow
def test_a_second_trainer_waits_for_the_first_and_trains_nothing_twice(tmp_path: Path) -> None:
    folder, out = freeze(tmp_path / "manifest"), tmp_path / "out"
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: launch(folder, out), range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout == second.stdout
    assert sorted("already finished" in done.stderr for done in (first, second)) == [False, True]
    assert len((out / "loss.jsonl").read_text().splitlines()) == 6


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    folder = freeze(tmp_path / "manifest")
    launchers: list[tuple[str, ...]] = [
        (),
        ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"),
    ]
    found = []
    for number, launcher in enumerate(launchers):
        out = tmp_path / str(number)
        done = launch(folder, out, launcher=launcher)
        assert done.returncode == 0, done.stderr
        found.append([line["loss"] for line in journal.read_lines(out / "loss.jsonl")])
    assert found[1] == pytest.approx(found[0], rel=1e-4)


@pytest.mark.slow
def test_an_altered_manifest_is_one_line_and_exit_1(tmp_path: Path) -> None:
    folder = freeze(tmp_path / "manifest")
    (folder / "rows.parquet").write_bytes(b"")
    done = launch(folder, tmp_path / "out")
    assert done.returncode == 1
    assert "altered" in done.stderr
    assert "Traceback" not in done.stderr
