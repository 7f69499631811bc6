"""Extend a picture on one side: a crop is the source and the photograph the exact target, or an editor paints it."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firered.models import editor as editors
from firered.synthesis.control_presets import Preset, digest, of_maker, preset_of
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Said, Wish
from firered.synthesis.masks import editing, stitch
from firered.synthesis.masks.shape import Mask, Window
from firered.synthesis.scene import Scene
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.pictures import Pictures

LEAST_SIDE = 96  # pixels of the crop
LEAST_DETAIL = 3.0  # deviation in levels of what is added


@dataclass(frozen=True)
class Outpaint:
    """Extends pictures; no model needed."""

    name: str = "outpaint"
    version: int = 1
    strategy: Strategy = "control"
    needs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Digest of its presets."""
        return digest(self.name)

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """Two sides of every photograph, each by its own share."""
        del scene
        found: list[Wish] = []
        for preset in of_maker(self.name):
            for side in random.sample(preset.options.sides, 2):
                found.append(_wish(preset, side, random.choice(preset.options.percents)))
        return found

    def make(self, wish: Wish, source: Pixels, seed: int, pictures: "Pictures") -> Made:
        """Cut the side off for the source, or let the preset's editor paint a new one."""
        del pictures
        preset = preset_of(wish)
        side, percent = str(wish.control["side"]), int(wish.slots["percent"].value)
        if preset.editor:
            return _painted(preset, source, side, percent, seed)
        shown = window(source.shape[:2], side, percent / (100 + percent))
        if min(shown.size) < LEAST_SIDE:
            raise ValueError(
                f"too small: {shown.size[0]}x{shown.size[1]} pixels would be left, {LEAST_SIDE} needed"
            )
        new = _outside(source.shape[:2], shown)
        if source[new].std() < LEAST_DETAIL:
            raise ValueError("what would be added is plain")
        return Made(
            source, source=source[shown.slices].copy(), mask=new, truth=_truth(source.shape[:2], shown)
        )


def _wish(preset: Preset, side: str, percent: int) -> Wish:
    share = round(100 * percent / (100 + percent))
    said = {
        "percent": Said(en=f"{percent}%", zh=f"{percent}%", value=percent),
        "share": Said(en=f"{share}%", zh=f"{share}%", value=share),  # what the inverse cuts off
    }
    control = {"preset": preset.model_dump(mode="json"), "side": side}
    return Wish(primitive=f"viewpoint_outpaint_{side}", slots=said, control=control)


def window(size: tuple[int, int], side: str, share: float) -> Window:
    """What is left of a picture (H, W) when a share of it is cut off at a side."""
    height, width = size
    across, down = round(width * share), round(height * share)
    return Window(
        across if side == "left" else 0,
        down if side == "top" else 0,
        width - across if side == "right" else width,
        height - down if side == "bottom" else height,
    )


def _outside(size: tuple[int, int], shown: Window) -> Mask:
    new = np.ones(size, np.bool_)
    new[shown.slices] = False
    return new


def _truth(size: tuple[int, int], shown: Window) -> dict[str, object]:
    """Where the source stands in the target: its box, and the homography of relative coordinates."""
    height, width = size
    box = [shown.left / width, shown.top / height, shown.right / width, shown.bottom / height]
    homography = [[box[2] - box[0], 0, box[0]], [0, box[3] - box[1], box[1]], [0, 0, 1]]
    return {"shown": [round(value, 6) for value in box], "homography": homography}


def _painted(preset: Preset, source: Pixels, side: str, percent: int, seed: int) -> Made:
    """An editor paints the new part of a larger canvas; what was there is put back."""
    height, width = source.shape[:2]
    across, down = round(width * percent / 100), round(height * percent / 100)
    edges = {"left": across, "right": across, "top": down, "bottom": down}
    edges = {name: size * (name == side) for name, size in edges.items()}
    canvas = cv2.copyMakeBorder(
        source, edges["top"], edges["bottom"], edges["left"], edges["right"], cv2.BORDER_REPLICATE
    )
    shown = Window(edges["left"], edges["top"], edges["left"] + width, edges["top"] + height)
    new = _outside(canvas.shape[:2], shown)
    request = editors.EditRequest(
        images=(canvas,), instruction="continue the scene", mask=new, seed=seed, strength=1.0
    )
    painted = editing.edited(preset, request)
    target = stitch.pasted_back(canvas, painted, new)
    return Made(target, mask=new, truth={**_truth(canvas.shape[:2], shown), **editing.told(preset)})


MAKER = Outpaint()
