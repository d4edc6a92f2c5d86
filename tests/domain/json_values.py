"""Hypothesis strategies for JSON."""

from hypothesis import strategies as st

from domain.canonical import LARGEST_INTEGER, Json

# Around the places where UTF-16 order and code point order part, and where escapes begin.
_TELLING = st.sampled_from(
    ["\x00", "\x1f", "\b", "\n", '"', "\\", "/", "\x7f", "\x80", "é", "\ufb33", "\uffff", "😀", "𝄞"]
)
texts = st.text(st.one_of(_TELLING, st.characters(exclude_categories=["Cs"])), max_size=8)
integers = st.one_of(st.integers(-9, 9), st.integers(-LARGEST_INTEGER, LARGEST_INTEGER))
scalars = st.one_of(st.none(), st.booleans(), integers, texts)
fractions = st.floats(-1e15, 1e15, allow_nan=False).filter(lambda number: not number.is_integer())


def _nested(leaves: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=5))
    )


values = _nested(scalars)
values_with_floats = _nested(st.one_of(scalars, fractions))
