// @ts-check
// The palette: /, Ctrl-K or ⌘K opens it, ? the list of shortcuts; the arrows move through what the server found, Enter
// follows it.
const palette = document.getElementById("palette");
/** @type {HTMLInputElement | null | undefined} */
const input = palette?.querySelector("[role=combobox]");

if (palette instanceof HTMLDialogElement && input) listen(palette, input);

/**
 * @param {HTMLDialogElement} palette
 * @param {HTMLInputElement} input
 */
function listen(palette, input) {
  nameKeys();
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (palette.open) palette.close();
    else open("palette");
  });

  // Single keys, where nothing is typed into and nothing is open.
  document.addEventListener("keydown", (event) => {
    const opens = event.key === "/" ? "palette" : event.key === "?" ? "shortcuts" : null;
    if (opens === null || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || isTyped(event.target)) return;
    event.preventDefault();
    open(opens);
  });

  /** @returns {HTMLElement[]} */
  const options = () => [...palette.querySelectorAll("[role=option]")].filter(isHtml);

  /** @param {HTMLElement | undefined} option */
  const choose = (option) => {
    for (const each of options()) each.setAttribute("aria-selected", String(each === option));
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };

  /**
   * Opened before htmx was ready, or the server did not answer: it is asked again, a few times.
   *
   * @param {number} times
   */
  const ask = (times) => {
    if (!palette.open || options().length > 0 || times === 0) return;
    if (!input.form?.matches(".htmx-request"))
      input.dispatchEvent(new CustomEvent("palette", { bubbles: true }));
    setTimeout(() => ask(times - 1), 500);
  };

  input.addEventListener("focus", () => {
    input.select();
    ask(5);
  });

  palette.addEventListener("htmx:after:swap", () => choose(options()[0]));

  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Home" && event.ctrlKey) choose(all[0]);
    else if (event.key === "Enter") follow(all[at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  });
}

/** Of a Mac's keyboard, where there is one. */
function nameKeys() {
  if (!/Mac|iP/.test(navigator.platform)) return;
  for (const key of [...document.querySelectorAll("[data-ctrl]")].filter(isHtml))
    key.textContent = key.dataset.mac ?? "";
}

/** @param {string} id Of a dialog. */
function open(id) {
  /** @type {HTMLElement | null} */
  const opener = document.querySelector(`[data-dialog=${id}]`);
  opener?.click();
}

/**
 * Right after a dialog was closed, the focus is still on its field, which is not seen.
 *
 * @param {EventTarget | null} target
 */
function isTyped(target) {
  return (
    target instanceof Element &&
    target.closest("input, select, textarea, [contenteditable]")?.checkVisibility()
  );
}

/**
 * @param {Element} element
 * @returns {element is HTMLElement}
 */
function isHtml(element) {
  return element instanceof HTMLElement;
}

/**
 * @param {HTMLElement | undefined} option
 * @param {boolean} inNewTab
 */
function follow(option, inNewTab) {
  if (!option) return;
  if (inNewTab && option instanceof HTMLAnchorElement)
    return void window.open(option.href, "_blank", "noopener");
  option.click();
}
