// Making elements. Text is always set as text, never as markup: names and contents are not to be trusted.

/** Make an element with properties, attributes (names with a dash, and role) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The data that the server put into the page. */
export function givenData() {
  return JSON.parse(document.getElementById("data").textContent);
}
