// @ts-check
// `<button data-copy="text">`: copies, says "Copied" for two seconds, and tells a screen reader.

/** @type {WeakMap<Element, ReturnType<typeof setTimeout>>} */
const timers = new WeakMap();

document.addEventListener("click", async ({ target }) => {
  if (!(target instanceof Element)) return;
  /** @type {HTMLElement | null} */
  const button = target.closest("[data-copy]");
  if (!button) return;
  try {
    await write(button.dataset.copy ?? "");
  } catch {
    announce("The browser blocked copying. Select the text instead.");
    return;
  }
  button.classList.add("is-copied");
  announce(button.dataset.copied ?? "Copied");
  clearTimeout(timers.get(button));
  timers.set(
    button,
    setTimeout(() => button.classList.remove("is-copied"), 2000),
  );
});

/**
 * Browsers have no clipboard on an origin without TLS, and registries in private networks are often there.
 *
 * @param {string} text
 */
async function write(text) {
  // The types know only browsers with TLS.
  const clipboard = /** @type {Clipboard | undefined} */ (navigator.clipboard);
  if (clipboard) return clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!done) throw new Error("copy refused");
}

/** @param {string} text */
function announce(text) {
  const status = document.getElementById("announcements");
  if (!status) return;
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text));
}
