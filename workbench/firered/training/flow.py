"""The loss of the flow-matching stages: pre-training, continued pre-training, fine-tuning."""

from torch import Tensor

from firered.recipe.stage import StageRecipe
from firered.training import objectives
from firered.training.batches import Batch
from firered.training.loop import Loss
from firered.training.model import Model, velocity


def loss(recipe: StageRecipe) -> Loss:
    """Make the loss of a recipe: (model, batch) -> (B,)."""
    settings = recipe.sigma

    def of_batch(model: Model, batch: Batch) -> Tensor:
        noisy = objectives.noised(batch.x0, batch.noise, batch.sigma)
        shapes = [batch.shape, batch.shape]
        predicted = velocity(model, noisy, [batch.source], batch.text, batch.sigma, shapes=shapes)
        error = objectives.flow_matching(predicted, batch.x0, batch.noise)
        if settings.weight == "none":
            return error
        return error * objectives.logit_normal_weight(batch.sigma, mean=settings.mean, std=settings.std)

    return of_batch
