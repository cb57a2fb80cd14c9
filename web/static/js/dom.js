// Short names for what every file here does. All files share one scope: see bundle.go.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const on = (target, type, act) => target.addEventListener(type, act);

// plainClick is false where the reader wants a new tab or window.
const plainClick = (e) => e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// clicked calls act when something matching the selector is clicked, whenever it came to the page.
const clicked = (selector, act) => on(document, "click", (e) => {
  const hit = e.target.closest?.(selector);
  if (hit && plainClick(e)) act(hit, e);
});

// page fetches an HTML page of our own as a document.
async function page(url, options = {}) {
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
