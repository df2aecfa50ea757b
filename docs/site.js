// Tables that scroll sideways can be reached by keyboard, and the buttons beside each block of code
// are named. The theme makes both after the page is loaded.
function describe() {
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
