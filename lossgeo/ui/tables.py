"""Columns of numbers or words as the Arrow tables that charts take, straight from their memory.

`pa.table` and `pa.array` would first load pandas, a quarter of a second, to ask whether the columns are its own; and a
DataFrame takes five times as long to send.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

Column = np.ndarray | Sequence[float] | Sequence[str] | pa.Array


def table(columns: Mapping[str, Column]) -> pa.Table:
    """Columns of equal length, by name."""
    return pa.Table.from_arrays([array(values) for values in columns.values()], names=list(columns))


def array(values: Column) -> pa.Array:
    """Numbers in the type that NumPy gives them; words where the first value is one."""
    if isinstance(values, pa.Array):
        return values
    if len(values) and isinstance(values[0], str):
        texts = [text.encode() for text in values]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
        return pa.Array.from_buffers(pa.string(), len(texts), buffers)
    numbers = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(numbers.dtype)
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def repeated(which: np.ndarray, words: Sequence[str]) -> pa.Array:
    """The word of each index (int8): few words in many rows."""
    return pa.DictionaryArray.from_arrays(array(which), array(words))
