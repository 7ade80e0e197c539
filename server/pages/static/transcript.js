// A conversation to read, from its first turn to its last.

import { givenData } from "./dom.js";
import { turnItems } from "./turns.js";
import { speak, words } from "./words.js";

const thread = givenData();
const chat = `/t/${encodeURIComponent(thread.thread_id)}/agent/playground/`;
speak();
document.title = `${thread.title} – Souvenir`;
document.getElementById("title").textContent = thread.title;
document.getElementById("count").textContent = words.turns(thread.turns.length);
document.getElementById("turns").append(...turnItems(thread.turns));
for (const id of ["continue", "continue-below"]) document.getElementById(id).href = chat;
