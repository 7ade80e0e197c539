"""Embeddings that depend on the words: a hashed bag of words, so that texts which share words are close."""

import hashlib
import math
import re
import unicodedata
from collections import Counter


def embed(text: str, dimension: int) -> list[float]:
    """Return the unit vector of a text: its words, without case or accents, each hashed to a signed place.

    Signed hashing keeps the dot product of two texts unbiased (Weinberger et al., 2009). A text without a
    word gets the vector of the empty word, never a null one.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    vector = [0.0] * dimension
    for word, count in Counter(re.findall(r"\w+", plain) or [""]).items():
        place, sign = _place(word, dimension)
        vector[place] += sign * math.sqrt(count)  # a word said nine times weighs three
    norm = math.hypot(*vector)
    if norm == 0.0:  # two words of opposite signs met in the same place and nothing else is left
        place, _ = _place("", dimension)
        vector[place] = norm = 1.0
    return [value / norm for value in vector]


def _place(word: str, dimension: int) -> tuple[int, float]:
    digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
    return (digest >> 1) % dimension, 1.0 if digest & 1 else -1.0
