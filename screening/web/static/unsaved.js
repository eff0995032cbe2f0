// The browser asks before a page is left on which something was typed and not sent: a letter, the
// note of a decision, a call. The sheet, which saves by itself, has a guard of its own in case.js.

const forms = [...document.querySelectorAll("form:has([name=once]):not([data-autosave])")];
const filled = (one) => !["hidden", "submit", "button"].includes(one.type);

// A hidden field is the page's affair: a new sign-in changes some.
function typedIn(form) {
  return [...form.elements].filter(filled)
    .map((one) => (one.matches("[type=radio], [type=checkbox]") ? one.checked : one.value))
    .join("\n");
}

// A form that came back with an error, or says so itself, holds what was not saved.
const cameBack = (form) => form.matches("[data-not-saved]") || [...document.querySelectorAll("#error-summary a")]
  .some((link) => form.contains(document.getElementById(link.hash.slice(1))));

const atFirst = new Map(forms.map((form) => [form, cameBack(form) ? null : typedIn(form)]));
let sent = null;

for (const form of forms) form.addEventListener("submit", () => { sent = form; });

// A page that the sign-in covers is nobody's: whoever signs in next may not be asked to keep it.
const covered = () => document.querySelector(".session__over[open]");

addEventListener("beforeunload", (event) => {
  const lost = forms.some((form) => form !== sent && typedIn(form) !== atFirst.get(form));
  if (!lost || covered()) return;
  event.preventDefault();
  setTimeout(() => { sent = null; });  // nothing was sent, if the answer is to stay
});
addEventListener("pageshow", () => { sent = null; });
