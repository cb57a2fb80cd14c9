// Forms, dialogs, menus: everything works without this file, only less comfortably.

// A form is sent once: a second press within eight seconds is dropped, and its button shows that it's busy.
function guardSubmits() {
  on(document, "submit", (e) => {
    const form = e.target;
    if (e.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return e.preventDefault();
    form.dataset.sent = "yes";
    const button = e.submitter;
    button?.setAttribute("aria-busy", "true"); // not disabled: its name and value must be sent
    setTimeout(() => release(form), 8000);
  });
  on(window, "pageshow", () => all("form[data-sent]").forEach(release));
}

function release(form) {
  delete form.dataset.sent;
  all("[aria-busy]", form).forEach((b) => b.removeAttribute("aria-busy"));
}

function startDialogs() {
  clicked("a[data-dialog]", (link, e) => {
    const dialog = document.getElementById(link.hash.slice(1));
    if (!dialog?.showModal) return;
    e.preventDefault();
    dialog.showModal();
  });
  clicked("[data-dialog-close]", (link, e) => {
    const dialog = link.closest("dialog[open]");
    if (!dialog) return; // opened by its address: the link leads away from it
    e.preventDefault();
    dialog.close();
  });
  on(document, "click", (e) => {
    if (e.target instanceof HTMLDialogElement && e.target.open) e.target.close(); // the ground behind it
  });
}

function startMenu() {
  const open = () => all("details[data-menu][open]");
  on(document, "click", (e) => open().filter((m) => !m.contains(e.target)).forEach((m) => { m.open = false; }));
  on(document, "keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      one("summary", menu).focus();
    }
  });
}

// data-copy="text" copies; data-share="address" opens the system's share sheet, or copies where there is none.
function startSharing() {
  const copied = (button, text) => navigator.clipboard.writeText(text).then(() => announce("Copied."), () => prompt("Copy this:", text))
    .then(() => button.classList.add("copied"));
  clicked("[data-copy]", (button, e) => {
    e.preventDefault();
    copied(button, button.dataset.copy);
  });
  clicked("[data-share]", (button, e) => {
    e.preventDefault();
    const url = new URL(button.dataset.share, location.href).href;
    if (navigator.share) navigator.share({ title: document.title, url }).catch(() => {});
    else copied(button, url);
  });
}

// data-time-zone on an empty field proposes the reader's own.
function proposeZone() {
  for (const field of all("input[data-time-zone]")) field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

function startForms() {
  guardSubmits();
  proposeZone();
  startDialogs();
  startMenu();
  startSharing();
  one("[data-focus]")?.focus();
}
