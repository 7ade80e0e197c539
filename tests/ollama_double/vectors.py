"""Embeddings that depend on the words: a hashed bag of words, so that texts which share words are close."""

import hashlib
import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache


def embed(text: str, dimension: int, seed: int = 0) -> list[float]:
    """Return the unit vector of a text: its words, without case or accents, each hashed to a signed place.

    Signed hashing keeps the dot product of two texts unbiased (Weinberger et al., 2009). A text without a
    word gets the vector of the empty word, never a null one. Another seed is another model.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    vector = [0.0] * dimension
    for word, count in Counter(re.findall(r"\w+", plain) or [""]).items():
        place, sign = _place(word, dimension, seed)
        vector[place] += sign * math.sqrt(count)  # a word said nine times weighs three
    norm = math.hypot(*vector)
    if norm == 0.0:  # two words of opposite signs met in the same place and nothing else is left
        place, _ = _place("", dimension, seed)
        vector[place] = norm = 1.0
    return [value / norm for value in vector]


@lru_cache(maxsize=65_536)
def _place(word: str, dimension: int, seed: int) -> tuple[int, float]:
    said = f"{seed}:{word}" if seed else word
    digest = int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest())
    return (digest >> 1) % dimension, 1.0 if digest & 1 else -1.0
