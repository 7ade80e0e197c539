"""Confidence: absolute, so that nothing relevant means nothing shown."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.long_term.entries import Question, SearchResult
from memory.long_term.evidence import COEFFICIENTS, Evidence, Judge
from memory.long_term.question_words import NAME_WEIGHT, question_words
from tests.memory.long_term.samples import CountedIndex, an_entry

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
SHARES = st.floats(0, 1)

ENGLISH = {
    "atlas": "The Atlas project is led by Claire Fabre. Its budget is 40,000 euros.",
    "bread": "Bread needs flour, water, salt and patience.",
    "crane": "The crane of the harbour was repaired in March by two engineers.",
}
FRENCH = {
    "pont": "Le pont de Belmont a été ouvert en 1998 par la maire, Louise Garnier.",
    "conges": "Les congés payés sont de vingt-cinq jours par an.",
}


async def remembered(index: CountedIndex) -> None:
    """Put the English and the French texts in."""
    await index.upsert([an_entry(name, text) for name, text in ENGLISH.items()])
    await index.upsert([an_entry(name, text, lang="fr") for name, text in FRENCH.items()])


async def weighed(
    index: CountedIndex, question: str, text: str, *, lang: str = "en", asked_in: str = "en", title: str = ""
) -> Evidence:
    """What a passage in `lang` holds of a question, in the memory of `index`."""
    asked = Question(question, asked_in)
    result = await index.search("marie", asked, 10)
    return Judge(asked, lang, result).weigh(title, text) if lang in result.term_weights else Evidence()


async def test_what_answers_is_believed_and_what_does_not_is_not(index: CountedIndex) -> None:
    """The right passage is above every other by far; its quote is the sentence that answers."""
    await remembered(index)
    question = "What is the budget of the Atlas project?"
    right = await weighed(index, question, ENGLISH["atlas"])
    assert right.confidence > 0.6
    assert "40,000" in right.sentence
    for other in ("bread", "crane"):
        assert (await weighed(index, question, ENGLISH[other])).confidence < 0.1


async def test_mere_words_of_the_question_prove_nothing(index: CountedIndex) -> None:
    """A passage with nothing but the question's own words has confidence 0 and no quote, yet it may rank."""
    await remembered(index)
    question = "What is the budget of the Atlas project?"
    for text in ("Budget of the Atlas project", "The Atlas project.", "Atlas: budget, project, budget."):
        evidence = await weighed(index, question, text)
        assert evidence.confidence == 0
        assert evidence.sentence == ""
        assert evidence.focus > 0


async def test_questions_are_no_evidence(index: CountedIndex) -> None:
    """A question about it that was asked before states nothing, with or without its mark."""
    await remembered(index)
    question = "What is the budget of the Atlas project?"
    for text in (
        "Do you know the budget of the Atlas project this year?",
        "what was the budget of the Atlas project last year",
        "Peux-tu me dire the budget of the Atlas project ?",
    ):
        assert (await weighed(index, question, text)).confidence == 0, text


async def test_names_alone_prove_nothing_in_the_same_language(index: CountedIndex) -> None:
    """A passage on the right person that holds nothing else of the question does not answer it."""
    await remembered(index)
    evidence = await weighed(
        index, "Which budget does Claire Fabre manage?", "Claire Fabre likes walks in the mountains at night."
    )
    assert evidence.words == 0
    assert evidence.confidence == 0


async def test_a_passage_without_the_name_is_doubted(index: CountedIndex) -> None:
    """The same words about somebody else are believed less."""
    await remembered(index)
    question = "What is the budget of Atlas?"
    right = await weighed(index, question, "The budget of Atlas is 40,000 euros.")
    wrong = await weighed(index, question, "The budget of Boreas is 40,000 euros.")
    assert wrong.missing_names > right.missing_names == 0
    assert wrong.confidence < right.confidence - 0.2


async def test_words_that_memory_never_saw_are_doubt(index: CountedIndex) -> None:
    """The same question with a thing that no passage names has less confidence."""
    await remembered(index)
    text = ENGLISH["crane"]
    known = await weighed(index, "Who repaired the crane of the harbour?", text)
    unknown = await weighed(index, "Who repaired the submarine of the harbour?", text)
    assert unknown.unseen > known.unseen == 0
    assert unknown.confidence < known.confidence


