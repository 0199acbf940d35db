// `<button data-copy="text">`: copies, says "Copied" for two seconds, and tells a screen reader.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await write(button.dataset.copy);
  } catch {
    announce("The browser blocked copying. Select the text instead.");
    return;
  }
  button.classList.add("is-copied");
  announce(button.dataset.copied ?? "Copied");
  clearTimeout(button.copyTimer);
  button.copyTimer = setTimeout(() => button.classList.remove("is-copied"), 2000);
});

/** Browsers have no clipboard on an origin without TLS, and registries in private networks are often there. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "spoken";
  const focused = document.activeElement;
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!done) throw new Error("copy refused");
}

function announce(words) {
  const status = document.getElementById("announcements");
  if (!status) return;
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = words));
}
