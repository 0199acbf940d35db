// @ts-check
// A toast goes away after five seconds, not while somebody is at it, or when it is dismissed.
const toastMs = 5000;
const timed = new WeakSet();

function timeToasts() {
  for (const toast of document.querySelectorAll(".toast")) {
    if (timed.has(toast)) continue;
    timed.add(toast);
    /** @type {ReturnType<typeof setTimeout>} */
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
  if (target instanceof Element && target.closest("[data-dismiss]")) target.closest(".toast")?.remove();
});
document.addEventListener("htmx:after:swap", timeToasts);
timeToasts();
