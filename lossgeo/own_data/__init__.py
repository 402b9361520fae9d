"""A learner's own data: a file or a paste becomes a data set, and is told how it was understood.

`text` turns bytes into lines, `table` lines into columns, `numerals` and `labels` columns into numbers, and `reading`
chooses x and y and says what was done.
"""

from lossgeo.own_data.labels import TooManyClasses
from lossgeo.own_data.reading import LIMITS, NAME, OwnData, effect, read
from lossgeo.own_data.text import safe_cell

__all__ = ["LIMITS", "NAME", "OwnData", "TooManyClasses", "effect", "read", "safe_cell"]
