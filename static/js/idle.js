// Warns before the idle time ends, and lets somebody go on. Without it a sign-in just ends.
// Ages are read from the wall clock: a machine that slept finds the time gone.
(() => {
  "use strict";

  const dialog = document.getElementById("rp-idle");
  if (!dialog || !dialog.showModal) return;
  const form = dialog.querySelector("form");
  const [before, after] = ["before", "after"].map((name) =>
    dialog.querySelector(`[data-idle="${name}"]`),
  );
  const warnAfter = Number(dialog.dataset.warnAfter) * 1000;
  const endsAfter = Number(dialog.dataset.endsAfter) * 1000;
  let since = Date.now();
  let warned = false; // Once: who closes it with Escape goes on working undisturbed.

  const show = (isOver) => {
    before.hidden = isOver;
    after.hidden = !isOver;
    form.hidden = isOver;
    if (!dialog.open) dialog.showModal();
  };

  setInterval(() => {
    const idle = Date.now() - since;
    if (idle >= endsAfter) {
      if (after.hidden) show(true);
    } else if (idle >= warnAfter && !warned) {
      warned = true;
      show(false);
    }
  }, 5000);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(
      () => null,
    );
    if (answer && answer.status === 204) {
      since = Date.now();
      warned = false;
      dialog.close();
    } else {
      show(true);
    }
  });
})();
