"""The agent's nodes: bound methods of one frozen dataclass of resources."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.config import get_config
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest
from langgraph.runtime import Runtime
from langgraph.types import Command

from graphs.agent import history, prompts, quoting, records
from graphs.agent.state import AgentState
from graphs.models.chat import ChatModel, ModelFailed
from memory.archive.archive import Archive
from memory.archive.errors import ArchiveError
from memory.long_term.entries import Question
from memory.long_term.errors import LongTermError
from memory.long_term.language import detect
from memory.long_term.passages import Passage
from memory.long_term.recall import Recall
from memory.long_term.sentences import is_statement, is_telling
from tools.context import TurnContext, require_user

RECALLED = 8
RECALL_SECONDS = 2.0
TOOL_ROUNDS = 4
"""After so many rounds of tool calls in one turn, the model must answer."""
WORTH_SHOWING = 0.1
"""Confidence below which a passage is not even offered to the model."""

Update = dict[str, Any]
Execute = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]


@dataclass(frozen=True)
class AgentNodes:
    """The resources of the agent, chosen by the composition root."""

    archive: Archive
    recall_service: Recall
    models: Sequence[ChatModel]
    tools: Sequence[BaseTool]
    clock: Callable[[], datetime]
    turn_committed: Callable[[], None]
    """Called after the archive has committed a turn, so that it gets indexed."""
    default_context: TurnContext = field(default_factory=TurnContext)
    """Used by a door that gives no context of its own (Studio); empty everywhere else."""

    def context(self, runtime: Runtime[TurnContext]) -> TurnContext:
        """Return the run's user and thread; raises `NoUser` when there is no user."""
        given: TurnContext | None = runtime.context
        user = (given and given.user) or self.default_context.user
        require_user(TurnContext(user))
        thread = given.thread_id if given else ""
        if not thread and runtime.execution_info:
            thread = runtime.execution_info.thread_id or ""
        return TurnContext(user, thread)

    async def begin(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Repair the conversation, or rebuild it where it and the archive disagree."""
        context = self.context(runtime)
        past, question = records.question_of(state["messages"], state.get("turn_id", ""))
        async with self.archive.read() as unit:
            turns = await unit.threads.turns(context.user, context.thread_id, last=history.KEPT_TURNS)
        turns = [turn for turn in turns if turn.id != question.id]
        acknowledged = turns[-1].id if turns else ""
        messages = history.repaired([*past, question])
        if acknowledged != state.get("last_turn_id", "") or not history.holds(messages, turns):
            messages = history.rebuilt(turns, question)
        text = str(question.text).strip()
        return {
            **records.fresh_turn(str(question.id), text, await asyncio.to_thread(detect, text), self.clock()),
            "messages": history.replacing(messages),
            "last_turn_id": acknowledged,
        }

    async def recall(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Search memory for the question, and for what it follows when it says little by itself."""
        context, started = self.context(runtime), self.clock()
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                passages = await self._search(context.user, state)
        except (LongTermError, ArchiveError) as error:
            return records.degraded(state, "recall", str(error))
        except TimeoutError:
            return records.degraded(state, "recall", f"no result within {RECALL_SECONDS:g} s")
        shown = [asdict(passage) for passage in passages if passage.score >= WORTH_SHOWING]
        return {"passages": shown, "timings_ms": {"recall": self._since(started)}}

    async def _search(self, user: str, state: AgentState) -> list[Passage]:
        asked = Question(state["question"], state["lang"])
        passages = await self.recall_service.search(user, asked, RECALLED)
        before = [message for message in state["messages"][:-1] if isinstance(message, HumanMessage)]
        if before and not quoting.best_quotes(passages):
            joined = Question(f"{before[-1].text} {state['question']}", state["lang"])
            passages = await self.recall_service.search(user, joined, RECALLED)
        return passages

    async def call_model(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Call the model whose turn it is; its failure goes on the edge to `step_down`."""
        self.context(runtime)
        model = self.models[state["model_index"]]
        tools = self.tools if state["tool_rounds"] < TOOL_ROUNDS else ()
        try:
            answer = await self._stream(model, self._prompt(state, model.window), tools, runtime)
        except ModelFailed as failure:
            return {"failure": str(failure)}
        calls, text = answer.tool_calls if tools else [], str(answer.text).strip()
        if not calls and not text:
            return {"failure": "it went on calling tools" if answer.tool_calls else "the answer was empty"}
        message = AIMessage(answer.content, tool_calls=calls, id=answer.id)
        return {"messages": [message], "failure": "", "answer": text, "served_by": model.component}

    def _prompt(self, state: AgentState, window: int) -> list[BaseMessage]:
        text = prompts.system_prompt(records.passages(state), state["lang"], self.clock().date())
        return history.fitted(SystemMessage(text), state["messages"], window, window // 8)

    async def _stream(
        self,
        model: ChatModel,
        prompt: Sequence[BaseMessage],
        tools: Sequence[BaseTool],
        runtime: Runtime[TurnContext],
    ) -> AIMessageChunk:
        answer: AIMessageChunk | None = None
        async for chunk in model.stream(prompt, tools):
            answer = chunk if answer is None else answer + chunk
            if chunk.text:
                runtime.stream_writer({"type": "token", "text": str(chunk.text)})
        if answer is None:
            raise ModelFailed("the answer was empty")
        return answer

    async def use_tools(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Carry out the tool calls; what they find is numbered after the passages already shown."""
        config: RunnableConfig = get_config()
        context = self.context(runtime)

        async def as_user(request: ToolCallRequest, execute: Execute) -> ToolMessage | Command[Any]:
            # A door without a context of its own (Studio) has its user here, where tools ask for it.
            given: Any = request.runtime
            return await execute(replace(request, runtime=replace(given, context=context)))

        node = ToolNode(list(self.tools), handle_tool_errors=records.tool_failure, awrap_tool_call=as_user)
        result = await node.ainvoke(state, config)
        passages, messages = records.numbered_on(state["passages"], result["messages"])
        return {
            "messages": messages,
            "passages": passages,
            "read_documents": [*state["read_documents"], *records.documents_read(state, messages)],
            "tool_rounds": state["tool_rounds"] + 1,
        }

    async def step_down(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Record why a model was left, and go to the next one."""
        component = self.models[state["model_index"]].component
        runtime.stream_writer({"type": "restart", "component": component, "reason": state["failure"]})
        update = records.degraded(state, component, state["failure"])
        return {**update, "model_index": state["model_index"] + 1, "failure": ""}

    async def answer_from_memory(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Answer with the best quotes of memory, and say that no model answered."""
        answer, quoted = self._without_model(state)
        runtime.stream_writer({"type": "token", "text": answer})
        message = AIMessage(answer, id=f"{state['turn_id']}-answer")
        return {"messages": [message], "answer": answer, "served_by": "memory", "quoted": quoted}

    def _without_model(self, state: AgentState) -> tuple[str, list[int]]:
        """Return the answer, and the numbers of the passages that it quotes."""
        lang, wanted = state["lang"], self.models[0].component.partition(":")[2]
        if is_telling(state["question"]):
            return prompts.noted_answer(lang, wanted), []
        if quotes := quoting.best_quotes(records.passages(state)):
            return prompts.quotes_answer(quotes, lang, wanted), [number for number, _ in quotes]
        broken = [entry["reason"] for entry in state["degraded"] if entry["component"] == "recall"]
        if broken:
            return prompts.unavailable_answer(lang, broken[0]), []
        if is_statement(state["question"]):
            return prompts.noted_answer(lang, wanted), []
        return prompts.nothing_answer(lang, wanted), []

    async def remember(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Commit the turn to the archive; only then is it acknowledged.

        Safe to repeat: a turn that the archive has already ends as it did the first time.
        """
        context = self.context(runtime)
        turn = records.finished_turn(state, context, self.clock())
        await self.archive.require_room()
        async with self.archive.unit() as unit:
            whole, turn = turn, await records.without_forgotten(unit, turn, state)
            if await unit.threads.add_turn(turn):
                await unit.ledger.enqueue(context.user, "turn", turn.id, "recall")
            if turn is not whole:  # the checkpoints so far hold what was forgotten
                await unit.ledger.enqueue(context.user, "thread", turn.thread_id, "short_term", "erase")
            turn = await unit.threads.turn(context.user, turn.id) or turn
        self.turn_committed()
        return {
            "messages": history.replacing(history.without_tool_work(state["messages"], turn)),
            "answer": turn.answer,
            "served_by": turn.served_by,
            "degraded": turn.degraded,
            "sources": turn.sources,
            "timings_ms": turn.timings_ms,
            "last_turn_id": turn.id,
            "passages": [],
        }

    def _since(self, moment: datetime) -> int:
        return records.milliseconds(moment, self.clock())
