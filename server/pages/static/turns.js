// Turns of a conversation, to read.

import { make } from "./dom.js";
import { moment, words } from "./words.js";

/** Make the list items of turns: question, answer, sources, and who answered. */
export function turnItems(turns) {
  return turns.map((turn) =>
    make(
      "li",
      { className: "turn" },
      make("p", { className: "question", textContent: turn.question }),
      make("p", { className: "answer", textContent: turn.answer }),
      turn.status === "interrupted" ? make("p", { className: "hint", textContent: words.cut_off }) : null,
      sources(turn),
      make("p", { className: "hint", textContent: `${servedBy(turn)} · ${moment(turn.started_at)}` }),
    ),
  );
}

function sources(turn) {
  if (turn.sources.length === 0) return null;
  const lines = turn.sources.map((source) =>
    make("li", {
      textContent: `[${source.n}] ${[source.title, source.locator].filter(Boolean).join(", ")}`,
      title: source.quote,
    }),
  );
  return make("ul", { className: "sources", "aria-label": words.sources }, ...lines);
}

function servedBy(turn) {
  const by = turn.served_by === "memory" ? words.from_memory : turn.served_by;
  const missing = turn.degraded.map((entry) => `${entry.component} (${entry.reason})`).join(", ");
  return missing ? `${by} · ${words.not_well(missing)}` : by;
}
