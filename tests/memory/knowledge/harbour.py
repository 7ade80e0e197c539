"""A small graph that does not change: what typical reads are asked of."""

from __future__ import annotations

from memory.knowledge.facts import DocumentFacts, Employment, Entity
from tests.memory.knowledge.samples import facts, link


def _works(person: str, firm: str, chunk: str, role: str = "") -> Employment:
    return Employment(Entity("Person", person), Entity("Organization", firm), (chunk,), role)


def harbour() -> list[DocumentFacts]:
    """Eight documents about a harbour town."""
    return [
        facts(
            "lease",
            link("Person", "Claire Dubois", "lease-1", author=True),
            link("Person", "Paul Martin", "lease-2"),
            link("Organization", "Boreas Shipping", "lease-1", "lease-3"),
            link("Organization", "Harbour Bank", "lease-3"),
            link("Topic", "lease", "lease-1"),
            link("Topic", "warehouse", "lease-2"),
            link("Event", "Signing of the lease", "lease-3", date="2025-03-14"),
            employments=(
                _works("Claire Dubois", "Boreas Shipping", "lease-1", "treasurer"),
                _works("Paul Martin", "Harbour Bank", "lease-3", "director"),
            ),
            title="Lease of the warehouse",
        ),
        facts(
            "minutes",
            link("Person", "Anne Le Gall", "minutes-1", author=True),
            link("Person", "Claire Dubois", "minutes-1"),
            link("Person", "Nadia Benali", "minutes-2"),
            link("Organization", "Boreas Shipping", "minutes-1"),
            link("Topic", "budget", "minutes-2"),
            link("Topic", "lease", "minutes-3"),
            link("Event", "General meeting", "minutes-1", date="2025-06-02"),
            employments=(_works("Nadia Benali", "Boreas Shipping", "minutes-2", "engineer"),),
            title="Minutes of June",
        ),
        facts(
            "letter",
            link("Person", "Paul Martin", "letter-1", author=True),
            link("Person", "Claire Dubois", "letter-1"),
            link("Organization", "Harbour Bank", "letter-1"),
            link("Topic", "loan", "letter-1"),
            link("Event", "Storm", "letter-2", date="2025-01"),
            title="Letter about the loan",
        ),
        facts(
            "survey",
            link("Person", "Joost van der Meer", "survey-1", author=True),
            link("Organization", "Atelier Rivoli", "survey-1"),
            link("Topic", "warehouse", "survey-1", "survey-2"),
            link("Topic", "roof", "survey-2"),
            link("Event", "Storm", "survey-1", date="2025-01"),
            employments=(_works("Joost van der Meer", "Atelier Rivoli", "survey-1", "surveyor"),),
            title="Survey of the roof",
        ),
        facts(
            "contract",
            link("Person", "Joost van der Meer", "contract-1"),
            link("Person", "Nadia Benali", "contract-2"),
            link("Organization", "Atelier Rivoli", "contract-1"),
            link("Organization", "Boreas Shipping", "contract-1"),
            link("Topic", "roof", "contract-1"),
            link("Topic", "budget", "contract-3"),
            link("Event", "Works begin", "contract-3", date="2025-09-01"),
            employments=(_works("Nadia Benali", "Atelier Rivoli", "contract-2", "adviser"),),
            title="Contract for the roof",
        ),
        facts(
            "diary",
            link("Person", "Nadia Benali", "diary-1", author=True),
            link("Topic", "tides", "diary-1"),
            link("Event", "Regatta", "diary-2", date="2024-08"),
            title="Diary",
        ),
        facts(
            "call",
            link("Person", "Claire Dubois", "call-1", author=True),
            link("Person", "Nadia Benali", "call-2", author=True),
            link("Topic", "budget", "call-1"),
            link("Topic", "loan", "call-2"),
            title="Call about the budget",
        ),
        facts("empty", title="Blank page"),
    ]
