// @ts-check
// A form that comes back with a problem has the focus where it is.

/** @param {ParentNode} within */
function focusWrongField(within) {
  /** @type {HTMLElement | null} */
  const wrong = within.querySelector("[aria-invalid=true]");
  wrong?.focus();
}

document.addEventListener("htmx:after:swap", ({ target }) => {
  if (target instanceof Element) focusWrongField(target);
});
focusWrongField(document);
