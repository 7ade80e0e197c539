"""BM25 sparse vectors (Robertson and Zaragoza 2009), with the stemmer and stop words of a language.

Settings, measured on French and English documents and on conversations: k1 1.2, b .75, accents
folded, and 60 words as the mean length of a passage. They are part of the index's fingerprint.
"""

from functools import lru_cache

from qdrant_edge import Bm25, Bm25Config, DisabledStemmer, Language, SparseVector, StopwordsSet

K1, B, MEAN_WORDS = 1.2, 0.75, 60.0
FINGERPRINT = {
    "k1": K1,
    "b": B,
    "mean_words": MEAN_WORDS,
    "folding": True,
    "stop_words": "snowball",
    "version": 2,
}

_LANGUAGES = {
    "da": ("danish", Language.Danish),
    "de": ("german", Language.German),
    "en": ("english", Language.English),
    "es": ("spanish", Language.Spanish),
    "fi": ("finnish", Language.Finnish),
    "fr": ("french", Language.French),
    "hu": ("hungarian", Language.Hungarian),
    "it": ("italian", Language.Italian),
    "nl": ("dutch", Language.Dutch),
    "no": ("norwegian", Language.Norwegian),
    "pt": ("portuguese", Language.Portuguese),
    "ro": ("romanian", Language.Romanian),
    "ru": ("russian", Language.Russian),
    "sv": ("swedish", Language.Swedish),
}

_FOLDED_STOP_WORDS = {
    "de": "fur uber konnen konnte wurde wurden wahrend",
    "en": "would could also us",
    "es": "el esta estan tambien mas si que como donde cuando fue",
    "fr": "a ete etes etee etees etant etais etait etions etaient meme memes avoir etre cette tres donc "
    "si ni car comme elles cela ca tout toute tous toutes plus fut eut deja voila",
    "it": "e piu perche cosi cio",
    "pt": "nao voce sao ate esta tambem ja so",
}
"""Stop words that the engine's lists miss: it folds accents first and compares with accented words after."""

_QUESTION_WORDS = (
    "combien comment pourquoi quand quel quelle quels quelles lequel laquelle lesquels ou fait faire faut "
    "peut peux dis dites voudrais aimerais savoir donne moi many much whose tell please get got"
)
"""Words that ask, and say nothing of what is asked: no passage is relevant because it holds them."""


@lru_cache(maxsize=256)
def encoder(lang: str, question_lang: str | None = None) -> Bm25:
    """Return the encoder for texts in `lang`.

    With `question_lang` the text is a question: the stop words of its language and words that ask are
    left out too, because « le » and « des » of a French question are noise among English passages. A
    language without a stemmer gets none, and no stop words.
    """
    known = _LANGUAGES.get(lang)
    languages = {_LANGUAGES[code][1] for code in (lang, question_lang) if code in _LANGUAGES}
    more = " ".join(_FOLDED_STOP_WORDS.get(code, "") for code in (lang, question_lang) if code)
    asking = _QUESTION_WORDS if question_lang else ""
    stop_words = StopwordsSet(languages=languages, custom=set(f"{more} {asking}".split()))
    return Bm25(_config(known[0] if known else None, stop_words))


def _config(language: str | None, stop_words: StopwordsSet) -> Bm25Config:
    stemmer = DisabledStemmer() if language is None else None
    return Bm25Config(
        k=K1,
        b=B,
        avg_len=MEAN_WORDS,
        language=language,
        ascii_folding=True,
        stopwords=stop_words,
        stemmer=stemmer,
    )


def document_vector(text: str, lang: str) -> SparseVector:
    """Return the vector of a passage: term-frequency weights, to be multiplied by IDF at search."""
    return encoder(lang).embed_document(text)


def terms(text: str, lang: str, question_lang: str | None = None) -> frozenset[int]:
    """Return the ids of the stemmed words of a text, stop words left out."""
    return frozenset(encoder(lang, question_lang).embed_query(text).indices)
