// Keys for the pages of the worklist. Every page works without this file. The only thing written to
// the browser's storage is whether these keys are on.

const SETTING = "shortcut-keys";
const box = document.querySelector("[data-shortcuts] input");
const rows = [...document.querySelectorAll("a[data-row]")];

function startsOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

function keep(on) {
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    // Storage may be forbidden; the setting then lasts as long as the page.
  }
}

function move(step) {
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  next?.focus();
}

function press(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("input")) {
    target.focus();
    target.select();
  } else {
    target.click();
  }
  return true;
}

const STEPS = { j: 1, k: -1 };
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  if (typing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key in ARROWS && event.target.matches("a[data-row]")) {
    event.preventDefault();
    move(ARROWS[event.key]);
  } else if (box?.checked && event.key in STEPS && rows.length) {
    event.preventDefault();
    move(STEPS[event.key]);
  } else if (box?.checked && event.key.length === 1 && press(event.key)) {
    event.preventDefault();
  }
});

if (box) {
  box.checked = startsOn();
  box.closest("[data-shortcuts]").hidden = false;
  box.addEventListener("change", () => keep(box.checked));
}
