// Keeps what is typed in a form marked data-draft, so that it outlives the sign-in. Without it a
// step is kept when it is sent. What proves who signs is never sent along.
(() => {
  "use strict";

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  let waiting = 0;

  const keep = () => {
    const typed = new FormData(form);
    typed.delete("password");
    typed.delete("code");
    typed.set("keep", "1");
    // What does not arrive stays in the form, and is kept with the next change.
    fetch(form.action, { method: "POST", body: typed, redirect: "manual" }).catch(() => null);
  };

  form.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1000);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
})();
