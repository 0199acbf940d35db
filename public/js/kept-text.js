// @ts-check
// A form that is sent after the session has ended, or that asks for the password first, leads elsewhere. What was typed
// is kept in this tab until its page is there again; passwords and codes are not.

/**
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field
 * @typedef {{ name: string; value: string; checked: boolean }} KeptField
 * @typedef {{ page: string; action: string | null; fields: KeptField[]; isInterrupted?: boolean }} Kept
 */

const key = "kept-text";
const typed = "input:is(:not([type]), [type=text], [type=email], [type=url], [type=number], [type=date])";
const chosen = "input:is([type=checkbox], [type=radio])";

/**
 * @param {HTMLFormElement} form
 * @returns {Field[]}
 */
function fieldsOf(form) {
  const all = /** @type {Field[]} */ ([...form.elements]);
  return all.filter((each) => each.name && each.matches(`${typed}, ${chosen}, select, textarea`));
}

const pageAddress = () => location.pathname + location.search;

document.addEventListener("submit", ({ target: form, defaultPrevented }) => {
  if (defaultPrevented || !(form instanceof HTMLFormElement)) return;
  const isOurs = form.getAttribute("method")?.toLowerCase() === "post" && !document.body.matches(".bare");
  if (!isOurs || document.querySelector("[data-keeps-text]")) return;
  const fields = fieldsOf(form)
    .filter((each) => each.autocomplete !== "one-time-code")
    .map((each) => ({ name: each.name, value: each.value, checked: isChecked(each) }));
  keep({ page: pageAddress(), action: form.getAttribute("action"), fields });
});

/** @param {Field} field */
function isChecked(field) {
  return field instanceof HTMLInputElement && field.checked;
}

/** @param {Kept} kept */
function keep(kept) {
  sessionStorage.setItem(key, JSON.stringify(kept));
}

function restore() {
  /** @type {Kept | null} */
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (kept === null) return;
  if (document.querySelector("[data-keeps-text]")) return keep({ ...kept, isInterrupted: true });
  if (document.body.matches(".bare")) return;
  sessionStorage.removeItem(key);
  if (!kept.isInterrupted || kept.page !== pageAddress()) return;
  const form = [...document.forms].find((each) => each.getAttribute("action") === kept.action);
  for (const each of form ? fieldsOf(form) : []) putBack(each, kept.fields);
}

/**
 * @param {Field} field
 * @param {KeptField[]} fields
 */
function putBack(field, fields) {
  const isChoice = field.matches(chosen);
  const was = fields.find(({ name, value }) => name === field.name && (!isChoice || value === field.value));
  if (!was) return;
  if (field instanceof HTMLInputElement && isChoice) field.checked = was.checked;
  else field.value = was.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

restore();
