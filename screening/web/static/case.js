// The page of one case: answers are saved by themselves when a section is left, those to emergency
// signs at once, a lost connection is said and tried again, red flags are shown at the click, and
// single keys move along. Without this file the page works by its buttons. Answers are kept in this
// page and on the server only.

const form = document.querySelector("form[data-autosave]");
const bar = document.querySelector("[data-saving]");
const savedCell = document.querySelector("[data-saved]");
const flagCell = document.querySelector("[data-flag-now]");
const folds = [...form.querySelectorAll("[data-fold]")];
const banner = document.querySelector("[data-alarm]");
const task = document.querySelector("[data-task]");
const rows = [...form.querySelectorAll("[data-item]")];
const dateRow = form.querySelector("[data-date]");
const reopen = bar.querySelector("[data-reopen]");
const saveButton = form.querySelector("[data-save]");
const showButton = form.querySelector("[data-show]");
const SECOND = 1000;
const WAITS = [2, 4, 8, 15, 30];
const PATIENCE = 10 * SECOND;

// What the page holds --------------------------------------------------------------------------

function answersOnPage() {
  const held = {};
  for (const [name, text] of new FormData(form)) {
    if (/^(q|as_of|again)-/.test(name) && text.trim()) (held[name] ??= []).push(text.trim());
  }
  return held;
}

const UNREAD = ["\0"];  // what no field can hold: such a question is unsaved until it can be read

const same = (one, other) => JSON.stringify(one ?? []) === JSON.stringify(other ?? []);

function changedNames(before, after) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !same(before[name], after[name]));
}

function put(name, texts) {
  for (const control of form.elements) {
    if (control.name !== name) continue;
    if (control.type === "radio" || control.type === "checkbox") {
      control.checked = texts.includes(control.value);
    } else {
      control.value = texts[0] ?? "";
    }
  }
}

const named = (link) => rows.find((row) => row.dataset.item === link);
const namesIn = (row) => [...new Set([...row.querySelectorAll("[name]")].map((one) => one.name))];

// What a row has for an answer; that a sign was asked about again is none.
const given = (row) => [...row.querySelectorAll("input[name^=q-]:not([type=hidden])")].filter((one) =>
  one.type === "radio" || one.type === "checkbox" ? one.checked : one.value.trim());

const answered = (row) => given(row).length > 0;
const saysYes = (row) => given(row).some((one) => one.value === "yes");

function calledFor(row) {
  if (row.hidden) return false;
  if (!row.dataset.gate) return true;
  const values = row.dataset.gateValues.split(" ");
  return [...form.querySelectorAll(`[name="q-${row.dataset.gate}"]:checked`)]
    .some((one) => values.includes(one.value));
}

// What was typed and cannot be read is no answer yet.
const isUnread = (row) => row.querySelector(".nhsuk-error-message") !== null;
const isOpen = (row) => calledFor(row) && (!answered(row) || isUnread(row));

// What appears or disappears above a question must not move it under the pointer -------------------

function isInSight(row) {
  const { top, bottom } = row.getBoundingClientRect();
  return bottom > Math.max(top, 0) && top < innerHeight;
}

// The question that has the focus or else the first one in sight stays where it is on the screen.
function keepInPlace(change) {
  const focused = document.activeElement.closest("[data-item]");
  const row = [...(focused ? [focused] : []), ...rows].find(isInSight);
  const before = row?.getBoundingClientRect().top;
  change();
  if (row?.offsetParent) holdAt(row, before);
}

// Room above the form that was kept before goes first, then the page scrolls. At its top it cannot:
// what is left is kept as room above the form.
let room = 0;

function holdAt(row, before) {
  const moved = () => row.getBoundingClientRect().top - before;
  setRoom(Math.max(room - Math.max(moved(), 0), 0));
  if (moved()) scrollBy({ top: moved(), behavior: "instant" });
  setRoom(room - Math.min(moved(), 0));
}

function setRoom(height) {
  if (height === room) return;
  room = height;
  form.style.setProperty("--room", `${room}px`);
}

// Once it is out of sight, the page scrolls instead.
addEventListener("scroll", () => {
  if (room && form.getBoundingClientRect().top + room < 0) {
    keepInPlace(() => setRoom(0));
  }
});

