"""How often the cache of answers was of use, by task; counted from the start of this process."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class TaskFigures:
    """Each question is counted in one of the three; an answer that could not be kept is an error more."""

    hits: int = 0
    misses: int = 0
    errors: int = 0

    @property
    def hit_ratio(self) -> float | None:
        """The part of the questions that were answered from the cache, errors included; None of nothing."""
        asked = self.hits + self.misses + self.errors
        return self.hits / asked if asked else None


@dataclass(slots=True)
class CacheFigures:
    """The figures of each task, and of all."""

    by_task: dict[str, TaskFigures] = field(default_factory=lambda: defaultdict(TaskFigures))

    @property
    def total(self) -> TaskFigures:
        """All tasks together."""
        every = self.by_task.values()
        return TaskFigures(
            sum(one.hits for one in every), sum(one.misses for one in every), sum(one.errors for one in every)
        )

    @property
    def hit_ratio(self) -> float | None:
        """That of all tasks together."""
        return self.total.hit_ratio
