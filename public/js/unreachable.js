// @ts-check
// A form that is sent while the server is away would leave the browser's error page and lose what was typed. So the
// server is asked for a small answer first, and where there is none the form stays and says so.
const answered = new WeakSet();
const patienceMs = 5000;

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || !leaves(form, submitter)) return;
  // The second time, with the answer in hand.
  if (answered.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.asking !== undefined) return;
  form.dataset.asking = "";
  const isThere = await isServerThere();
  delete form.dataset.asking;
  for (const each of document.querySelectorAll("[data-away]")) each.remove();
  if (!isThere) return say(form);
  answered.add(form);
  form.requestSubmit(submitter?.isConnected ? submitter : null);
});

/**
 * htmx and the forms of passkeys send by themselves.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
function leaves(form, submitter) {
  const method = submitter?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get";
  return method.toLowerCase() === "post" && !form.matches("[hx-post], [data-passkey]");
}

/** Another answer than a proxy's that has lost its server. */
async function isServerThere() {
  const { href } = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=stylesheet]"));
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const { status } = await fetch(href, { method: "HEAD", cache: "no-store", signal });
    return status < 500;
  } catch {
    return false;
  }
}

/**
 * Below the form; below what it stands in when it is a button among others.
 *
 * @param {HTMLFormElement} form
 */
function say(form) {
  const hasText = form.querySelector("input:not([type=hidden]), textarea, select") !== null;
  const place = document.createElement("p");
  place.className = "error";
  place.dataset.away = "";
  place.setAttribute("role", "alert");
  const row = hasText ? null : form.closest(".page-head, table, .actions");
  if (row) row.after(place);
  else form.append(place);
  const kept = hasText ? "Nothing was sent, and what you typed is still here" : "Nothing was sent";
  place.textContent = `The server cannot be reached. ${kept}. Try again in a moment.`;
}
