// @ts-check
// `<input data-expects="acme/billing">` frees its form's `button[data-waits]` once that name is typed.

/** @param {HTMLInputElement} input */
function wait(input) {
  /** @type {NodeListOf<HTMLButtonElement> | undefined} */
  const buttons = input.form?.querySelectorAll("button[data-waits]");
  for (const button of buttons ?? []) button.disabled = input.value.trim() !== input.dataset.expects;
}

function waitForNames() {
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = document.querySelectorAll("[data-expects]");
  inputs.forEach(wait);
}

document.addEventListener("input", ({ target }) => {
  if (target instanceof HTMLInputElement && target.dataset.expects !== undefined) wait(target);
});
document.addEventListener("htmx:after:swap", waitForNames);
waitForNames();
