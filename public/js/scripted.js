// @ts-check
// `<… data-scripted hidden>`: what does nothing without scripts is there only with them.

/** @type {NodeListOf<HTMLElement>} */
const scripted = document.querySelectorAll("[data-scripted]");
for (const each of scripted) each.hidden = false;
