import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from firered.training import codec


@given(
    st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 2, 4]), st.integers(0, 99)
)
def test_decoding_gives_the_pixels_back_exactly(
    batch: int, rows: int, columns: int, patch: int, seed: int
) -> None:
    height, width = rows * patch, columns * patch
    pixels = torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(seed))
    latents = codec.encode(pixels, patch=patch)
    assert latents.shape == (batch, rows * columns, codec.channels(patch))
    assert torch.equal(codec.decode(latents, patch=patch, height=height, width=width), pixels)


def test_tokens_are_patches_row_by_row() -> None:
    pixels = torch.zeros(1, 3, 4, 6)
    pixels[0, :, 2:4, 0:2] = 1  # second row of patches, first column of three
    assert codec.encode(pixels, patch=2).sum(2)[0].nonzero().flatten().tolist() == [3]


def test_every_byte_survives_the_way_to_floats_and_back() -> None:
    every = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(codec.to_bytes(codec.to_signed(every)), every)
    assert codec.to_bytes(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]


def test_a_picture_that_patches_do_not_fill_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        codec.encode(torch.zeros(1, 3, 5, 4), patch=2)
