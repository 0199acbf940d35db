// Dialogs and menus. `<a href="…" data-dialog="id">` opens the dialog of that id; one that is fetched into the page
// (`<dialog data-open>`) opens itself. Escape is the browser's; the scrim and `[data-close]` close; focus returns.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(dialog, opener);
    return;
  }
  const closer = event.target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  if (event.target.matches("dialog") && isOutside(event)) event.target.close();
});

function open(dialog, opener) {
  if (dialog.open) return;
  const back = opener ?? document.activeElement;
  dialog.showModal();
  (
    dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), select, textarea")
  )?.focus();
  const closed = () => {
    if (back?.isConnected) back.focus();
    if (dialog.hasAttribute("data-open")) dialog.remove();
  };
  dialog.addEventListener("close", closed, { once: true });
}

/** A click on the dialog itself is one on its padding or on the scrim; only the scrim lies outside its box. */
function isOutside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

for (const dialog of document.querySelectorAll("dialog[data-open]")) open(dialog);
document.addEventListener("htmx:after:swap", () => {
  for (const dialog of document.querySelectorAll("dialog[data-open]")) open(dialog);
});

// `<input data-expects="acme/billing">` frees its form's `button[data-waits]` once that name is typed.
function wait(input) {
  for (const button of input.form?.querySelectorAll("button[data-waits]") ?? [])
    button.disabled = input.value.trim() !== input.dataset.expects;
}

function waitForNames() {
  for (const input of document.querySelectorAll("[data-expects]")) wait(input);
}

document.addEventListener("input", ({ target }) => {
  if (target.dataset?.expects !== undefined) wait(target);
});
document.addEventListener("htmx:after:swap", waitForNames);
waitForNames();

// Menus close when the focus or the pointer goes elsewhere.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("pointerdown", ({ target }) => {
  for (const menu of menus()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("focusin", ({ target }) => {
  for (const menu of menus()) if (!menu.contains(target)) menu.open = false;
});

// A menu near the right edge opens to the left.
document.addEventListener(
  "toggle",
  ({ target }) => {
    const list = target.matches("details.menu[open]") && target.querySelector(".menu-list");
    if (list && list.getBoundingClientRect().right > document.documentElement.clientWidth)
      target.classList.add("at-end");
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  const items = [...menu.querySelectorAll(".menu-list :is(a, button)")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown") items[Math.min(at + 1, items.length - 1)]?.focus();
  else if (event.key === "ArrowUp") items[Math.max(at - 1, 0)]?.focus();
  else return;
  event.preventDefault();
});
