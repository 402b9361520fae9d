"""Columns as Arrow tables, the form in which charts get their data. A DataFrame takes five times as long to send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from lossgeo.views.stage_data import Columns, Words

TYPES = {float: pa.float64(), int: pa.int64(), str: pa.string()}


def tables(sets: Mapping[str, Columns]) -> dict[str, pa.Table]:
    """Each set of columns as a table, by name. Numbers keep their NumPy type."""
    return {name: table(data) for name, data in sets.items()}


def table(data: Columns) -> pa.Table:
    """Columns of equal length as a table. Without rows it has no columns either, each of which would cost 60 bytes."""
    arrays = {name: _array(column) for name, column in data.items()}
    return pa.table(arrays if any(map(len, arrays.values())) else {})


def _array(column: object) -> pa.Array:
    """A column as an Arrow array."""
    if isinstance(column, Words):
        return pa.DictionaryArray.from_arrays(pa.array(column.index), pa.array(column.texts))
    return column if isinstance(column, pa.Array) else pa.array(column)


def columns(rows: Iterable[tuple[object, ...]], **kinds: type) -> Columns:
    """Rows as columns with these names and types (float, int or str). An empty table keeps the types."""
    listed = list(rows)
    return {name: pa.array([row[i] for row in listed], TYPES[kind]) for i, (name, kind) in enumerate(kinds.items())}
