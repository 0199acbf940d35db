// @ts-check
// Dialogs. `<a href="…" data-dialog="id">` opens the dialog of that id; one that is fetched into the page
// (`<dialog data-open>`) opens itself. Escape is the browser's; the scrim and `[data-close]` close; focus returns.

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!(target instanceof Element)) return;
  /** @type {HTMLElement | null} */
  const opener = target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog ?? "");
  if (dialog instanceof HTMLDialogElement && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(dialog, opener);
    return;
  }
  const closer = target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  }
  if (target instanceof HTMLDialogElement && isOutside(target, event)) target.close();
});

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLElement | null} [opener]
 */
function open(dialog, opener) {
  if (dialog.open) return;
  const back = opener ?? /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.showModal();
  /** @type {HTMLElement | null} */
  const first =
    dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), select, textarea");
  first?.focus();
  const closed = () => {
    if (back?.isConnected) back.focus();
    if (dialog.hasAttribute("data-open")) dialog.remove();
  };
  dialog.addEventListener("close", closed, { once: true });
}

/**
 * A click on the dialog itself is one on its padding or on the scrim; only the scrim lies outside its box.
 *
 * @param {HTMLDialogElement} dialog
 * @param {MouseEvent} event
 */
function isOutside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

function openFetched() {
  /** @type {NodeListOf<HTMLDialogElement>} */
  const dialogs = document.querySelectorAll("dialog[data-open]");
  for (const dialog of dialogs) open(dialog);
}

document.addEventListener("htmx:after:swap", openFetched);
openFetched();
