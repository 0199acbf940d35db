// The address of a new organization follows its name until somebody types one.
function suggested(name) {
  return name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 39)
    .replace(/^-+|-+$/g, "");
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-suggests-address]");
  if (!form) return;
  const { name, slug } = form.elements;
  if (target === slug) form.dataset.typed = slug.value;
  else if (target === name && !form.dataset.typed) slug.value = suggested(name.value);
});

// What was typed before the form came back is kept.
for (const form of document.querySelectorAll("form[data-suggests-address]")) {
  const { name, slug } = form.elements;
  if (slug.value !== suggested(name.value)) form.dataset.typed = slug.value;
}
