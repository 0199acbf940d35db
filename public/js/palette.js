// The palette: /, Ctrl-K or ⌘K opens it, ? the list of shortcuts; the arrows move through what the server found, Enter
// follows it.
const palette = document.getElementById("palette");
const asked = palette?.querySelector("[role=combobox]");
const options = () => [...palette.querySelectorAll("[role=option]")];

if (palette && asked) {
  if (/Mac|iP/.test(navigator.platform))
    for (const key of document.querySelectorAll("[data-ctrl]")) key.textContent = key.dataset.mac;

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (palette.open) palette.close();
    else document.querySelector("[data-dialog=palette]")?.click();
  });

  // Single keys, where nothing is typed into and nothing is open.
  document.addEventListener("keydown", (event) => {
    const opens = { "/": "palette", "?": "shortcuts" }[event.key];
    if (opens === undefined || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    // Right after a dialog was closed, the focus is still on its field.
    if (event.target.closest("input, select, textarea, [contenteditable]")?.checkVisibility()) return;
    event.preventDefault();
    document.querySelector(`[data-dialog=${opens}]`)?.click();
  });

  asked.addEventListener("focus", () => {
    asked.select();
    ask(5);
  });

  palette.addEventListener("htmx:after:swap", () => choose(options()[0]));

  asked.addEventListener("keydown", (event) => {
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

/** Opened before htmx was ready, or the server did not answer: it is asked again, a few times. */
function ask(times) {
  if (!palette.open || options().length > 0 || times === 0) return;
  if (!asked.form.matches(".htmx-request"))
    asked.dispatchEvent(new CustomEvent("palette", { bubbles: true }));
  setTimeout(() => ask(times - 1), 500);
}

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) asked.setAttribute("aria-activedescendant", option.id);
  else asked.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function follow(option, inNewTab) {
  if (!option) return;
  if (inNewTab && option.href) return void window.open(option.href, "_blank", "noopener");
  option.click();
}
