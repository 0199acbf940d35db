// @ts-check
// Menus: `<details class="menu">`. They close when the focus or the pointer goes elsewhere, and the arrows move in them.

/** @param {Event} event */
function closeOthers({ target }) {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const menus = document.querySelectorAll("details.menu[open]");
  for (const menu of menus) if (target instanceof Node && !menu.contains(target)) menu.open = false;
}

document.addEventListener("pointerdown", closeOthers);
document.addEventListener("focusin", closeOthers);

// A menu near the right edge opens to the left.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!(target instanceof Element) || !target.matches("details.menu[open]")) return;
    const list = target.querySelector(".menu-list");
    if (list && list.getBoundingClientRect().right > document.documentElement.clientWidth)
      target.classList.add("at-end");
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (!(event.target instanceof Element)) return;
  /** @type {HTMLDetailsElement | null} */
  const menu = event.target.closest("details.menu[open]");
  if (!menu) return;
  /** @type {NodeListOf<HTMLElement>} */
  const items = menu.querySelectorAll(".menu-list :is(a, button)");
  const at = [...items].findIndex((item) => item === document.activeElement);
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  } else if (event.key === "ArrowDown") items[Math.min(at + 1, items.length - 1)]?.focus();
  else if (event.key === "ArrowUp") items[Math.max(at - 1, 0)]?.focus();
  else return;
  event.preventDefault();
});
