// Every page works without this file. It adds the design system's own behaviour, buttons that print
// and copy, and number keys on the nurse's page. Nothing that a person enters is kept: the only thing
// written to the browser's storage is whether number keys are on.

const designSystem = document.querySelector("link[rel=modulepreload]").href;
const { createAll, Checkboxes, ErrorSummary, SkipLink } = await import(designSystem);

document.body.classList.add("nhsuk-frontend-supported");
[Checkboxes, ErrorSummary, SkipLink].forEach((part) => createAll(part));

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const button of document.querySelectorAll("[data-copy]")) {
  const told = (button.closest(".buttons") ?? document).querySelector("[data-copied]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      told.textContent = told.dataset.sayCopied;
    } catch {
      told.textContent = told.dataset.sayFailed;
    }
  });
}
for (const hint of document.querySelectorAll("[data-print-hint]")) {
  hint.hidden = true;
}

// A page that may not be kept makes the browser's Back ask whether to send a form again, or lose
// what was typed. Where a page has a button that leads back, Back presses it instead. The step that
// Back takes is within the page: after one of `pushState`, Reload would no longer send the answers.
const GUARD = "#page";
const back = document.querySelector("[data-back]");
if (back) {
  if (!location.hash) location.hash = GUARD;
  addEventListener("popstate", () => {
    if (!location.hash) back.click();
  });
}

// Red flags stay in sight above the questions; what stays in sight beside those begins below them.
// Where they need more room than they may take, they scroll, which keys can do as well.
const onTop = document.querySelector(".case-bar") ?? document.querySelector("[data-alarm]");
if (onTop) {
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--alarm-height", `${onTop.offsetHeight}px`);
    const list = onTop.querySelector(".alarm__body");
    if (list?.scrollHeight > list?.clientHeight) list.tabIndex = 0;
    else list?.removeAttribute("tabindex");
  }).observe(onTop);
}

// The day here, which may not be the server's. A nurse's empty page begins with it.
function dayHere() {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return parts.map((part, at) => String(part).padStart(at ? 2 : 4, "0"));
}

for (const field of document.querySelectorAll("[data-browser-day]")) {
  field.form.addEventListener("submit", () => { field.value = dayHere().join("-"); });
}
for (const date of document.querySelectorAll("[data-today]")) {
  const inputs = [...date.querySelectorAll("input[type=text]")];
  dayHere().reverse().forEach((part, at) => { inputs[at].value = String(Number(part)); });
}

// A question that another answer makes pointless is hidden, unless it has an answer itself.
function showRows() {
  for (const row of document.querySelectorAll("[data-shown-by]")) {
    const picked = [...document.querySelectorAll(`[name="q-${row.dataset.shownBy}"]:checked`)];
    const values = row.dataset.shownValues.split(" ");
    const empty = [...row.querySelectorAll("input:not([type=hidden])")].every((one) =>
      one.type === "radio" || one.type === "checkbox" ? !one.checked : !one.value.trim());
    row.hidden = empty && picked.length > 0 && !picked.some((one) => values.includes(one.value));
  }
}
document.addEventListener("change", showRows, true);  // before those who ask what is hidden

const SETTING = "number-keys";
const intake = document.querySelector(".intake");
const keys = document.querySelector("[data-keys]");

function useNumberKeys(on) {
  intake.classList.toggle("intake--keys", on);
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    // Storage may be forbidden; the setting then lasts as long as the page.
  }
}

function startsOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

const isTyping = (target) => target.isContentEditable || target.matches?.(
  "textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");

function pick(event) {
  const typing = isTyping(event.target);
  const chord = event.altKey || event.ctrlKey || event.metaKey;
  if (!/^[0-9]$/.test(event.key) || typing || chord) return;
  if (!intake.classList.contains("intake--keys")) return;
  if (event.repeat) {  // a key that is held would answer the question that has the focus next
    event.preventDefault();
    return;
  }
  const options = event.target.closest("fieldset")?.querySelectorAll("[type=radio], [type=checkbox]");
  if (!options?.length) return;
  event.preventDefault();
  if (event.key === "0") {
    options.forEach((option) => { option.checked = false; });
    options[0].dispatchEvent(new Event("change", { bubbles: true }));
  } else {
    const option = options[Number(event.key) - 1];
    const reasons = option?.closest("details");
    if (reasons) reasons.open = true;
    if (option) pickOption(option);
  }
}

