// The theme switch is a form that works without this; here the page changes at once and the choice is sent behind it.

function startTheme() {
  on(document, "submit", (e) => {
    const form = e.target.closest("[data-theme-switch]");
    if (!form || !e.submitter) return;
    e.preventDefault();
    const theme = e.submitter.value;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of all("button", form)) button.setAttribute("aria-pressed", String(button === e.submitter));
    const body = new URLSearchParams(new FormData(form, e.submitter));
    fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" }).catch(() => {});
  });
}
