// @ts-check
// A button with a word for it says that it works; coming back to the page takes that away.
document.addEventListener("submit", ({ defaultPrevented, submitter }) => {
  if (!defaultPrevented && submitter?.matches(".works")) submitter.classList.add("is-busy");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
});
