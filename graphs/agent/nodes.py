"""The agent's nodes: bound methods of one frozen dataclass of resources."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    ToolMessage,
)
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.config import get_config
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest
from langgraph.runtime import Runtime
from langgraph.types import Command

from graphs.agent import history, keeping, memory_answer, quoting, records, summary
from graphs.agent.context import Composed, Room, Talk, composed
from graphs.agent.earlier import summed_up, turns_before
from graphs.agent.speaking import Speaker
from graphs.agent.state import AgentState
from graphs.agent.stopping import TurnStopped
from graphs.models.chat import ChatModel
from memory.archive.archive import Archive
from memory.archive.errors import ArchiveError
from memory.long_term import language
from memory.long_term.entries import Question
from memory.long_term.errors import LongTermError
from memory.long_term.recall import Recall, Recalled
from tools.context import TurnContext, require_user
from tools.effects import effect_key

RECALLED = 8
RECALL_SECONDS = 5.0
"""Searching takes some hundredths of a second; the rest is for the vector of the question."""
TOOL_ROUNDS = 4
"""After so many rounds of tool calls in one turn, the model must answer."""
WORTH_SHOWING = 0.1
"""Confidence below which a passage is not even offered to the model."""
TOO_LONG = "the question is about {tokens} tokens, more than there is room for: raise num_ctx"

Update = dict[str, Any]
Execute = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]


@dataclass(frozen=True)
class AgentNodes:
    """The resources of the agent, chosen by the composition root."""

    archive: Archive
    recall_service: Recall
    speaker: Speaker
    tools: Sequence[BaseTool]
    clock: Callable[[], datetime]
    turn_committed: Callable[[], None]
    """Called after the archive has committed a turn, so that it gets indexed."""
    offers: Callable[[BaseTool, str], bool] = lambda _tool, _user: True
    """Tells whether a tool is offered to a model that answers this user."""
    default_context: TurnContext = field(default_factory=TurnContext)
    """Used by a door that gives no context of its own (Studio); empty everywhere else."""

    @property
    def models(self) -> Sequence[ChatModel]:
        """The models for a conversation, in the order in which to try them."""
        return self.speaker.router.chain("chat")

    def context(self, runtime: Runtime[TurnContext]) -> TurnContext:
        """Return the run's user and thread; raises `NoUser` when there is no user."""
        given: TurnContext | None = runtime.context
        user = (given and given.user) or self.default_context.user
        require_user(TurnContext(user))
        thread = given.thread_id if given else ""
        if not thread and runtime.execution_info:
            thread = runtime.execution_info.thread_id or ""
        return TurnContext(user, thread, given.notes if given else ())

    async def begin(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Repair the conversation, or rebuild it where it and the archive disagree."""
        context = self.context(runtime)
        past, question = records.question_of(state["messages"], state.get("turn_id", ""))
        # One more for the turn that leaves now, and one for this turn when it is sent again.
        turns, revision = await turns_before(self.archive, context, str(question.id), history.KEPT_TURNS + 2)
        left, turns = turns[: -history.KEPT_TURNS], turns[-history.KEPT_TURNS :]
        acknowledged = turns[-1].id if turns else ""
        messages = history.repaired([*past, question])
        earlier: str | None = state.get("summary")
        degraded = [dict(note) for note in context.notes]
        if acknowledged != state.get("last_turn_id", "") or not history.holds(messages, turns):
            messages, earlier = history.rebuilt(turns, question), None
            degraded += records.rebuilt(turns, degraded)
        text = str(question.text).strip()
        if not language.is_ready():
            await asyncio.to_thread(language.detect, text)  # its model is read from a file, once
        lang = language.detect(text)
        return {
            **records.fresh_turn(str(question.id), text, lang, self.clock()),
            "messages": history.replacing(messages),
            "degraded": degraded,
            "last_turn_id": acknowledged,
            "revision": revision,
            "summary": await summed_up(self.archive, context, str(question.id), earlier, left),
            "said_on": summary.said_on(turns),
        }

    async def recall(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Search memory for the question, and for what it follows when it says little by itself."""
        context, started = self.context(runtime), self.clock()
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                recalled = await self._search(context.user, state)
        except (LongTermError, ArchiveError) as error:
            return records.degraded(state, "recall", str(error))
        except TimeoutError:
            return records.degraded(state, "recall", f"no result within {RECALL_SECONDS:g} s")
        shown = [asdict(passage) for passage in recalled.passages if passage.score >= WORTH_SHOWING]
        return {
            "passages": shown,
            "degraded": records.without_legs(state, recalled.degraded),
            "timings_ms": {"recall": self._since(started)},
        }

    async def _search(self, user: str, state: AgentState) -> Recalled:
        asked = Question(state["question"], state["lang"])
        recalled = await self.recall_service.search(user, asked, RECALLED)
        before = [message for message in state["messages"][:-1] if isinstance(message, HumanMessage)]
        if before and not quoting.best_quotes(recalled.passages):
            joined = Question(f"{before[-1].text} {state['question']}", state["lang"])
            recalled = await self.recall_service.search(user, joined, RECALLED)
        return recalled

    async def call_model(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Call the model whose turn it is; its failure goes on the edge to `step_down`.

        Not when a person saw it speak already: then what it said is kept, and said to be cut off.
        """
        user = self.context(runtime).user
        model = self.models[state["model_index"]]
        offered = [tool for tool in self.tools if self.offers(tool, user)]
        tools = offered if state["tool_rounds"] < TOOL_ROUNDS else ()
        prompt = self._prompt(state, model, tools)
        if self.speaker.stops.is_stopped(state["turn_id"]):
            return records.stopped(state, state["degraded"], model.component, "")
        spoken = await self.speaker.speak(
            model, prompt.messages, tools, runtime.stream_writer, state["turn_id"]
        )
        if prompt.too_long:
            notice = TOO_LONG.format(tokens=prompt.tokens)
            spoken = replace(spoken, notices=[*spoken.notices, notice])
        update = records.called(state, model.component, spoken)
        if spoken.stopped:
            return update | records.stopped(state, update["degraded"], model.component, spoken.shown)
        if spoken.message is None:
            return update | (records.cut_off(state, update, model.component, spoken) or {})
        calls, text = spoken.message.tool_calls if tools else [], str(spoken.message.text).strip()
        if not calls and not text:
            why = "it went on calling tools" if spoken.message.tool_calls else "the answer was empty"
            return {**update, "failure": why}
        message = AIMessage(spoken.message.content, tool_calls=calls, id=spoken.message.id)
        return {**update, "messages": [message], "answer": text, "served_by": model.component}

    def _prompt(self, state: AgentState, model: ChatModel, tools: Sequence[BaseTool]) -> Composed:
        talk = Talk(
            state["messages"],
            state["lang"],
            self.clock().date(),
            state.get("summary", ""),
            state.get("said_on", {}),
        )
        counts = self.speaker.router.counts
        room = Room(model.component, model.window, model.spec.max_tokens, counts, tools)
        return composed(talk, records.passages(state), room)

    async def use_tools(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Carry out the tool calls; what they find is numbered after the passages already shown."""
        config: RunnableConfig = get_config()
        context = self.context(runtime)

        async def as_user(request: ToolCallRequest, execute: Execute) -> ToolMessage | Command[Any]:
            # A door without a context of its own (Studio) has its user here, where tools ask for it.
            given: Any = request.runtime
            call = request.tool_call
            keyed = replace(context, effect_key=effect_key(state["turn_id"], call["name"], call["args"]))
            return await execute(replace(request, runtime=replace(given, context=keyed)))

        node = ToolNode(list(self.tools), handle_tool_errors=records.tool_failure, awrap_tool_call=as_user)
        try:
            async with self.speaker.stops.until_stopped(state["turn_id"]):
                result = await node.ainvoke(state, config)
        except TurnStopped:  # `call_model` ends the turn; `remember` drops the calls without results
            return {"tool_rounds": state["tool_rounds"] + 1}
        passages, messages = records.numbered_on(state["passages"], result["messages"])
        return {
            "messages": messages,
            "passages": passages,
            "degraded": records.graph_failures(state, result["messages"]),
            "read_documents": [*state["read_documents"], *records.documents_read(state, result["messages"])],
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
        answer, quoted = memory_answer.without_model(state, [model.component for model in self.models])
        runtime.stream_writer({"type": "token", "text": answer})
        message = AIMessage(answer, id=f"{state['turn_id']}-answer")
        return {"messages": [message], "answer": answer, "served_by": "memory", "quoted": quoted}

    async def remember(self, state: AgentState, runtime: Runtime[TurnContext]) -> Update:
        """Commit the turn to the archive; only then is it acknowledged.

        Safe to repeat: a turn that the archive has already ends as it did the first time.
        """
        context = self.context(runtime)
        turn = records.finished_turn(state, context, self.clock())
        turn = await self.archive.write(partial(keeping.keep, turn=turn, state=state), grows=True)
        self.turn_committed()
        return {
            "messages": history.replacing(history.without_tool_work(state["messages"], turn)),
            "answer": turn.answer,
            "served_by": turn.served_by,
            "status": turn.status,
            "degraded": turn.degraded,
            "sources": turn.sources,
            "timings_ms": turn.timings_ms,
            "last_turn_id": turn.id,
            "passages": [],
        }

    def _since(self, moment: datetime) -> int:
        return records.milliseconds(moment, self.clock())
