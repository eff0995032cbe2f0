// "Clear and leave": the page is emptied, its entry in the history is replaced, and no page of this
// visit is shown again in this window, whatever Back or a resent form brings. The browser keeps one
// word for that, as long as the window is open, and no answer. It runs before the page is shown.
{
  const LEFT = "left";
  const cleared = document.currentScript.dataset.cleared;

  const kept = (act) => {
    try {
      return act(sessionStorage);
    } catch {
      return null;  // storage may be forbidden; the page is emptied and replaced all the same
    }
  };

  const leave = () => {
    kept((store) => store.setItem(LEFT, "yes"));
    document.documentElement.replaceChildren();
    location.replace(cleared);
  };

  const isBack = () => performance.getEntriesByType("navigation")[0]?.type !== "navigate";
  if (kept((store) => store.getItem(LEFT))) {
    if (isBack()) leave();
    else kept((store) => store.removeItem(LEFT));  // a new visit began
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted && kept((store) => store.getItem(LEFT))) leave();
  });
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-leave]")) return;
    event.preventDefault();
    leave();
  });
}
