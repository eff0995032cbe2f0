// The patient's pages work without this file. It keeps nothing of what a person enters.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const hint of document.querySelectorAll("[data-print-hint]")) {
  hint.hidden = true;
}

// A page that may not be kept makes the browser's Back ask whether to send a form again, or lose
// what was typed. Where a page has a button that leads back, Back presses it instead. The step that
// Back takes is within the page: after one of `pushState`, Reload would no longer send the answers.
const back = document.querySelector("[data-back]");

function guardBack() {
  if (!location.hash) location.hash = "#page";
  addEventListener("popstate", () => {
    if (!location.hash) back.click();
  });
}

// Before a page has loaded, the step within it would replace the page in the history.
function onceLoaded() {
  if (back) guardBack();
  document.body.classList.add("nhsuk-frontend-supported");  // as the design system says that scripts run
}

if (document.readyState === "complete") onceLoaded();
else addEventListener("load", () => setTimeout(onceLoaded));

// The day here, which may not be the server's.
for (const field of document.querySelectorAll("[data-browser-day]")) {
  field.form.addEventListener("submit", () => {
    const now = new Date();
    const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
    field.value = parts.map((part, at) => String(part).padStart(at ? 2 : 4, "0")).join("-");
  });
}

// Somebody who sees the traffic sees how long a form is. It is filled up to whole blocks, as the
// answers to it are, so that "yes" is as long as "no". Nobody reads the field.
const BLOCK = 4096;

function hide(form, name, value) {
  const input = form.elements[name] ?? document.createElement("input");
  form.append(Object.assign(input, { type: "hidden", name, value }));
  return input;
}

function fillUp(form, button) {
  const fill = hide(form, "fill", "");
  const { length } = String(new URLSearchParams(new FormData(form, button)));
  fill.value = "0".repeat((BLOCK - (length % BLOCK)) % BLOCK);
}

// How often somebody has left in this window, by which `leave.js` knows a visit that is over.
function timesLeft() {
  try {
    return sessionStorage.getItem("left") ?? "0";
  } catch {
    return "0";  // storage may be forbidden
  }
}

addEventListener("submit", ({ target, submitter }) => {
  if (target.method !== "post") return;
  hide(target, "visit", timesLeft());
  fillUp(target, submitter);
});

// "I do not know" and an answer exclude each other.
for (const group of document.querySelectorAll("[data-module=nhsuk-checkboxes]")) {
  group.addEventListener("change", ({ target }) => {
    if (!target.checked) return;
    const alone = target.dataset.behaviour === "exclusive";
    for (const other of group.querySelectorAll("[type=checkbox]")) {
      const apart = alone || other.dataset.behaviour === "exclusive";
      if (other !== target && other.name === target.name && apart) other.checked = false;
    }
  });
}

// What a link leads to gets the focus, and its question stays in sight above it.
function focusOn(target) {
  if (!target.matches("a, button, input, select, textarea, [tabindex]")) target.tabIndex = -1;
  (target.closest("fieldset") ?? target).scrollIntoView();
  target.focus({ preventScroll: true });
}

const summary = document.querySelector("[data-module=nhsuk-error-summary]");
// A page that follows an answer begins where a screen reader should: what is wrong, what to do now,
// what has changed, or the question.
const followsAnswer = document.querySelector("[data-leave]") && !document.querySelector(":target");
if (summary) focusOn(summary);
else if (followsAnswer) {
  const arrival = document.querySelector("main :is(.alarm--still, [role=status], h1)");
  arrival.tabIndex = -1;
  arrival.focus({ preventScroll: true });
}
for (const link of document.querySelectorAll("[data-module=nhsuk-error-summary] a, [data-module=nhsuk-skip-link]")) {
  link.addEventListener("click", (event) => {
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    focusOn(target);
  });
}

// Who types an answer after all knows it.
addEventListener("input", ({ target }) => {
  if (target.type !== "text" || !target.value.trim() || !target.form) return;
  for (const box of target.form.querySelectorAll("[data-behaviour=exclusive]")) box.checked = false;
});
