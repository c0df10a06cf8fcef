// Says at once that a chosen file is too large, and keeps its form from being sent with it. Without
// it the page comes back and says so; a file of many megabytes is refused, and the form with it.
(() => {
  "use strict";

  const fields = [...document.querySelectorAll("input[type=file][data-largest]")];
  const errors = new Map();

  const made = (field, isAdmin) => {
    const error = document.createElement("div");
    error.id = `${field.id}_too_large`;
    error.setAttribute("role", "alert");
    const block = error.appendChild(document.createElement(isAdmin ? "ul" : "div"));
    block.className = isAdmin ? "errorlist" : "usa-error-message";
    const line = block.appendChild(document.createElement(isAdmin ? "li" : "div"));
    const kind = line.appendChild(document.createElement("span"));
    kind.className = "usa-sr-only visually-hidden";
    kind.textContent = "Error:";
    line.append(` ${field.dataset.tooLarge}`);
    return error;
  };

  // What the page came back with is about the file that was sent; another is chosen now.
  const forget = (field) => {
    document.getElementById(`${field.id}_error`)?.remove();
    errors.get(field)?.remove();
    errors.delete(field);
  };

  const tell = (field, row) => {
    const error = made(field, row !== null);
    if (row) row.prepend(error);
    else field.before(error);
    errors.set(field, error);
  };

  const check = (field) => {
    const isTooLarge = [...field.files].some((file) => file.size > Number(field.dataset.largest));
    if (isTooLarge && errors.has(field)) return;
    const row = field.closest(".form-row"); // The administration's
    forget(field);
    if (isTooLarge) tell(field, row);
    field.classList.toggle("usa-input--error", isTooLarge);
    field.closest(".usa-form-group")?.classList.toggle("usa-form-group--error", isTooLarge);
    row?.classList.toggle("errors", isTooLarge);
    if (isTooLarge) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    const own = [`${field.id}_error`, `${field.id}_too_large`];
    const others = (field.getAttribute("aria-describedby") || "")
      .split(/\s+/)
      .filter((id) => id && !own.includes(id));
    if (isTooLarge) others.push(own[1]);
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
  };

  for (const field of fields) {
    field.addEventListener("change", () => check(field));
    field.form.addEventListener("submit", (event) => {
      if (!errors.has(field)) return;
      event.preventDefault();
      field.focus();
    });
  }
  // Who comes back to the page finds the file still chosen in some browsers.
  window.addEventListener("pageshow", () => {
    for (const field of fields) if (field.files.length) check(field);
  });
})();