// Said at once -----------------------------------------------------------------------------------

let flags = JSON.parse(banner.dataset.flags);

function flagsNow() {
  const plain = rows.filter((row) => row.dataset.flag);
  const said = new Set(plain.map((row) => row.dataset.flag));
  const ticked = plain
    .filter((row) => calledFor(row) && saysYes(row))
    .map((row) => ({ tier: row.dataset.tier, tag: row.dataset.tag, text: row.dataset.flag }));
  return [...ticked, ...flags.filter((flag) => !said.has(flag.text))]
    .sort((one, other) => (one.tier > other.tier) - (one.tier < other.tier));
}

function element(name, classes, text, ...children) {
  const made = document.createElement(name);
  made.className = classes;
  made.append(text, ...children);
  return made;
}

// The sign-in covers the page: that there is a sign nobody has, is said there without any name.
function markUnsavedSign() {
  const changed = changedNames(saved, answersOnPage());
  form.toggleAttribute("data-unsaved-sign", rows.some((row) =>
    "sign" in row.dataset && saysYes(row)
      && namesIn(row).some((name) => changed.includes(name))));
}

function showFlags() {
  markUnsavedSign();
  const now = flagsNow();
  const words = now.map((flag) => flag.text).join("\n");
  if (banner.dataset.shown === words) return;
  banner.dataset.shown = words;
  banner.hidden = now.length === 0;
  flagCell.hidden = banner.hidden;
  flagCell.firstElementChild.textContent = JSON.parse(flagCell.dataset.counts)[now.length];
  const lines = now.map((flag) =>
    element("li", "", element("strong", `tag tag--${flag.tier}`, flag.tag), " ", flag.text));
  const heading = now.length === 1 ? banner.dataset.one : banner.dataset.many;
  const list = element("ul", "alarm__body", "", ...lines);
  banner.replaceChildren(element("h2", "alarm__heading", heading), list);
}

function showTask(waiting) {
  task.hidden = !waiting;
  task.querySelector("[data-waiting]").textContent = waiting;
}

function showHead(state, told) {
  document.querySelector("[data-state]").textContent = state;
  const facts = told.flatMap((words) => [" · ", element("bdi", "", words)]).slice(1);
  document.querySelector("[data-facts]").replaceChildren(...facts);
}

function showStanding(told) {
  const place = document.querySelector("[data-standing]");
  const lines = told.map((words) => element("p", "standing", words));
  if (place.textContent !== told.join("")) place.replaceChildren(...lines);
}

function showContradictions(told) {
  const place = document.querySelector("[data-contradictions]");
  const shown = JSON.stringify(told);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.replaceChildren();
  if (told.length === 0) return;
  const lines = told.map(({ words, links }) => {
    const ways = links.flatMap(([name, address]) => {
      const link = element("a", "no-print", `Check: ${name}`);
      link.href = address;
      return [" ", link];
    });
    return element("li", "", words, ...ways);
  });
  const heading = element("h2", "nhsuk-heading-s", place.dataset.heading);
  heading.id = "contradictions";
  const list = element("ul", "nhsuk-list nhsuk-list--bullet", "", ...lines);
  const section = element("section", "standing contradictions", "", heading, list);
  section.setAttribute("aria-labelledby", heading.id);
  place.append(section);
}

// "None of these": a box that answers "no" to the questions beside it that are still open. Each is
// told from one that was answered by itself until somebody changes it.
const groups = [...form.querySelectorAll("[data-none]")].map((place) => {
  const box = place.querySelector("[type=checkbox]");
  box.removeAttribute("name");  // each "no" is on the page by itself, with its mark
  place.querySelector("[name=none-listed]").remove();
  const group = { place, box, given: new Set() };
  box.addEventListener("change", () => (box.checked ? answerGroup(group) : takeBack(group)));
  return group;
});
const marks = element("input", "", "");
marks.type = "hidden";
marks.name = "none-given";
form.append(marks);

const inGroup = ({ place }) => rows.filter((row) =>
  row.dataset.section === place.dataset.none && "together" in row.dataset);
const openIn = (group) => inGroup(group).filter((row) => calledFor(row) && !answered(row));
const isMarked = (row) => groups.some((group) => group.given.has(row));

