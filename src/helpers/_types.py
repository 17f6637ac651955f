"""What the public functions take, for type checkers; what exactly is right, the docstrings say, and the calls check."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray
Numbers = ArrayLike
# One number for height and width, or one for each.
PerAxis = int | Sequence[int]
# A name or ((top, bottom), (left, right)). Not the names themselves: a caller may hand on a variable.
Padding = str | Sequence[Sequence[int]]

__all__ = ["Array", "Numbers", "Padding", "PerAxis"]
