// @ts-check
// The theme changes at once; the form tells the server.
document.addEventListener("click", ({ target }) => {
  /** @type {HTMLButtonElement | null} */
  const button = target instanceof Element ? target.closest("button[name=theme]") : null;
  if (!button) return;
  if (button.value === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = button.value;
  for (const each of button.form?.querySelectorAll("button[name=theme]") ?? [])
    each.setAttribute("aria-pressed", String(each === button));
});