function answerGroup(group) {
  for (const row of openIn(group)) {
    row.querySelector("[value=no]").checked = true;
    group.given.add(row);
  }
  afterGroup();
}

function takeBack(group) {
  for (const row of group.given) row.querySelector("[value=no]").checked = false;
  group.given.clear();
  afterGroup();
}

// An answer that somebody changes by itself is no longer one of the group.
function leaveGroup(row) {
  for (const group of groups) {
    if (!group.given.delete(row)) continue;
    row.querySelector("[data-none-note]").hidden = true;
    if (!group.given.size) group.box.checked = false;
  }
}

function afterGroup() {
  for (const row of rows) {
    const note = row.querySelector("[data-none-note]");
    if (note) note.hidden = !isMarked(row);
  }
  document.dispatchEvent(new Event("change"));
  showFlags();
  showOpen();
  save();
}

function showGroup(group) {
  const open = openIn(group);
  const listed = group.box.checked ? [...group.given] : open;
  group.place.hidden = !group.box.checked && open.length < 2;
  group.place.querySelector("[data-none-open]").hidden = group.box.checked;
  group.place.querySelector("[data-none-done]").hidden = !group.box.checked;
  group.place.querySelector("[data-none-names]").textContent =
    listed.map((row) => row.dataset.together).join("; ");
}

// The focus stays at the box, so that the same key takes it back.
function pressNone(row, target) {
  const group = groups.find(({ place }) =>
    place.contains(target) || place.dataset.none === row?.dataset.section);
  if (!group || group.place.hidden) return;
  group.box.click();
  group.box.focus();
}

function showAside(row) {
  row.classList.toggle("row--aside", !calledFor(row));
  row.classList.toggle("row--away", !calledFor(row) && !answered(row));
  for (const note of row.querySelectorAll("[data-aside-open]")) note.hidden = answered(row);
  for (const note of row.querySelectorAll("[data-aside-kept]")) note.hidden = !answered(row);
}

function showOpen() {
  for (const row of rows) showAside(row);
  for (const group of groups) showGroup(group);
  marks.value = groups.flatMap(({ given }) => [...given]).map((row) => row.dataset.item).join(" ");
  for (const count of document.querySelectorAll("[data-open]")) {
    const open = rows.filter((row) => row.dataset.section === count.dataset.open)
      .filter(isOpen).length;
    const signs = showSigns(count.dataset.open);
    count.textContent = !open && signs ? "" : JSON.parse(count.dataset.counts)[open];
  }
  showFolds();
}

const absent = new Set(form.dataset.absent.split(" "));

const known = (row) => given(row).some((one) => !absent.has(one.value));

// What is not asked for is no sign; "not known" rules nothing out.
const ruledOut = (row) => !calledFor(row) || known(row);

function showSigns(section) {
  const signs = rows.filter((row) => row.dataset.section === section && "sign" in row.dataset);
  for (const row of signs) row.querySelector("[data-sign-open]").hidden = ruledOut(row);
  const open = signs.filter((row) => !ruledOut(row)).length;
  const words = document.querySelector(`[data-open-signs="${section}"]`);
  words.hidden = !open;
  words.textContent = JSON.parse(words.dataset.counts)[open];
  return open;
}

// Sections that are finished are folded, but only while no pointer may be on its way to a question
// below. What must not be hidden opens again.
const foldOf = (row) => row.closest("[data-fold]");
const rowsIn = (fold) => rows.filter((row) => fold.contains(row));
const flagged = (row) => "flag" in row.dataset && saysYes(row);

// A sign that was asked about on an earlier day has a box that says it was asked about again. The key
// of the same answer ticks it; a click on that answer may only have been meant for the focus.
const boxOf = (row) => row.querySelector("[data-again] input");

