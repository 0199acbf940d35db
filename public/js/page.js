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

// A form that is sent after the session has ended, or that asks for the password first, leads elsewhere. What was typed
// is kept in this tab until its page is there again; passwords and codes are not.
const keptText = "kept-text";
const typed = "input:is(:not([type]), [type=text], [type=email], [type=url], [type=number], [type=date])";
const chosen = "input:is([type=checkbox], [type=radio])";
const fieldsOf = (form) =>
  [...form.elements].filter((each) => each.name && each.matches(`${typed}, ${chosen}, select, textarea`));
const pageAddress = () => location.pathname + location.search;

document.addEventListener("submit", (event) => {
  const { target: form, defaultPrevented } = event;
  const isOurs = form.getAttribute("method")?.toLowerCase() === "post" && !document.body.matches(".bare");
  if (defaultPrevented || !isOurs || document.querySelector("[data-keeps-text]")) return;
  const fields = fieldsOf(form)
    .filter((each) => each.autocomplete !== "one-time-code")
    .map((each) => ({ name: each.name, value: each.value, checked: each.checked }));
  const kept = { page: pageAddress(), action: form.getAttribute("action"), fields };
  sessionStorage.setItem(keptText, JSON.stringify(kept));
});

function restoreText() {
  const kept = JSON.parse(sessionStorage.getItem(keptText) ?? "null");
  if (kept === null) return;
  if (document.querySelector("[data-keeps-text]"))
    return sessionStorage.setItem(keptText, JSON.stringify({ ...kept, isInterrupted: true }));
  if (document.body.matches(".bare")) return;
  sessionStorage.removeItem(keptText);
  if (!kept.isInterrupted || kept.page !== pageAddress()) return;
  const form = [...document.forms].find((each) => each.getAttribute("action") === kept.action);
  for (const each of form ? fieldsOf(form) : []) putBack(each, kept.fields);
}

function putBack(field, fields) {
  const isChoice = field.matches(chosen);
  const was = fields.find(({ name, value }) => name === field.name && (!isChoice || value === field.value));
  if (!was) return;
  if (isChoice) field.checked = was.checked;
  else field.value = was.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

restoreText();
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
