"""COCO run lengths: what is encoded comes back, and the text is the one that COCO's tools write."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firered.descriptors import rle


@st.composite
def masks(draw):
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    shape = draw(st.sampled_from(["noise", "box", "plain"]))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    mask = np.zeros((height, width), bool)
    if shape == "noise":
        return generator.random((height, width)) < draw(st.floats(0, 1))
    if shape == "box":
        top, left = int(generator.integers(height)), int(generator.integers(width))
        mask[top:, left : left + 1 + int(generator.integers(width))] = True
    return mask ^ draw(st.booleans())


def slowly(mask):
    """The reference algorithm, number by number."""
    flat = np.asarray(mask).ravel(order="F").astype(int).tolist()
    lengths, value = [0], 0
    for pixel in flat:
        if pixel != value:
            lengths.append(0)
            value = pixel
        lengths[-1] += 1
    text = ""
    for index, number in enumerate(lengths):
        left = number - (lengths[index - 2] if index > 2 else 0)
        more = True
        while more:
            low = left & 31
            left >>= 5
            more = left != -1 if low & 16 else left != 0
            text += chr((low | 32 if more else low) + 48)
    return text


@given(masks())
def test_a_mask_comes_back_from_its_run_lengths(mask):
    back = rle.decode(rle.encode(mask), *mask.shape)
    assert back.dtype == bool
    assert np.array_equal(back, mask)


@given(masks())
def test_the_text_is_that_of_the_reference_algorithm(mask):
    assert rle.encode(mask) == slowly(mask)


@given(masks())
def test_the_area_is_the_count_of_pixels(mask):
    assert rle.area(rle.encode(mask)) == mask.sum()


def test_long_runs_take_more_characters():
    mask = np.zeros((1200, 1100), bool)
    mask[:, 500:] = True
    text = rle.encode(mask)
    assert len(text) <= 10
    assert np.array_equal(rle.decode(text, 1200, 1100), mask)


def test_texts_of_whole_and_empty_masks():
    assert rle.encode(np.zeros((2, 2), bool)) == "4"
    assert rle.encode(np.ones((2, 2), bool)) == "04"


@pytest.mark.parametrize("text", ["P", "4!", "04é", "5"])
def test_damaged_texts_are_refused(text):
    with pytest.raises(ValueError, match="run lengths"):
        rle.decode(text, 2, 2)