function askAgain(row) {
  const box = boxOf(row);
  const name = `q-${row.dataset.item}`;
  const now = answersOnPage();
  if (!box || box.checked || !now[name] || !same(saved[name], now[name])) return;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function showAskAgain(links) {
  for (const row of rows.filter((each) => boxOf(each) && !links.includes(each.dataset.item))) {
    delete saved[boxOf(row).name];
    const focused = row.querySelector("[data-again]").contains(document.activeElement);
    row.querySelector("[data-again]").remove();
    if (focused) row.querySelector("[type=radio]:checked")?.focus();
  }
}

function mustShow(fold) {
  return fold.querySelector(".nhsuk-error-message") !== null
    || rowsIn(fold).some((row) => ("sign" in row.dataset && !ruledOut(row)) || flagged(row));
}

const finished = (fold) => !mustShow(fold) && !fold.querySelector("[data-again]")
  && rowsIn(fold).every((row) => (answered(row) ? known(row) : !calledFor(row)));

function showFolds() {
  for (const fold of folds) {
    if (mustShow(fold)) fold.open = true;
    fold.querySelector("[data-fold-said]").hidden = !finished(fold);
  }
}

function foldFinished(besides) {
  for (const fold of folds) {
    if (fold !== besides && !fold.contains(document.activeElement) && finished(fold)) fold.open = false;
  }
}

function unfold(target) {
  const fold = target?.closest("[data-fold]");
  if (fold) fold.open = true;
}

for (const fold of folds) {
  fold.addEventListener("toggle", () => { if (!fold.open && mustShow(fold)) fold.open = true; });
}
addEventListener("hashchange", () => unfold(document.getElementById(location.hash.slice(1))));

// Saving -----------------------------------------------------------------------------------------

let saved = answersOnPage();
let pending = null;
let again = false;
let lost = 0;
let timer = 0;
const waiting = [];

const dirty = () => changedNames(saved, answersOnPage()).length > 0;
const key = () => [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, "0")).join("");

// What went wrong is said in full at the foot; the bar on top says that there is something.
function say(words, look = "") {
  const wrong = look === "saving--lost" || look === "saving--stopped";
  bar.hidden = !wrong;
  bar.className = `saving ${wrong ? look : ""}`;
  bar.querySelector("[data-words]").textContent = words;
  bar.querySelector("[data-retry]").hidden = look !== "saving--lost";
  reopen.hidden = true;
  savedCell.className = `case-bar__saved ${wrong ? "case-bar__saved--not" : look}`;
  savedCell.textContent = wrong ? bar.dataset.sayShort : words;
}

function done(how) {
  for (const told of waiting.splice(0)) told(how);
}

function save() {
  if (pending) {
    again = true;
  } else if (dirty()) {
    const body = new URLSearchParams(new FormData(form));
    const once = key();
    body.set("once", once);
    pending = { body, once, held: answersOnPage() };
    send();
  } else {
    done("saved");
  }
}

// The same request goes out until it is answered: its key makes the server do it once only.
async function send() {
  clearTimeout(timer);
  timer = 0;
  say(bar.dataset.saySaving);
  let answer;
  try {
    pending.body.set("csrf_token", form.elements.csrf_token.value);  // it is new after a sign-in
    answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: pending.body,
      headers: { Accept: "application/json" },
      keepalive: true,
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    retryLater(bar.dataset.sayUnreachable);
    return;
  }
  if (answer.status >= 500) {
    retryLater(bar.dataset.sayUnreachable);
  } else if (answer.status === 401) {
    document.dispatchEvent(new Event("session-ended"));
    retryLater(bar.dataset.saySignedOut);
  } else if (!answer.ok) {
    stopped(await answer.json());
  } else {
    acknowledged(await answer.json());
  }
}

function retryLater(words) {
  const wait = WAITS[Math.min(lost, WAITS.length - 1)];
  lost += 1;
  say(words, "saving--lost");
  timer = setTimeout(send, wait * SECOND);
  done(words === bar.dataset.saySignedOut ? "signed-out" : "lost");
}

function retryNow() {
  if (pending && timer) send();
}

// Two answers to one question, or a closed case: a page of its own says more, after Save.
function stopped(told) {
  pending = null;
  lost = 0;
  if (told.waiting) keepInPlace(() => showTask(told.waiting));
  say(told.words ?? bar.dataset.sayRefused.replace("{title}", told.title), "saving--stopped");
  reopen.hidden = !told.closed;
  goOn("stopped");
}

// What was to be saved while another saving was under way comes next, whatever came of that one.
function goOn(how) {
  if (again) {
    again = false;
    save();
  } else {
    done(how);
  }
}

