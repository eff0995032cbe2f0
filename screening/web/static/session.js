// Says before the session ends that it will, and hides the page when it has ended or somebody signed
// out. What was typed stays in the page, and is shown again to the same person after sign-in.

const alarm = document.querySelector("[data-session]");
const warning = alarm.querySelector(".session__warning");
const over = document.querySelector(".session__over");
const title = document.title;
const who = alarm.dataset.who;
const WARN = 120;
const LOOK_EVERY = 60;

let ends = Date.now() + alarm.dataset.seconds * 1000;
let looked = Date.now();
let told = "";

const left = () => Math.round((ends - Date.now()) / 1000);
const others = () => [...document.body.children].filter((part) => part !== over);

// Asking does not prolong the session.
async function look() {
  looked = Date.now();
  try {
    const answer = await fetch(alarm.dataset.session, { headers: { Accept: "application/json" }, cache: "no-store" });
    const now = await answer.json();
    if (!answer.ok) return;
    if (!now.seconds) hide();
    else if (String(now.who) !== who) replace();
    else show(now);
  } catch {
    // The server cannot be reached; the clock here goes on.
  }
}

function show(now) {
  ends = Date.now() + now.seconds * 1000;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = now.token;
  if (now.seconds > WARN) quiet();
  if (over.open) {
    over.close();
    others().forEach((part) => { part.hidden = part.dataset.washidden === "yes"; });
    document.title = title;
  }
  document.documentElement.classList.remove("unsure");
}

function hide() {
  document.documentElement.classList.remove("unsure");
  if (over.open) return;
  quiet();
  document.body.append(over);
  for (const part of others()) {
    part.dataset.washidden = part.hidden ? "yes" : "no";
    part.hidden = true;
  }
  document.title = over.querySelector("#session-over").textContent;
  over.querySelector("[data-over-sign]").hidden = !document.querySelector("[data-unsaved-sign]");
  over.showModal();
}

// The page of somebody else is covered first, as the browser may ask before it is left.
function replace() {
  hide();
  location.reload();
}

function quiet() {
  warning.hidden = true;
  told = "";
}

function warn(seconds) {
  const lefts = warning.querySelector("[data-session-left]").dataset;
  const words = seconds > 60 ? lefts.sayTwo : seconds > 30 ? lefts.sayOne : lefts.sayHalf;
  if (words === told) return;
  told = words;
  warning.querySelector("[data-session-left]").textContent = words;
  warning.hidden = false;
}

async function stay() {
  const token = document.querySelector("input[name=csrf_token]").value;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  await fetch(alarm.dataset.session, { method: "POST", headers }).catch(() => null);
  await look();
}

async function tick() {
  if (over.open) return;
  const seconds = left();
  const due = seconds <= 0 || (seconds <= WARN && !told);
  if (due || Date.now() - looked >= LOOK_EVERY * 1000) await look();
  if (left() <= 0) hide();
  else if (left() <= WARN) warn(left());
}

over.addEventListener("cancel", (event) => event.preventDefault());
warning.querySelector("[data-session-stay]").addEventListener("click", stay);
setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
addEventListener("focus", look);
// Another script of the page learned that nobody is signed in.
document.addEventListener("session-ended", look);

// A page that the browser keeps for its Back button is kept hidden, and asks before it is shown.
addEventListener("pagehide", () => document.documentElement.classList.add("unsure"));
addEventListener("pageshow", (event) => { if (event.persisted) look(); });
// Where the browser shows an old page anew after all, ask at once.
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") look();
