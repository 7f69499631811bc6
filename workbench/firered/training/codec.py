"""The exact patch codec: a picture's pixels rearranged into tokens, without loss."""

from torch import Tensor
from torch.nn.functional import pixel_shuffle, pixel_unshuffle


def channels(patch: int) -> int:
    """Numbers in a token."""
    return 3 * patch**2


def encode(pixels: Tensor, *, patch: int) -> Tensor:
    """Turn pixels (B, 3, H, W) into latents (B, L, C), L = H W / patch^2 tokens row by row."""
    height, width = pixels.shape[-2:]
    assert height % patch == 0 and width % patch == 0, (height, width, patch)
    return pixel_unshuffle(pixels, patch).flatten(2).transpose(1, 2)


def decode(latents: Tensor, *, patch: int, height: int, width: int) -> Tensor:
    """Turn latents (B, L, C) back into pixels (B, 3, H, W); height and width in pixels."""
    rows, columns = height // patch, width // patch
    assert latents.shape[1] == rows * columns, (latents.shape, rows, columns)
    grid = latents.transpose(1, 2).reshape(-1, channels(patch), rows, columns)
    return pixel_shuffle(grid, patch)


def to_signed(pixels: Tensor) -> Tensor:
    """Map uint8 pixels 0..255 to floats -1..1."""
    return pixels.float() / 127.5 - 1


def to_bytes(pixels: Tensor) -> Tensor:
    """Map floats -1..1 to uint8 pixels 0..255; what lies outside is cut off."""
    return ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte()
