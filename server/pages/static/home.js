// The home page: what Souvenir holds, how it does, and a place to drop files.

import { get } from "./api.js";
import { make } from "./dom.js";
import { acceptFiles } from "./drop.js";
import { showDocuments, showThreads } from "./lists.js";
import { lang, speak } from "./words.js";

const AGAIN_MS = 5000;

/** List the parts that fail, each with what to do, and look again for as long as there are some. */
async function showParts() {
  const { components } = await get("/v1/doctor");
  const broken = components.filter((part) => part.state === "degraded" || part.state === "failed");
  document.getElementById("parts").hidden = broken.length === 0;
  document.getElementById("parts-list").replaceChildren(
    ...broken.map((part) =>
      make(
        "li",
        {},
        make("strong", { textContent: part.component }),
        ` ${part.detail ?? part.state}`,
        part.fix ? make("span", { className: "fix", textContent: part.fix }) : null,
      ),
    ),
  );
  if (broken.length) setTimeout(lookAgain, AGAIN_MS);
}

/** Look again; a server that is stopped meanwhile, or a page that nobody sees, is asked later. */
async function lookAgain() {
  if (document.hidden) return void setTimeout(lookAgain, AGAIN_MS);
  await showParts().catch(() => setTimeout(lookAgain, AGAIN_MS));
}

speak();
const other = document.getElementById("other-language");
other.href = lang === "fr" ? "/?lang=en" : "/?lang=fr";
other.hreflang = lang === "fr" ? "en" : "fr";
acceptFiles(showDocuments);
await Promise.all([showDocuments(), showThreads(), showParts()]);
document.querySelector("main").removeAttribute("aria-busy");
