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
    if (!event.target.matches("[data-ivs-call] [name=outcome]")) return;
    suggest(event.target);
    if ("books" in event.target.dataset) event.target.form.querySelector("[data-ivs-booking]").open = true;
  });
  // Whoever walks through the outcomes with the arrow keys keeps the focus; a tap means this one.
  document.addEventListener("click", (event) => {
    if (!event.detail || !event.target.matches("label, label *")) return;
    const option = event.target.closest("label").querySelector("[data-books]");
    if (option) window.setTimeout(() => option.form.querySelector("[name=service]").focus());
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-ivs-call] [name=next_at]")) return;
    event.target.dataset.typed = event.target.value ? "1" : "";
    event.target.form.querySelector("[data-ivs-next-words]").textContent = "";
  });

  // The page may have stood open for hours: the minute is that of the press, on the location's wall.
  const wallClock = (button) => {
    if (!button.dataset.ivsZone) return button.dataset.ivsValue;
    const now = new Date().toLocaleString("sv-SE", { timeZone: button.dataset.ivsZone });
    return now.slice(0, 16).replace(" ", "T");
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ivs-fill]");
    if (button) document.getElementById(button.dataset.ivsFill).value = wallClock(button);
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

  // After a refusal the first thing to mend has the focus: as soon as the panels are drawn, and only once.
  const focusWhatIsWrong = () => {
    if (document.activeElement !== document.body) return;
    const wrong = [...document.querySelectorAll(".ivs [aria-invalid=true], .ivs .ivs-refusal")];
    const first = wrong.find((element) => element.checkVisibility());
    if (first) (first.matches("fieldset") ? first.querySelector("input") : first).focus();
  };
  document.addEventListener("alpine:initialized", focusWhatIsWrong);
  window.addEventListener("load", focusWhatIsWrong);

  // "/" goes to the search of Today, as it does in every list, unless something is being typed.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const search = document.querySelector("[data-ivs-slash]");
    if (!search) return;
    event.preventDefault();
    search.focus();
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
