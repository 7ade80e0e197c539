// The lists of documents and of conversations.

import { get, request } from "./api.js";
import { make } from "./dom.js";
import { moment, words } from "./words.js";

/** Show the documents, the latest first. */
export async function showDocuments() {
  const { documents } = await get("/v1/documents");
  documents.sort((one, other) => other.updated_at.localeCompare(one.updated_at));
  fill("documents", words.no_documents, documents.map(documentRow));
}

/** Show the conversations, the latest first. */
export async function showThreads() {
  const { threads } = await get("/v1/threads");
  fill("threads", words.no_threads, threads.map(threadRow));
}

function fill(id, none, rows) {
  document.getElementById(id).replaceChildren(...(rows.length ? rows : [make("li", { className: "none", textContent: none })]));
}

function documentRow(item) {
  const facts = [words.pieces(item.chunks), item.lang, moment(item.updated_at)].join(" · ");
  const text = make(
    "div",
    { className: "text" },
    make("span", { className: "name", textContent: item.title, title: item.uri }),
    make("span", { className: "hint", textContent: facts }),
    ...problems(item),
  );
  return make("li", {}, text, forgetButton(item.title, `/v1/documents/${item.document_id}`, showDocuments));
}

/** What is missing of a document in recall, in words of the server. */
function problems(item) {
  const recall = item.projections.recall;
  if (!recall?.reason) return [];
  return [make("span", { className: "hint", textContent: `${recall.state}: ${recall.reason}` })];
}

function threadRow(item) {
  const path = `/t/${encodeURIComponent(item.thread_id)}/`;
  const facts = `${words.turns(item.turns)} · ${moment(item.updated_at)}`;
  const text = make(
    "div",
    { className: "text" },
    make("a", { className: "name", textContent: item.title, href: `${path}agent/playground/` }),
    make("span", { className: "hint", textContent: facts }),
  );
  const read = make("a", {
    className: "small",
    textContent: words.read,
    href: path,
    "aria-label": words.read_named(item.title),
  });
  const forget = forgetButton(item.title, `/v1/threads/${encodeURIComponent(item.thread_id)}`, showThreads);
  return make("li", {}, text, read, forget);
}

function forgetButton(name, path, refresh) {
  const button = make("button", {
    type: "button",
    className: "small",
    textContent: words.forget,
    "aria-label": words.forget_named(name),
  });
  button.addEventListener("click", async () => {
    if (!window.confirm(words.forget_sure(name))) return;
    button.disabled = true;
    try {
      await request(path, { method: "DELETE" });
      await refresh();
    } catch (error) {
      button.disabled = false;
      window.alert(error.message);
    }
  });
  return button;
}
