// The sheet as text, to the clipboard or by the phone's own way to share. Each button is there only
// where the browser can do it; the text is in the page, so that the press itself may hand it over.
for (const hint of document.querySelectorAll("[data-without-scripts]")) hint.hidden = true;

const keep = document.querySelector("[data-sheet-text]");

if (keep) {
  const text = keep.dataset.sheetText;
  const told = keep.querySelector("[data-kept]");

  const offer = (selector, can, act, words, failed) => {
    const button = keep.querySelector(selector);
    button.hidden = !can;
    button.addEventListener("click", async () => {
      told.textContent = "";
      try {
        await act();
        told.textContent = words;
      } catch (error) {
        if (error.name !== "AbortError") told.textContent = failed;  // else they changed their mind
      }
    });
  };

  const say = told.dataset;
  offer("[data-copy-sheet]", navigator.clipboard, () => navigator.clipboard.writeText(text),
    say.sayCopied, say.sayCopyFailed);
  offer("[data-share-sheet]", navigator.share, () => navigator.share({ text }), "", say.sayShareFailed);
}
