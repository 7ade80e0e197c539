"""The embedding model, tried out step by step."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, get_args

from graphs.models.checking.findings import EmbedderStep, Finding
from graphs.models.checking.presence import present
from graphs.models.servers import OllamaServer
from memory.long_term.embedding import Embedder
from memory.long_term.errors import EmbedderUnavailable

STEP_SECONDS: Final = 120.0
_TEXTS: Final = 32
_PASSAGE: Final = (
    "Passage {n}. The harbour office opens at seven. Ships that arrive before wait outside the mole, where "
    "the pilot meets them; those with perishable goods go first, then the ferries, then everybody else. Fees "
    "are paid at the desk on the ground floor, in cash or by card, and a receipt is kept for two years."
)


@dataclass
class EmbedderCheck:
    """The steps for the embedder of the routes."""

    embedder: Embedder
    server: OllamaServer
    missing: Collection[str] = ()
    """Languages of this memory that it has not learned."""
    step_seconds: float = STEP_SECONDS
    steps: tuple[EmbedderStep, ...] = get_args(EmbedderStep)
    given_up: bool = field(default=False, init=False)
    """Whether it does not answer: the steps that are left are not tried."""

    async def take(self, step: EmbedderStep) -> Finding:
        """Take one step, within its time; no failure of the model is raised."""
        if self.given_up:
            return Finding(step, "skipped", "skipped")
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(self.step_seconds):
                finding = await _TAKE[step](self)
        except EmbedderUnavailable as error:
            finding = Finding(step, "failed", "reason", {"reason": str(error)})
        except TimeoutError:
            finding = Finding(step, "failed", "late", {"seconds": self.step_seconds})
        self.given_up = finding.state == "failed"
        return replace(finding, ms=round(1000 * (clock() - begun)))

    async def _installed(self) -> Finding:
        return present(self.server, self.embedder.component.partition(":")[2])

    async def _dimension(self) -> Finding:
        space = (await self.embedder.embed_documents(())).space
        return Finding("dimension", "ok", "dimension", {"dimension": space.dimension})

    async def _languages(self) -> Finding:
        learned = sorted(self.embedder.languages)
        if self.missing:
            missing = ", ".join(sorted(self.missing))
            return Finding("languages", "degraded", "languages_missing", {"missing": missing})
        if not learned:
            return Finding("languages", "skipped", "languages_unknown")
        return Finding("languages", "ok", "languages", {"learned": ", ".join(learned)})

    async def _throughput(self) -> Finding:
        clock = asyncio.get_running_loop().time
        begun = clock()
        await self.embedder.embed_documents([_PASSAGE.format(n=n) for n in range(_TEXTS)])
        return Finding("throughput", "ok", "throughput", {"rate": _TEXTS / max(1e-6, clock() - begun)})


_TAKE: Final[Mapping[EmbedderStep, Callable[[EmbedderCheck], Awaitable[Finding]]]] = {
    "installed": EmbedderCheck._installed,
    "dimension": EmbedderCheck._dimension,
    "languages": EmbedderCheck._languages,
    "throughput": EmbedderCheck._throughput,
}
