// Shows how far something is that is made meanwhile, until it is ready. Without it, the page's link
// to look again does the same. Aloud it tells a new state only, not each part.
(() => {
  "use strict";

  const EVERY = 2000;
  const AT_MOST = 150; // Then it asks no more: a page left open would keep the sign-in in use.
  const place = document.querySelector("[data-progress-url]");
  const said = document.querySelector("[data-progress-said]");
  if (!place || !said) return;
  let asked = 0;

  const show = (text) => {
    const now = new DOMParser().parseFromString(text, "text/html").querySelector("[data-progress]");
    const before = place.querySelector("[data-progress]");
    if (!now) return false;
    const state = now.dataset.progress;
    if (state === before.dataset.progress) {
      // Piece by piece, so that the focus stays on the link.
      for (const part of now.querySelectorAll("[data-part]")) {
        before.querySelector(`[data-part="${part.dataset.part}"]`).replaceWith(part);
      }
    } else {
      const hadFocus = place.contains(document.activeElement);
      before.replaceWith(now);
      if (hadFocus) place.focus();
      said.textContent = now.dataset.said;
    }
    return state !== "ready" && state !== "failed";
  };

  const ask = async () => {
    asked += 1;
    const answer = await fetch(place.dataset.progressUrl, { redirect: "manual" }).catch(() => null);
    // What does not answer once is asked again; what refuses (the sign-in has ended) is not.
    const goesOn = answer && answer.status < 500 ? answer.ok && show(await answer.text()) : true;
    if (goesOn && asked < AT_MOST) setTimeout(ask, EVERY);
  };

  setTimeout(ask, EVERY);
})();
