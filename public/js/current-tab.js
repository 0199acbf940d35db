// @ts-check
// Tabs and menus that scroll within themselves show the one where the page is.
function showCurrent() {
  for (const current of document.querySelectorAll(":is(.tabs, .side-menu) [aria-current]")) {
    const list = /** @type {Element} */ (current.closest(".tabs, .side-menu"));
    const [own, place] = [current.getBoundingClientRect(), list.getBoundingClientRect()];
    list.scrollLeft += own.left + own.width / 2 - (place.left + place.width / 2);
  }
}

document.addEventListener("htmx:after:swap", showCurrent);
showCurrent();