function acknowledged(told) {
  const { held } = pending;
  pending = null;
  lost = 0;
  const now = answersOnPage();
  const theirs = told.merged.filter((each) => named(each.item));
  const typedOver = theirs.some((each) =>
    Object.keys(each.fields).some((name) => !same(held[name], now[name])));
  if (typedOver) {  // both changed it while this was under way: the next saving finds the difference
    again = true;
  } else {
    form.elements.version.value = told.version;
    saved = held;
    keepInPlace(() => theirs.forEach(takeOver));
  }
  keepInPlace(() => showSaved(told, held, now));
  const failed = Object.keys(told.errors).length > 0;
  say(told.words, failed ? "saving--stopped" : "saving--done");
  goOn(failed ? "errors" : "saved");
}

// A question that the saved answers make pointless goes once it has no focus: a key that is pressed at
// that moment must not answer the next one.
const itemOf = (row) => row.dataset.item;
const ruled = rows.filter((row) => !row.dataset.shownBy);
let pointless = ruled.filter((row) => row.hidden).map(itemOf);

function hidePointless() {
  for (const row of ruled) {
    row.hidden = pointless.includes(itemOf(row)) && !answered(row)
      && !row.contains(document.activeElement);
  }
}

form.addEventListener("focusin", () => keepInPlace(hidePointless));

function showSaved(told, held, now) {
  pointless = told.hidden;
  hidePointless();
  document.dispatchEvent(new Event("change"));
  flags = told.flags;
  showHead(told.state, told.facts);
  showTask(told.waiting);
  showErrors(told.errors);
  for (const row of rows) {
    row.querySelector("[data-given]").textContent = told.given[row.dataset.item] ?? "";
    const note = row.querySelector("[data-none-note]");
    const still = namesIn(row).every((name) => same(held[name], now[name]));
    if (note && still) note.hidden = !told.none.includes(row.dataset.item);
  }
  showFlags();
  showStanding(told.standing);
  showContradictions(told.contradictions);
  showAskAgain(told.again);
  showOpen();
}

function takeOver(each) {
  for (const [name, texts] of Object.entries(each.fields)) {
    put(name, texts);
    if (texts.length) saved[name] = texts;
    else delete saved[name];
  }
  const row = named(each.item);
  leaveGroup(row);
  row.querySelector("[data-theirs]")?.remove();
  const note = element("p", "row__theirs", each.words);
  note.dataset.theirs = "";
  row.prepend(note);
}

// Tells how a saving of all that is on the page came out.
function settle() {
  return new Promise((told) => {
    waiting.push(told);
    if (pending && timer) send();
    else save();
  });
}

// Errors -----------------------------------------------------------------------------------------

const ERROR = `${bar.dataset.sayError} `;
const readable = [...rows, dateRow];
const linkOf = (row) => row.dataset.item ?? row.dataset.date;

function startErrors() {
  for (const row of readable.filter((each) => each.querySelector(".nhsuk-error-message"))) unread(row);
}

function unread(row) {
  for (const name of namesIn(row)) saved[name] = UNREAD;
}

// What the server wrote into the page goes as well, once it is no longer true. The page may be the
// answer to a form that was sent: Reload must not send what was typed before a second time.
function showErrors(errors) {
  for (const row of readable) problem(row, errors[linkOf(row)]);
  summarise(errors);
  const title = document.title.replace(ERROR, "");
  document.title = Object.keys(errors).length ? ERROR + title : title;
  history.replaceState(history.state, "", form.action + location.hash);
}

function summarise(errors) {
  const summary = document.querySelector("#error-summary");
  for (const line of summary?.querySelectorAll("li") ?? []) {
    const field = document.getElementById(line.querySelector("a").hash.slice(1));
    const words = errors[linkOf(field.closest(".row"))];
    if (words) line.querySelector("[data-error]").textContent = words;
    else line.remove();
  }
  if (!summary?.querySelector("li")) summary?.remove();
}

function problem(row, words) {
  clearProblem(row);
  row.classList.toggle("row--problem", Boolean(words));
  if (!words) return;
  const hidden = element("span", "nhsuk-u-visually-hidden", ERROR);
  const note = element("p", "nhsuk-error-message", hidden, words);
  note.id = errorId(row);
  row.prepend(note);
  describe(row, (ids) => [...ids, note.id]);
  unread(row);
}

