// A classic script, run before the first paint, so that the chosen theme never flashes, and before
// any module, so that it can say what becomes of the page when one of them fails.
{
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;

  const onError = (/** @type {ErrorEvent | Event} */ event) => {
    const script = event.target instanceof HTMLScriptElement ? event.target.src : "";
    const reason = event instanceof ErrorEvent ? event.message : script && `${script} is missing`;
    const place = document.getElementById("broken");
    if (!reason || !place || document.documentElement.dataset.started) return;
    place.hidden = false;
    const detail = place.querySelector("code");
    if (detail) detail.textContent = reason;
  };
  // Scripts that cannot be fetched say so without bubbling.
  addEventListener("error", onError, true);

  // Paper is light.
  let before = "";
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme ?? "";
    document.documentElement.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    if (before) document.documentElement.dataset.theme = before;
    else delete document.documentElement.dataset.theme;
  });
}
