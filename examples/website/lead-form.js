/*
 * Sends the "Reach out to us" forms of this site to the capture API without leaving the page.
 *
 * The forms work without this script, by a plain post. With it, the words stay on the visitor's screen until the
 * server has them: while it does not answer, the same enquiry is offered again under the same key, so that however
 * often it is sent, one enquiry arrives.
 *
 * Nothing is stored in the browser.
 */
(() => {
  "use strict";

  const CAMPAIGN_KEYS = [
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id",
    "gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid",
  ];
  const ANSWER_WITHIN_MS = 10_000;
  const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 30_000, 60_000]; // the last one repeats while the page is open
  const PATIENCE = 4; // after so many failed tries the visitor gets the phone number
  const OWN_WORDS = {
    too_large: "Your message is too long for this form. Please shorten it.",
    too_many_requests: "Too many messages came from your network. Please wait a minute and press the button again.",
  };
  const LONGEST_TAG = 300;
  const LONGEST_URL = 2_000;

  /* --- what the page knows ------------------------------------------------------------------------------- */

  // A tag nobody typed must never be the reason why a visitor's message is refused: cut it, drop control characters.
  const tidy = (text, longest) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "").slice(0, longest);

  const campaign = () => {
    const query = new URLSearchParams(window.location.search);
    const found = CAMPAIGN_KEYS.map((key) => [key, tidy(query.get(key) ?? "", LONGEST_TAG)]);
    return Object.fromEntries(found.filter(([, value]) => value !== ""));
  };

  // Campaign tags travel with the links of this site, which keeps them from page to page without any storage.
  const carryCampaign = () => {
    const tags = Object.entries(campaign());
    if (tags.length === 0) return;
    for (const link of document.querySelectorAll("a[data-internal]")) {
      const target = new URL(link.href);
      tags.forEach(([key, value]) => target.searchParams.set(key, value));
      link.href = target.href;
    }
  };

  const pageFacts = () => ({
    ...campaign(),
    page_url: tidy(window.location.origin + window.location.pathname, LONGEST_URL),
    referrer: tidy(document.referrer, LONGEST_URL),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
    locale: navigator.language ?? "",
  });

  // randomUUID exists in secure contexts only; the form must also work on a plain http address of a local network.
  const newKey = () => {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  /* --- what the form holds ------------------------------------------------------------------------------- */

  const fieldsOf = (form) => {
    const fields = pageFacts();
    const services = [];
    for (const [name, value] of new FormData(form)) {
      if (name === "service") services.push(value);
      else if (name !== "page_url") fields[name] = form.elements[name].type === "checkbox" ? true : value.trim();
    }
    fields.service = services.filter((slug) => slug !== "");
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value.length !== 0));
  };

  /* One filled form, one key. Other words are another enquiry: under the old key they would be refused. */
  const keyring = () => {
    let key = "";
    let sealed = "";
    return {
      keyFor(body) {
        if (body !== sealed) [key, sealed] = [newKey(), body];
        return key;
      },
      forget() {
        sealed = "";
      },
    };
  };

  /* --- one try ------------------------------------------------------------------------------------------------ */

  /* Resolves to {taken}, {refused} with the server's words, or {} when nobody can tell: then the same is sent again. */
  const offer = async (form, keys) => {
    const fields = fieldsOf(form);
    const body = JSON.stringify(fields);
    const clock = new AbortController();
    const timer = window.setTimeout(() => clock.abort(), ANSWER_WITHIN_MS);
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: {
          "Accept": "application/json",
          "Content-Type": "application/json",
          "X-Form-Key": fields.form_key,
          "Idempotency-Key": keys.keyFor(body),
        },
        body,
        credentials: "omit",
        keepalive: true, // closing the tab right after the click must not lose the enquiry
        redirect: "error",
        signal: clock.signal,
      });
      if (response.status === 409) keys.forget();
      if (response.status === 409 || response.status >= 500) return {};
      const answer = await response.json();
      if (response.ok) return answer.reference ? { taken: answer } : {};
      return { refused: answer };
    } catch {
      return {}; // no network, no answer in time, or an answer that is not ours (a hotel's sign-in page)
    } finally {
      window.clearTimeout(timer);
    }
  };

  /* --- what the visitor sees -------------------------------------------------------------------------------- */

  const element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  const phoneLink = (form) => {
    const link = element("a", "", form.dataset.phone);
    link.href = `tel:+1${form.dataset.phone.replace(/\D/g, "")}`;
    return link;
  };

  // The numbers in the crisis notice can be tapped.
  const noticeWords = (notice) =>
    notice.split(/\b(911|988)\b/).map((part, place) => {
      if (place % 2 === 0) return part;
      const link = element("a", "", part);
      link.href = `tel:${part}`;
      return link;
    });

  const say = (form, problem, ...words) => {
    const note = form.querySelector("[data-note]");
    note.classList.toggle("problem", problem);
    note.replaceChildren(...words);
  };

  const setButton = (form, label, disabled) => {
    const button = form.querySelector("[type=submit]");
    button.textContent = label;
    button.disabled = disabled;
  };

  const controlsOf = (form, name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]:not([type=hidden])`)];

  const clearProblem = (box) => {
    const error = box.querySelector(".field-error");
    if (!error) return;
    for (const control of box.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
      if (others.length) control.setAttribute("aria-describedby", others.join(" "));
      else control.removeAttribute("aria-describedby");
    }
    error.remove();
  };

  const showProblem = (controls, message) => {
    const box = controls[0].closest(".field");
    clearProblem(box);
    const error = element("p", "field-error", message);
    error.id = `${controls[0].name}-error`;
    for (const control of controls) {
      const described = control.getAttribute("aria-describedby");
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", described ? `${described} ${error.id}` : error.id);
    }
    box.append(error);
  };

  /* What a visitor can mend is said to them. The rest (a wrong key, a page that is not on the list) is for whoever
     built this page: it goes to the console. */
  const showRefusal = (form, refusal) => {
    let unplaced = false;
    for (const [name, problems] of Object.entries(refusal.fields ?? {})) {
      const controls = controlsOf(form, name);
      if (controls.length) showProblem(controls, problems.map((problem) => problem.message).join(" "));
      else unplaced = true;
    }
    const first = form.querySelector("[aria-invalid]"); // in the order of the page, not of the answer
    const ownWords = OWN_WORDS[refusal.code];
    if (first) say(form, true, refusal.message);
    else if (ownWords) say(form, true, `${ownWords} You can also call us at `, phoneLink(form), ".");
    else say(form, true, "Your message could not be sent from this page. Please call us at ", phoneLink(form), ".");
    if (unplaced || !first) console.error("The form was refused:", refusal.code, refusal.message, refusal.fields);
    (first ?? form.querySelector("[type=submit]")).focus();
  };

  const showWaiting = (form, failures) => {
    if (failures < PATIENCE) {
      say(form, false, "No answer yet. Your words are safe on this page; we are trying again…");
      return;
    }
    setButton(form, "Try again now", false);
    say(
      form, true, "We cannot reach our desk at the moment. Please call us: ", phoneLink(form),
      ". Your words are still here, and we keep trying while this page stays open.",
    );
  };

  const showThanks = (form, answer) => {
    const thanks = document.getElementById(form.dataset.thanks);
    thanks.replaceChildren(
      element("h3", "", "Got it. Thank you."),
      element(
        "p", "",
        "Your message is with our desk, and a person will answer it: within minutes as a rule while we are open, ",
        "otherwise soon after we open. Rather talk? Call ", phoneLink(form), ".",
      ),
      element("p", "crisis", ...noticeWords(answer.notice)),
    );
    thanks.dataset.reference = answer.reference; // for whoever looks into a lost enquiry; the e-mail has a short number
    form.hidden = true;
    thanks.focus({ preventScroll: true }); // the browser would scroll no further than to its first line
    thanks.scrollIntoView({ block: "start" });
  };

  /* --- one form ------------------------------------------------------------------------------------------------ */

  const enhance = (form) => {
    const keys = keyring();
    const label = form.querySelector("[type=submit]").textContent;
    let sending = false;
    let endPause = null; // set while we wait between two tries; called with whether to go on

    const pause = (milliseconds) =>
      new Promise((resolve) => {
        const timer = window.setTimeout(() => endPause(true), milliseconds * (1 + Math.random() / 4));
        endPause = (goOn) => {
          window.clearTimeout(timer);
          endPause = null;
          resolve(goOn);
        };
      });

    const deliver = async () => {
      for (let failures = 0; ; ) {
        setButton(form, "Sending…", true);
        const { taken, refused } = await offer(form, keys);
        if (taken) return showThanks(form, taken);
        setButton(form, label, !refused);
        if (refused) return showRefusal(form, refused);
        failures += 1;
        showWaiting(form, failures);
        const goOn = await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length) - 1]);
        if (!goOn) return say(form, false, "Nothing is sent until you press the button again.");
      }
    };

    form.noValidate = true; // one voice: the server judges, and its sentences stand beside the fields
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (endPause) endPause(true);
      if (sending) return;
      sending = true;
      form.querySelectorAll(".field").forEach(clearProblem);
      say(form, false);
      try {
        await deliver();
      } finally {
        sending = false;
        setButton(form, label, false);
      }
    });
    form.addEventListener("input", (event) => {
      clearProblem(event.target.closest(".field"));
      if (endPause) endPause(false); // half a sentence must not go out by itself
    });
    window.addEventListener("online", () => endPause?.(true));
  };

  /* "Reach out to us" beside a service fills that service in. */
  const chooseService = (event) => {
    const slug = event.target.closest("a[data-service]")?.dataset.service;
    const select = document.querySelector("form[data-lead-form] select[name=service]");
    if (slug && select) select.value = slug;
  };

  carryCampaign();
  document.querySelectorAll("form[data-lead-form]").forEach(enhance);
  document.addEventListener("click", chooseService);
})();
