// "Clear and leave": the page is emptied, its entry in the history is replaced, and no page of this
// visit is shown again in this window, whatever Back or a form that is sent again brings. The browser
// keeps one word for that as long as the window is open, and no answer. It runs before the page is
// shown, so that nothing flashes up.
{
  const LEFT = "left";
  const cleared = document.currentScript.dataset.cleared;

  // Storage may be forbidden; the page is emptied and replaced all the same.
  const hasLeft = () => {
    try {
      return sessionStorage.getItem(LEFT) !== null;
    } catch {
      return false;
    }
  };

  const keep = (left) => {
    try {
      if (left) sessionStorage.setItem(LEFT, "yes");
      else sessionStorage.removeItem(LEFT);
    } catch {
      // as above
    }
  };

  const leave = () => {
    keep(true);
    document.documentElement.replaceChildren();
    location.replace(cleared);
  };

  if (hasLeft()) {
    const came = performance.getEntriesByType("navigation")[0]?.type;
    if (came === "navigate") keep(false);  // a new visit began
    else leave();
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted && hasLeft()) leave();
  });
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-leave]")) return;
    event.preventDefault();
    leave();
  });
}
