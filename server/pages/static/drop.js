// Taking in files: dropped, or chosen with a button; sent in batches, told one by one.

import { objects, request } from "./api.js";
import { make } from "./dom.js";
import { words } from "./words.js";

const BATCH_FILES = 100;
const BATCH_BYTES = 100 * 1024 * 1024;
const KINDS = ["stored", "updated", "unchanged", "failed"];

/** Take files from the drop zone and the two buttons; `stored` is called when documents may have changed. */
export function acceptFiles(stored) {
  const zone = document.getElementById("drop");
  const takeIn = (files) => send(files).finally(stored);
  for (const id of ["files", "folder"]) {
    const input = document.getElementById(id);
    input.addEventListener("change", () => {
      const chosen = [...input.files].filter((file) => id === "files" || !file.name.startsWith("."));
      input.value = "";
      takeIn(chosen);
    });
  }
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    takeIn(await dropped(event.dataTransfer));
  });
  // A file that misses the zone must not replace the page.
  for (const kind of ["dragover", "drop"]) {
    window.addEventListener(kind, (event) => event.preventDefault());
  }
}

/** The files of a drop, those in folders included (File and Directory Entries API). */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return [...transfer.files];
  return (await Promise.all(entries.map((entry) => filesOf(entry, false)))).flat();
}

async function filesOf(entry, inside) {
  if (inside && entry.name.startsWith(".")) return [];
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return (await Promise.all(found.map((child) => filesOf(child, true)))).flat();
    found.push(...some);
  }
}

function batches(files) {
  const made = [];
  let bytes = 0;
  for (const file of files) {
    const last = made.at(-1);
    if (!last || last.length === BATCH_FILES || bytes + file.size > BATCH_BYTES) {
      made.push([file]);
      bytes = file.size;
    } else {
      last.push(file);
      bytes += file.size;
    }
  }
  return made;
}

async function send(files) {
  if (files.length === 0) return;
  const bar = document.getElementById("bar");
  const summary = document.getElementById("summary");
  const results = document.getElementById("results");
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  document.getElementById("progress").hidden = false;
  results.replaceChildren();
  bar.max = files.length;
  bar.value = 0;
  summary.textContent = words.sending(files.length);
  try {
    for (const batch of batches(files)) {
      for await (const item of taken(batch)) {
        counts[item.status] += 1;
        bar.value += 1;
        results.append(resultRow(item));
        summary.textContent = words.reading(bar.value, files.length);
      }
    }
    summary.textContent = words.totals(counts);
  } catch (error) {
    summary.textContent = error instanceof TypeError ? words.cut_short : error.message;
  }
}

/** Send files and yield what becomes of each. */
async function* taken(files) {
  const body = new FormData();
  for (const file of files) body.append("files", file, file.name);
  const response = await request("/v1/ingest", { method: "POST", body, headers: { Accept: "application/x-ndjson" } });
  let ended = false;
  for await (const event of objects(response)) {
    if (event.type === "error") throw new Error(event.message);
    if (event.type === "document") yield event;
    ended = event.type === "totals";
  }
  if (!ended) throw new TypeError("the answer was cut short"); // As fetch names a lost connection.
}

function resultRow(item) {
  return make(
    "li",
    { className: item.status },
    make("span", { className: "badge", textContent: words[item.status] }),
    make("span", { textContent: item.error ?? item.title }),
    item.error ? null : make("span", { className: "hint", textContent: words.pieces(item.chunks) }),
  );
}
