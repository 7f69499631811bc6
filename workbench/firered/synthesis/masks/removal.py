"""Taking a thing out of a picture: grow its mask, look at what lies around, fill the hole, look at the seam."""

from dataclasses import dataclass

from firered.descriptors import patchmatch
from firered.models import editor as editors
from firered.synthesis.control_presets import Crop, Preset
from firered.synthesis.masks import editing, shape, stitch
from firered.synthesis.masks.maker import refuse, refuse_less
from firered.synthesis.masks.membrane import evened, is_even
from firered.synthesis.masks.shadow import with_shadow
from firered.synthesis.masks.shape import Mask
from firered.synthesis.masks.surroundings import seam_of, surroundings, tone_step
from firered.templating.planes import Pixels

PATCHES = "embedded:patchmatch"
REQUEST = "remove the object and fill in the background"


@dataclass(frozen=True)
class Removal:
    """A picture without a thing, the hole that was filled, and what was measured."""

    pixels: Pixels
    hole: Mask
    truth: dict[str, float]


def remove(pixels: Pixels, mask: Mask, preset: Preset, *, seed: int) -> Removal:
    """Fill what a mask (H, W) covers; raises ValueError where the fill would be, or is, seen."""
    whole = with_shadow(pixels, mask) if preset.mask.shadow else mask
    hole = shape.grown(whole, preset.mask.grow, below=preset.mask.below)
    refuse("area with edge and shadow", float(hole.mean()), preset.limits.area)
    around, limits = surroundings(pixels, hole), preset.limits
    refuse("spread of the colours around the mask", around.spread, limits.spread)
    refuse("patchwork around the mask", around.patchwork, limits.patchwork)
    refuse("edges that run into the mask", around.crossing, limits.crossing)
    refuse_less("part of the surroundings inside the picture", around.open, limits.open)
    filled, energy = _filled(pixels, hole, preset, seed)
    refuse("distance of the fill from its models", energy, limits.energy)
    if is_even(pixels, hole):
        filled = evened(pixels, filled, hole)
    seam, step = seam_of(filled, hole), tone_step(filled, hole)
    refuse("seam", seam, limits.seam)
    refuse("step of tone at the seam", step, limits.step)
    return Removal(filled, hole, {**around.numbers(), "energy": round(energy, 3), "seam": seam, "step": step})


def _filled(pixels: Pixels, hole: Mask, preset: Preset, seed: int) -> tuple[Pixels, float]:
    """The picture with its hole filled, and the energy of the patches, 0 of another editor."""
    crop = preset.crop or Crop()
    energies = [0.0]

    def by_patches(part: Pixels, gap: Mask) -> Pixels:
        found = patchmatch.fill(part, gap, seed=seed)
        energies.append(found.energy)
        return found.pixels

    def by_editor(part: Pixels, gap: Mask) -> Pixels:
        request = editors.EditRequest(images=(part,), instruction=REQUEST, mask=gap, seed=seed)
        return editing.edited(preset, request)

    own = preset.editor in (None, PATCHES)
    work = by_patches if own else by_editor
    filled = stitch.crop_and_stitch(pixels, hole, work, context=crop.context, side=crop.side)
    if not own and preset.mask.feather:
        soft = shape.feathered(shape.shrunk(hole, preset.mask.feather), preset.mask.feather)
        filled = stitch.blended(pixels, filled, soft * hole)
    return filled, energies[-1]
