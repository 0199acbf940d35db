// @ts-check
// `<input data-sends-itself>`: a code of six digits sends its form once it is complete.
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.matches("[data-sends-itself]")) return;
  const digits = target.value.replace(/\D/g, "").slice(0, 6);
  if (digits !== target.value) target.value = digits;
  if (digits.length === 6) target.form?.requestSubmit();
});
