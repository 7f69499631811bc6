"""Qt resource files: what was put in comes out, and damage is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firered.errors import ModelError
from firered.models import rcc
from qt_resource import resource


@pytest.mark.parametrize("version", [1, 2, 3])
@given(st.dictionaries(st.text("abcé图", min_size=1, max_size=8), st.binary(max_size=60), max_size=5))
def test_a_resource_file_gives_back_what_was_put_in(version, inside):
    expected = {f"top/{name}": content for name, content in inside.items()}
    assert dict(rcc.files(resource(inside, version=version))) == expected


@given(st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_a_damaged_resource_file_is_an_error_and_never_a_loop(at, noise):
    whole = resource({"a": b"one", "b": b"two"})
    broken = (whole[:at] + noise + whole[at + len(noise) :])[: len(whole)]
    try:
        list(rcc.files(broken))
    except ModelError as error:
        assert "resource file" in str(error)


def test_a_resource_file_cannot_name_a_file_outside():
    with pytest.raises(ModelError, match="not a file's name"):
        list(rcc.files(resource({"..": b"x"})))
