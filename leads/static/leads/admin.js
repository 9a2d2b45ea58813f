// Small helps for the clinic's own pages. Every page works without them; they save typing.
(() => {
  "use strict";

  // The outcome of a call suggests the next step; what a person typed is never overwritten.
  const suggest = (option) => {
    const form = option.closest("[data-ivs-call]");
    const next = form.querySelector("[name=next_at]");
    const words = form.querySelector("[data-ivs-next-words]");
    if (!next.dataset.typed) {
      next.value = option.dataset.next;
      words.textContent = option.dataset.nextWords;
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-ivs-call] [name=outcome]")) suggest(event.target);
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-ivs-call] [name=next_at]")) return;
    event.target.dataset.typed = event.target.value ? "1" : "";
    event.target.form.querySelector("[data-ivs-next-words]").textContent = "";
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ivs-fill]");
    if (button) document.getElementById(button.dataset.ivsFill).value = button.dataset.ivsValue;
  });

  // A button pressed twice acts once.
  document.addEventListener("submit", (event) => {
    if (!event.target.closest(".ivs") || event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".ivs form[data-sent]")) delete form.dataset.sent;
  });

  // Today refreshes itself: not while nobody looks, and never into an empty page when the session has ended.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-ivs-refresh]") && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.target.matches("[data-ivs-refresh]")) return;
    if (!event.detail.serverResponse.includes("data-ivs-refresh")) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });
  document.addEventListener("visibilitychange", () => {
    const today = document.querySelector("[data-ivs-refresh]");
    if (today && !document.hidden && window.htmx) {
      window.htmx.ajax("GET", today.getAttribute("hx-get"), { target: "#today", select: "#today", swap: "outerHTML" });
    }
  });
})();
