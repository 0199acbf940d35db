// @ts-check
// `<input type="checkbox" data-ticks="name">`: one box for all of that name in its form. Without scripts it is hidden.

function show() {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = document.querySelectorAll("[data-ticks]");
  for (const all of boxes) all.hidden = false;
}

/** @param {HTMLInputElement} all */
function boxesOf(all) {
  /** @type {NodeListOf<HTMLInputElement> | undefined} */
  const boxes = all.form?.querySelectorAll(`[name="${all.dataset.ticks}"]`);
  return [...(boxes ?? [])];
}

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  if (target.matches("[data-ticks]")) for (const each of boxesOf(target)) each.checked = target.checked;
  /** @type {HTMLInputElement | null | undefined} */
  const all = target.form?.querySelector("[data-ticks]");
  if (!all) return;
  const ticked = boxesOf(all).map((each) => each.checked);
  all.checked = ticked.every(Boolean);
  all.indeterminate = !all.checked && ticked.some(Boolean);
});

document.addEventListener("htmx:after:swap", show);
show();
