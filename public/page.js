// Small things of a page: a code that sends itself, a chosen theme, a toast that goes away, focus on what is wrong, the
// current tab in sight.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-sends-itself]")) return;
  const digits = target.value.replace(/\D/g, "").slice(0, 6);
  if (digits !== target.value) target.value = digits;
  if (digits.length === 6) target.form?.requestSubmit();
});

// The theme changes at once; the form tells the server.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[name=theme]");
  if (!button) return;
  if (button.value === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = button.value;
  for (const each of button.form.querySelectorAll("button[name=theme]"))
    each.setAttribute("aria-pressed", String(each === button));
});

// A button with a word for it says that it works; coming back to the page takes that away.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.submitter?.matches(".works")) event.submitter.classList.add("is-busy");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
});

// One box for all that its form shows; without scripts it is not there.
function readyTicks() {
  for (const all of document.querySelectorAll("[data-ticks]")) all.hidden = false;
}
const ticksOf = (all) => all.form?.querySelectorAll(`[name="${all.dataset.ticks}"]`) ?? [];
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-ticks]")) for (const each of ticksOf(target)) each.checked = target.checked;
  const all = target.form?.querySelector("[data-ticks]");
  if (!all) return;
  const ticked = [...ticksOf(all)].map((each) => each.checked);
  all.checked = ticked.every(Boolean);
  all.indeterminate = !all.checked && ticked.some(Boolean);
});

const toastMs = 5000;
const timed = new WeakSet();

function timeToasts() {
  for (const toast of document.querySelectorAll(".toast")) {
    if (timed.has(toast)) continue;
    timed.add(toast);
    let timer;
    const start = () => (timer = setTimeout(() => toast.remove(), toastMs));
    const pause = () => clearTimeout(timer);
    toast.addEventListener("pointerenter", pause);
    toast.addEventListener("pointerleave", start);
    toast.addEventListener("focusin", pause);
    toast.addEventListener("focusout", start);
    start();
  }
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-dismiss]")) target.closest(".toast")?.remove();
});

function focusWrongField(within) {
  const wrong = within.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
}

/** Tabs and menus that scroll within themselves show where one is. */
function showCurrent() {
  for (const current of document.querySelectorAll(":is(.tabs, .side-menu) [aria-current]")) {
    const list = current.closest(".tabs, .side-menu");
    const [own, place] = [current.getBoundingClientRect(), list.getBoundingClientRect()];
    list.scrollLeft += own.left + own.width / 2 - (place.left + place.width / 2);
  }
}

// What does nothing without scripts.
for (const each of document.querySelectorAll("[data-scripted]")) each.hidden = false;

timeToasts();
readyTicks();
showCurrent();
focusWrongField(document);
document.addEventListener("htmx:after:swap", (event) => {
  timeToasts();
  readyTicks();
  showCurrent();
  if (event.target instanceof Element) focusWrongField(event.target);
});
