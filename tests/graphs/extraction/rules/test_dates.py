"""Dates as documents write them."""

import pytest

from graphs.extraction.rules.dates import dates, main_year, stamped


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("en", "on 14 April 2026", ["2026-04-14"]),
        ("en", "April 2026", ["2026-04"]),
        ("en", "founded in 1987", ["1987"]),
        ("en", "by 3 May 2025", ["2025-05-03"]),
        ("en", "since March 2024", ["2024-03"]),
        ("en", "the third of June", ["2026-06-03"]),
        ("en", "at the end of March 2026", ["2026-03"]),
        ("en", "2025-02-03", ["2025-02-03"]),
        ("en", "last week, two days ago, next year", []),
        ("en", "room 2024, 3000 euros", []),
        ("fr", "le 1er mai 2026", ["2026-05-01"]),
        ("fr", "du 3 au 5 juin 2026", ["2026-06-03"]),
        ("fr", "le 14 avril", ["2026-04-14"]),
        ("fr", "03/05/2024", ["2024-05-03"]),
        ("fr", "2019 : ouverture", ["2019"]),
        ("fr", "il y a deux ans", []),
    ],
)
def test_a_date_is_as_precise_as_it_is_written(lang: str, text: str, found: list[str]) -> None:
    """ISO 8601; what is relative to today is no date; a day without a year is of the document's."""
    assert [day.iso for day in dates(text, lang, 2026)] == found


def test_a_day_without_a_year_needs_one() -> None:
    """Where nothing says the year, a day has no date."""
    assert dates("le 14 avril", "fr", None) == ()


def test_names_of_files_have_dates() -> None:
    """A file named call-2026-05-06.srt is of that day."""
    assert stamped("call-2026-05-06.srt") == "2026-05-06"
    assert stamped("20240131 notes.txt") == "2024-01-31"
    assert stamped("budget-2026.xlsx") == ""
    assert stamped("part-12345678") == ""


def test_the_year_of_a_document_is_that_of_its_title() -> None:
    """Else the one that it says most often."""
    assert main_year(iter(["Report 2024", "2025 2025 2025"])) == 2024
    assert main_year(iter(["Report", "2025 2023 2025"])) == 2025
    assert main_year(iter(["Report", "no year"])) is None