// An arrow moves the focus from answer to answer and chooses none: pressed to scroll, it would answer
// an emergency sign. Space, a digit or a click chooses.
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function moveOnly(event) {
  const by = STEPS[event.key];
  if (!by || !event.target.matches("[type=radio]")) return;
  event.preventDefault();
  const options = [...intake.querySelectorAll(`[name="${event.target.name}"]`)]
    .filter((one) => one.checkVisibility());
  const at = options.indexOf(event.target) + by;
  options[(at + options.length) % options.length].focus();
}

intake?.addEventListener("keydown", moveOnly);

// A "yes" to an emergency sign is said at once; the server says it again, with its reason.
function alarm() {
  const names = intake.dataset.alarms.split(" ").filter(Boolean);
  const signs = names.map((name) => intake.querySelector(`[name="${name}"][value="yes"]:checked`));
  const lines = signs.filter(Boolean).map((sign) => {
    const line = document.createElement("li");
    line.textContent = sign.closest("fieldset").querySelector("legend").textContent.trim();
    return line;
  });
  const banner = document.querySelector("[data-alarm]");
  const heading = document.createElement("h2");
  const list = document.createElement("ul");
  heading.className = "alarm__heading";
  heading.textContent = banner.dataset.alarm;
  list.className = "alarm__body";
  list.append(...lines);
  banner.replaceChildren(heading, list);
  banner.hidden = lines.length === 0;
}

if (intake?.dataset.alarms) {
  intake.addEventListener("change", alarm);
}

// Where a question takes one line, what there is to know about it is said beside the questions: of
// the one that has the focus, or that the pointer is on.
const about = document.querySelector("[data-about]");

function tellAbout(event) {
  const row = event.target.closest?.(".row");
  if (!row) return;
  about.querySelector("[data-about-words]").textContent =
    row.querySelector(".nhsuk-hint")?.textContent.trim() || about.dataset.sayNothing;
}

if (intake && about) {
  about.hidden = false;
  intake.classList.add("intake--about");
  intake.addEventListener("focusin", tellAbout);
  intake.addEventListener("mouseover", tellAbout);
  tellAbout({ target: document.activeElement });
}

if (intake && keys) {
  const box = keys.querySelector("input");
  keys.hidden = false;
  box.checked = startsOn();
  useNumberKeys(box.checked);
  box.addEventListener("change", () => useNumberKeys(box.checked));
  intake.addEventListener("keydown", pick);
}

// On the other pages of a case a key leads to what a nurse does next: it goes where a link leads,
// and to the first field of a form, where digits pick. A button gets the focus, and Enter presses it.
const keyed = intake ? [] : [...document.querySelectorAll("[data-go]")];

function goByKey(event) {
  const chord = event.altKey || event.ctrlKey || event.metaKey || event.repeat;
  if (chord || event.defaultPrevented || isTyping(event.target) || !startsOn()) return;
  const target = keyed.find((one) => one.dataset.go === event.key.toLowerCase());
  const options = event.target.closest("form[data-go]")?.querySelectorAll("[type=radio]") ?? [];
  const option = /^[1-9]$/.test(event.key) && options[Number(event.key) - 1];
  if (target?.matches("a")) target.click();
  else if (target) (target.matches("form") ? target.querySelector("[type=radio]") : target)?.focus();
  else if (option) pickOption(option);
  else return;
  event.preventDefault();
}

function pickOption(option) {
  option.focus();
  option.click();
}

if (keyed.length) {
  document.addEventListener("keydown", goByKey);
  for (const one of keyed.filter((each) => !each.matches("form"))) {
    one.setAttribute("aria-keyshortcuts", one.dataset.go);
  }
}