function clearProblem(row) {
  row.querySelector(".nhsuk-error-message")?.remove();
  for (const look of ["nhsuk-form-group--error", "nhsuk-input--error"]) {
    row.querySelectorAll(`.${look}`).forEach((each) => each.classList.remove(look));
  }
  describe(row, (ids) => ids.filter((id) => id !== errorId(row)));
}

const errorId = (row) => `${row.dataset.item ? "q-" : ""}${linkOf(row)}-error`;

function describe(row, change) {
  const group = row.querySelector("fieldset");
  const ids = change((group.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (ids.length) group.setAttribute("aria-describedby", ids.join(" "));
  else group.removeAttribute("aria-describedby");
}

// Leaving the page -------------------------------------------------------------------------------

let leaving = false;

// A form ignores a submission that is asked for while the browser still tells of another one.
const nextTask = () => new Promise((go) => setTimeout(go));

form.addEventListener("submit", async (event) => {
  if (leaving) return;
  event.preventDefault();
  if (form.classList.contains("intake--busy")) return;
  form.classList.add("intake--busy");
  const button = event.submitter ?? saveButton;
  const how = await settle();
  await nextTask();
  form.classList.remove("intake--busy");
  if (how === "lost" || (how === "saved" && button === saveButton)) {
    if (how === "saved") say(bar.dataset.saySaved, "saving--done");
    return;
  }
  leaving = true;
  form.requestSubmit(button);
});

addEventListener("beforeunload", (event) => {
  if (!leaving && (pending || dirty())) event.preventDefault();
});
addEventListener("pageshow", () => { leaving = false; });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save();
});
addEventListener("online", retryNow);
bar.querySelector("[data-retry]").addEventListener("click", retryNow);
reopen.addEventListener("mousedown", (event) => event.preventDefault());  // the focus stays
reopen.addEventListener("click", () => form.requestSubmit(saveButton));

// What is typed can be wrong, which only the server knows: it says so when the question is left.
function leftTyped(row, to) {
  if (!row?.matches(".row--date, .row--number") || row.contains(to)) return false;
  const changed = changedNames(saved, answersOnPage());
  return namesIn(row).some((name) => changed.includes(name));
}

for (const section of form.querySelectorAll(".intake__section")) {
  section.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget === reopen) return;  // a saving would hide it before it is pressed
    if (!section.contains(relatedTarget) || leftTyped(target.closest(".row"), relatedTarget)) save();
  });
}

// A link is followed once the saving under way has come out: opened again at once, the sheet would
// still show the answers before it. While there is no connection, the browser asks instead.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href]");
  const chord = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!link || link.target || chord || timer || !(pending || dirty())) return;
  if (link.href.split("#")[0] === location.href.split("#")[0]) return;
  event.preventDefault();
  if (await settle() !== "signed-out") location.assign(link.href);
});

form.addEventListener("change", (event) => {
  const row = event.target.closest("[data-item]");
  if (row) {
    row.querySelector("[data-theirs]")?.remove();
    leaveGroup(row);
  }
  keepInPlace(() => { showFlags(); showOpen(); });
  if (row && "sign" in row.dataset) save();
  else if (dirty() && !pending) say(bar.dataset.sayUnsaved);
});

// Keys -------------------------------------------------------------------------------------------

const focusable = "input:not([type=hidden]):not([disabled])";

function goTo(row) {
  if (row) unfold(row);
  const reasons = row?.querySelector(".unknown:has(:checked)");
  if (reasons) reasons.open = true;
  const target = row
    ? row.querySelector("[type=radio]:checked") ?? row.querySelector(focusable)
    : showButton;
  target.focus({ preventScroll: true });
  foldFinished(row ? foldOf(row) : null);
  target.closest("[data-item], .buttons").scrollIntoView({ block: "center" });
}

function step(from, by) {
  const passed = (row) => by > 0 && isMarked(row);  // "none of these" has answered it
  const asked = rows.filter((row) => row === from || (calledFor(row) && !passed(row)));
  const place = asked.indexOf(from) + by;
  if (place >= 0) goTo(asked[place]);
}

