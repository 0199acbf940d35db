// Forms with `data-passkey`: asks the server for a challenge, the browser for an answer, and sends the form with it.
// What a browser calls buffers, the server reads as base64url text.
const decoded = (text) => {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
};
const encoded = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const canUsePasskeys = Boolean(window.PublicKeyCredential && navigator.credentials);

function showPasskeyForms() {
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = !canUsePasskeys;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const options = await challengeOf(form);
    if (options === null) return;
    const credential = form.dataset.passkey === "add" ? await created(options) : await given(options);
    form.elements.namedItem("answer").value = JSON.stringify(credential);
    HTMLFormElement.prototype.submit.call(form);
  } catch (error) {
    problem.querySelector("span").textContent = wordsOf(error);
    problem.hidden = false;
  }
});

async function challengeOf(form) {
  const answer = await fetch(form.dataset.challenge, {
    method: "POST",
    headers: { Accept: "text/html, application/json" },
  });
  // The server wants the password first.
  if (answer.redirected) {
    location.assign(answer.url);
    return null;
  }
  if (answer.status === 429) throw new Error("throttled");
  if (!answer.ok) throw new Error("refused");
  return answer.json();
}

async function created(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decoded(options.challenge),
      user: { ...options.user, id: decoded(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(withBuffer),
    },
  });
  const { response } = credential;
  return {
    ...about(credential),
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      attestationObject: encoded(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function given(options) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: decoded(options.challenge),
      allowCredentials: (options.allowCredentials ?? []).map(withBuffer),
    },
  });
  const { response } = credential;
  return {
    ...about(credential),
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      authenticatorData: encoded(response.authenticatorData),
      signature: encoded(response.signature),
      userHandle: response.userHandle ? encoded(response.userHandle) : undefined,
    },
  };
}

const withBuffer = (each) => ({ ...each, id: decoded(each.id) });

function about(credential) {
  return {
    id: credential.id,
    rawId: encoded(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function wordsOf(error) {
  if (error.name === "InvalidStateError") return "This device already has a passkey for this account.";
  if (error.name === "NotAllowedError") return "No passkey was provided. Try again, or sign in another way.";
  if (error.message === "throttled") return "Too many attempts. Try again in a few minutes.";
  return "That did not work. Reload the page and try again.";
}

showPasskeyForms();
