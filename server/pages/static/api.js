// Requests to Souvenir's API, in the page's language.

import { lang } from "./words.js";

/** Send a request; an answer other than 2xx becomes an Error with its message. */
export async function request(path, options = {}) {
  const headers = { "Accept-Language": lang, ...options.headers };
  const response = await fetch(path, { ...options, headers });
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new Error(body?.error?.message ?? `${response.status} ${response.statusText}`);
  }
  return response;
}

/** Return the JSON of an answer. */
export async function get(path) {
  return (await request(path)).json();
}

/** Yield the objects of a stream that has one on each line. */
export async function* objects(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : lines.pop();
    for (const line of lines) {
      if (line) yield JSON.parse(line);
    }
    if (done) return;
  }
}