function nextOpen(from) {
  const start = from ? rows.indexOf(from) + 1 : 0;
  const open = [...rows.slice(start), ...rows.slice(0, start)]
    .find(isOpen);
  goTo(open);
}

const who = document.querySelector("#who-answered");
function showWho(on) {
  who.checked = on;
  form.classList.toggle("intake--who", on);
}

// The date of the nearest question above that has one, for a date without any.
function sameDay(row) {
  if (!row?.classList.contains("row--date") || answered(row)) return false;
  const above = rows.slice(0, rows.indexOf(row)).reverse()
    .find((each) => each.classList.contains("row--date") && known(each));
  if (!above) return false;
  for (const name of namesIn(above).filter((each) => /-(day|month|year|words)$/.test(each))) {
    const copy = row.querySelector(`[name="${name.replace(above.dataset.item, row.dataset.item)}"]`);
    copy.value = above.querySelector(`[name="${name}"]`).value;
  }
  row.querySelector("input").dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

const isTyping = (target) => target.isContentEditable || target.matches?.(
  "textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");

const SINGLE = {
  n: (row) => nextOpen(row),
  b: (row) => row && step(row, -1),
  s: () => form.requestSubmit(saveButton),
  r: () => form.requestSubmit(showButton),
  w: () => showWho(!who.checked),
  x: pressNone,
};

document.addEventListener("keydown", (event) => {
  if (!form.classList.contains("intake--keys") || document.querySelector("dialog[open]")) return;
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return;
  const row = event.target.closest?.("[data-item]");
  const typing = isTyping(event.target);
  if (event.key === "=" && sameDay(row)) {
    event.preventDefault();
  } else if (event.key === "Enter" && row && event.target.matches("input")) {
    event.preventDefault();
    step(row, 1);
  } else if (event.key === "Enter" && groups.some(({ box }) => box === event.target)) {
    event.preventDefault();
    const first = rows.findIndex((each) => each.dataset.section === event.target.value);
    nextOpen(rows[first - 1]);
  } else if (typing && /^[ ./-]$/.test(event.key) && event.target.name?.match(/-(day|month)$/)) {
    event.preventDefault();
    event.target.closest(".nhsuk-date-input__item").nextElementSibling.querySelector("input").focus();
  } else if (!typing && /^[1-9]$/.test(event.key) && event.defaultPrevented) {
    if (row && document.activeElement.type === "radio" && row.contains(document.activeElement)) {
      askAgain(row);
      step(row, 1);
    }
  } else if (!typing && !event.defaultPrevented && SINGLE[event.key.toLowerCase()]) {
    event.preventDefault();
    SINGLE[event.key.toLowerCase()](row, event.target);
  }
});

// Each answer has the digit that picks it; the style sheet shows those of the question in focus.
for (const group of form.querySelectorAll("[data-item] fieldset")) {
  const options = [...group.querySelectorAll("[type=radio], [type=checkbox]")].slice(0, 9);
  options.forEach((option, at) => { option.parentElement.dataset.key = at + 1; });
  const [first, ...more] = group.querySelectorAll(".unknown [data-key]");
  const last = more.at(-1);
  if (first) {
    group.querySelector(".unknown > summary").dataset.keys =
      last ? `${first.dataset.key}–${last.dataset.key}` : first.dataset.key;
  }
}

// Start ------------------------------------------------------------------------------------------

who.closest("[data-who]").hidden = false;
for (const link of document.querySelectorAll("[data-resume]")) link.hidden = true;  // the focus goes there
who.addEventListener("change", () => showWho(who.checked));
startErrors();
showFlags();
showOpen();
// The sheet goes to its first open question, but not past an emergency that nobody was told about. What the page has to say stays in view until an answer.
for (const message of document.querySelectorAll(".message")) {
  message.classList.add("message--stays");
  form.addEventListener("change", () => message.classList.remove("message--stays"), { once: true });
}
const wanted = named(location.hash.replace("#q-", ""));
unfold(document.getElementById(location.hash.slice(1)));
if (wanted) goTo(wanted);
else if (!location.hash && !document.querySelector("#error-summary") && task.hidden) nextOpen(null);
