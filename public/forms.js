// A form that is sent while the server is away would leave the browser's error page and lose what was typed. So the
// server is asked for a small answer first, and where there is none the form stays and says so.
const answered = new WeakSet();
const patienceMs = 5000;

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !leaves(form, submitter)) return;
  // The second time, with the answer in hand.
  if (answered.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.asking !== undefined) return;
  form.dataset.asking = "";
  const isThere = await isServerThere();
  delete form.dataset.asking;
  forget(form);
  if (!isThere)
    return say(form, "The server cannot be reached. Nothing was sent, and what you typed is still here.");
  answered.add(form);
  form.requestSubmit(submitter?.isConnected ? submitter : null);
});

/** htmx and the forms of passkeys send by themselves. */
function leaves(form, submitter) {
  const method = submitter?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get";
  return method.toLowerCase() === "post" && !form.matches("[hx-post], [data-passkey]");
}

/** Another answer than a proxy's that has lost its server. */
async function isServerThere() {
  const { href } = document.querySelector("link[rel=stylesheet]");
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const { status } = await fetch(href, { method: "HEAD", cache: "no-store", signal });
    return status < 500;
  } catch {
    return false;
  }
}

function say(form, words) {
  const place = document.createElement("p");
  place.className = "error";
  place.dataset.away = "";
  place.setAttribute("role", "alert");
  form.append(place);
  place.textContent = `${words} Try again in a moment.`;
}

function forget(form) {
  for (const each of form.querySelectorAll("[data-away]")) each.remove();
}
