// What the API offers, from its OpenAPI document. Swagger's own page would load scripts from another site.

import { get } from "./api.js";
import { make } from "./dom.js";
import { speak } from "./words.js";

function row(path, method, operation) {
  return make(
    "li",
    {},
    make("span", { className: "badge", textContent: method.toUpperCase() }),
    make(
      "div",
      { className: "text" },
      make("code", { className: "name", textContent: path }),
      make("span", { className: "hint wrap", textContent: operation.description ?? operation.summary ?? "" }),
    ),
  );
}

speak();
const { paths } = await get("/openapi.json");
const rows = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => row(path, method, operation)),
);
document.getElementById("operations").replaceChildren(...rows);
