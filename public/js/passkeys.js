// @ts-check
// Forms with `data-passkey`: asks the server for a challenge, the browser for an answer, and sends the form with it.
// What a browser calls buffers, the server reads as base64url text.

/**
 * Of the server: as the browser takes them, with text in the place of buffers.
 *
 * @typedef {{ id: string; type: "public-key"; transports?: AuthenticatorTransport[] }} KnownPasskey
 * @typedef {Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> & {
 *   challenge: string; allowCredentials?: KnownPasskey[] }} RequestOptions
 * @typedef {Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> & {
 *   challenge: string; user: Omit<PublicKeyCredentialUserEntity, "id"> & { id: string };
 *   excludeCredentials?: KnownPasskey[] }} CreationOptions
 */

/** @param {string} text */
function decoded(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function encoded(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

const canUsePasskeys = Boolean(window.PublicKeyCredential && navigator.credentials);

function showPasskeyForms() {
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = document.querySelectorAll("form[data-passkey]");
  for (const form of forms) form.hidden = !canUsePasskeys;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-passkey]")) return;
  event.preventDefault();
  const problem = /** @type {HTMLElement} */ (form.querySelector("[data-passkey-problem]"));
  problem.hidden = true;
  try {
    const options = await challengeOf(form);
    if (options === null) return;
    const answer = /** @type {HTMLInputElement} */ (form.elements.namedItem("answer"));
    const credential = form.dataset.passkey === "add" ? await created(options) : await given(options);
    answer.value = JSON.stringify(credential);
    HTMLFormElement.prototype.submit.call(form);
  } catch (error) {
    const text = /** @type {HTMLElement} */ (problem.querySelector("span"));
    text.textContent = messageOf(/** @type {Error} */ (error));
    problem.hidden = false;
  }
});

/** @param {HTMLFormElement} form */
async function challengeOf(form) {
  const answer = await fetch(form.dataset.challenge ?? "", {
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

/** @param {CreationOptions} options */
async function created(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decoded(options.challenge),
      user: { ...options.user, id: decoded(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(withBuffer),
    },
  });
  const passkey = /** @type {PublicKeyCredential} */ (credential);
  const response = /** @type {AuthenticatorAttestationResponse} */ (passkey.response);
  return {
    ...about(passkey),
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      attestationObject: encoded(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** @param {RequestOptions} options */
async function given(options) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: decoded(options.challenge),
      allowCredentials: (options.allowCredentials ?? []).map(withBuffer),
    },
  });
  const passkey = /** @type {PublicKeyCredential} */ (credential);
  const response = /** @type {AuthenticatorAssertionResponse} */ (passkey.response);
  return {
    ...about(passkey),
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      authenticatorData: encoded(response.authenticatorData),
      signature: encoded(response.signature),
      userHandle: response.userHandle ? encoded(response.userHandle) : undefined,
    },
  };
}

/** @param {KnownPasskey} known */
function withBuffer(known) {
  return { ...known, id: decoded(known.id) };
}

/** @param {PublicKeyCredential} passkey */
function about(passkey) {
  return {
    id: passkey.id,
    rawId: encoded(passkey.rawId),
    type: passkey.type,
    clientExtensionResults: passkey.getClientExtensionResults(),
  };
}

/** @param {Error} error */
function messageOf(error) {
  if (error.name === "InvalidStateError") return "This device already has a passkey for this account.";
  if (error.name === "NotAllowedError") return "No passkey was provided. Try again, or sign in another way.";
  if (error.message === "throttled") return "Too many attempts. Try again in a few minutes.";
  return "That did not work. Reload the page and try again.";
}

showPasskeyForms();
