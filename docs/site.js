// Tables that scroll sideways can be reached by keyboard; the buttons beside each block of code and
// the search are named. The theme makes some of these after the page is loaded.
function describe() {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  document.querySelectorAll(".md-typeset__scrollwrap").forEach((wrap) => {
    wrap.tabIndex = 0;
    wrap.setAttribute("role", "group");
    wrap.setAttribute("aria-label", "Table");
  });
  document.querySelectorAll(".md-code__nav").forEach((nav, index) => {
    nav.setAttribute("aria-label", `Code block ${index + 1}`);
  });
}
new MutationObserver(describe).observe(document.body, { childList: true, subtree: true });
describe();
