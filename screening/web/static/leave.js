// "Clear and leave": the page is emptied, its entry in the history is replaced, and no page of this
// visit is shown again in this window, even by Back or by sending a form again. While the window is
// open, the browser counts how often somebody has left. It keeps no answer. Each form sends that count
// (`patient.js`), and the page that follows repeats it. A page with a lower count is of an earlier
// visit, so the next person's Back does not show it. The script runs before the page is shown, so that
// no answer flashes up.
{
  const LEFT = "left";
  const { cleared, visit } = document.currentScript.dataset;

  // Storage may be forbidden; the page is emptied and replaced all the same.
  const timesLeft = () => {
    try {
      return Number(sessionStorage.getItem(LEFT) ?? 0);
    } catch {
      return 0;
    }
  };

  const count = () => {
    const times = String(timesLeft() + 1);
    try {
      sessionStorage.setItem(LEFT, times);
    } catch {
      // as above
    }
  };

  const empty = () => {
    document.documentElement.replaceChildren();
    location.replace(cleared);
  };

  // A form that was sent before the script had loaded says no number.
  const isOver = (isNew) => (visit === "" ? !isNew && timesLeft() > 0 : Number(visit) < timesLeft());

  if (isOver(performance.getEntriesByType("navigation")[0]?.type === "navigate")) empty();
  addEventListener("pageshow", (event) => {
    if (event.persisted && isOver(false)) empty();
  });
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-leave]")) return;
    event.preventDefault();
    count();
    empty();
  });
}