async def test_across_languages_a_name_and_the_kind_asked_for_can_prove(index: CountedIndex) -> None:
    """An English question on a French passage: its words cannot match, its names and dates can."""
    await remembered(index)
    question = "When was the Belmont bridge opened?"
    dated = await weighed(index, question, FRENCH["pont"], lang="fr")
    undated = await weighed(index, question, "Belmont possède un pont de pierre.", lang="fr")
    nameless = await weighed(index, question, "Le pont a été ouvert en 1998.", lang="fr")
    assert dated.confidence > 0.4
    assert undated.confidence < 0.2
    assert nameless.confidence < 0.2


async def test_the_title_counts_for_every_sentence(index: CountedIndex) -> None:
    """A sentence that does not repeat what its title says is judged with it."""
    await remembered(index)
    question = "What is the budget of the Atlas project?"
    alone = await weighed(index, question, "The budget is 40,000 euros.")
    titled = await weighed(index, question, "The budget is 40,000 euros.", title="Atlas project")
    assert titled.confidence > alone.confidence
    assert titled.sentence == "The budget is 40,000 euros."


async def test_a_title_alone_is_no_answer(index: CountedIndex) -> None:
    """A passage whose title says all and whose text says nothing has no quote to show for it."""
    await remembered(index)
    evidence = await weighed(index, "What is the Atlas project?", "", title="Atlas project")
    assert evidence.confidence == 0


async def test_related_words_count_where_stems_differ(index: CountedIndex) -> None:
    """« fondation » is near « fonder », and less than the word itself."""
    texts = ["La fondation de la ville date de 1850.", "La ville fut fondée tôt.", "Rien ici."]
    await index.upsert([an_entry(str(n), text, lang="fr") for n, text in enumerate(texts)])
    question = "Quand a-t-on voulu fonder la ville ?"
    near, same, none = [
        (await weighed(index, question, text, lang="fr", asked_in="fr")).window
        for text in (texts[0], "On a voulu fonder la ville en 1850.", "Il pleut.")
    ]
    assert same > near > none == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=TEXTS, text=TEXTS, title=TEXTS, lang=st.sampled_from(["en", "fr"]))
async def test_every_share_is_between_0_and_1(
    index: CountedIndex, question: str, text: str, title: str, lang: str
) -> None:
    """Whatever the question and the passage; a quote is always words of the passage."""
    await index.upsert([an_entry("a", text, lang=lang), an_entry("b", question, lang="en")])
    evidence = await weighed(index, question, text, lang=lang, title=title)
    near = 1 + 1e-9
    shares = (evidence.window, evidence.focus, *evidence.features)
    assert all(-1e-9 <= share <= near for share in shares)
    assert 0 <= evidence.confidence < 1
    letters = [letter for letter in evidence.sentence if letter.isalnum()]
    assert "".join(letters) in "".join(letter for letter in text if letter.isalnum())


@given(SHARES, SHARES, SHARES, SHARES)
def test_more_evidence_means_more_confidence(
    passage: float, words: float, missing: float, unseen: float
) -> None:
    """Confidence rises with what is held, and falls with what is missing; 0 without a word or a quote."""
    evidence = Evidence(passage=passage, words=words, missing_names=missing, unseen=unseen, sentence="x")
    assert 0 <= evidence.confidence <= 1
    if words:
        more = Evidence(passage=passage, words=1, missing_names=0, unseen=0, sentence="x")
        assert more.confidence >= evidence.confidence > 0
    else:
        assert evidence.confidence == 0
    assert Evidence(passage=passage, words=words).confidence == 0
    assert len(evidence.features) == len(COEFFICIENTS) - 1


async def test_each_word_of_a_question_counts_once(index: CountedIndex) -> None:
    """Each stem once, without stop words; names and figures weigh more, but for the first word."""
    await index.upsert([an_entry("a", "budget atlas 2024 harbour")])
    question = Question("Harbour budgets: is the budget of Atlas in 2024 a budget for the zeppelin?", "en")
    result = await index.search("marie", question, 5)
    words = {word.prefix: word for word in question_words(question, "en", result)}
    assert set(words) == {"harbo", "budge", "atlas", "zeppe", None}
    assert [prefix for prefix, word in words.items() if word.name] == ["atlas", None]
    assert [prefix for prefix, word in words.items() if word.unseen] == ["zeppe"]
    assert words["atlas"].weight == NAME_WEIGHT * words["budge"].weight
    assert words["zeppe"].weight > words["budge"].weight


async def test_nothing_asked_is_nothing_held() -> None:
    """A question of which no word counts, or a memory without entries, gives the empty evidence."""
    nothing = SearchResult(term_weights={"en": {}})
    assert Judge(Question("?", "en"), "en", nothing).weigh("Title", "A text.") == Evidence()
