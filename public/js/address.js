// @ts-check
// The address of a new organization follows its name until somebody types one.

/** @param {string} name */
function suggested(name) {
  return name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 39)
    .replace(/^-+|-+$/g, "");
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  /** @type {HTMLFormElement | null} */
  const form = target.closest("form[data-suggests-address]");
  if (!form) return;
  const slug = fieldOf(form, "slug");
  if (target === slug) form.dataset.typed = slug.value;
  else if (target.name === "name" && !form.dataset.typed) slug.value = suggested(target.value);
});

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("form[data-suggests-address]");
// What was typed before the form came back is kept.
for (const form of forms) {
  const slug = fieldOf(form, "slug");
  if (slug.value !== suggested(fieldOf(form, "name").value)) form.dataset.typed = slug.value;
}
