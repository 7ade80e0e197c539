// The strip above LangServe's chat: which conversation this is, and what was said in it before.
// It lives in a shadow tree, so that the widget's styles and its own leave each other alone.

import { get } from "./api.js";
import { givenData, make } from "./dom.js";
import { turnItems } from "./turns.js";
import { words } from "./words.js";

const thread = givenData();
const transcript = `/t/${encodeURIComponent(thread.thread_id)}/`;
const name = make("span", { className: "thread-name" });
const count = make("span", { className: "thread-count" });
const read = make("a", { href: transcript, textContent: words.transcript });
const another = make("a", { href: "/agent/playground/", textContent: words.new_thread });

function describe(title, turns) {
  name.textContent = turns ? title : words.new_thread;
  count.textContent = turns ? words.turns(turns) : "";
  read.hidden = another.hidden = turns === 0;
  document.title = turns ? `${title} – Souvenir` : "Souvenir";
}

function earlier() {
  const list = make("ol", { className: "turns" }, ...turnItems(thread.turns));
  const scroll = make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": words.transcript }, list);
  const panel = make("details", { open: true }, make("summary", { textContent: words.earlier(thread.turns.length) }), scroll);
  return { panel, scroll };
}

/** After each turn, the title and the count are the archive's. */
async function refresh() {
  const { threads } = await get("/v1/threads");
  const known = threads.find((one) => one.thread_id === thread.thread_id);
  if (known) describe(known.title, known.turns);
}

const root = document.getElementById("strip").attachShadow({ mode: "open" });
const bar = make(
  "header",
  { className: "top slim" },
  make("a", { className: "brand", href: "/" }, make("img", { src: "/pages/icon.svg", alt: "", width: 24, height: 24 }), " Souvenir"),
  make("span", { className: "thread-title" }, name, count),
  make("nav", { "aria-label": "Souvenir" }, read, another, make("a", { href: "/", textContent: words.home })),
);
const style = make("link", { rel: "stylesheet", href: "/pages/souvenir.css" });
describe(thread.title, thread.turns.length);
if (thread.turns.length) {
  const { panel, scroll } = earlier();
  style.addEventListener("load", () => scroll.scrollTo(0, scroll.scrollHeight));
  root.append(style, bar, panel);
} else {
  root.append(style, bar);
}
new PerformanceObserver((list) => {
  if (list.getEntries().some((entry) => entry.name.endsWith("/stream_log"))) refresh();
}).observe({ type: "resource" });
