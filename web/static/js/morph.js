// Bringing a newer fragment into the page: the reader's own row is marked, what they opened stays open, focus and scroll
// place stay, and rows glide to their new places.

const glide = 280; // milliseconds

const me = () => document.documentElement.dataset.me;

function morph(current, next) {
  markOwn(current, next);
  carryOpen(current, next);
  const before = rowPlaces(current);
  const focused = document.activeElement;
  const [x, y] = [scrollX, scrollY];
  reorder(next);
  Idiomorph.morph(current, next, { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: differs } });
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  if (scrollX !== x || scrollY !== y) scrollTo({ left: x, top: y, behavior: "instant" });
  const now = document.getElementById(current.id);
  showChanges(now, before);
  localTimes(now);
  tick();
}

// differs spares the rows that are as they were, which are most of them.
const differs = (was, is) => was.localName !== "tr" || !was.isEqualNode(is);

// markOwn does what the server can't in a fragment that is the same for everybody.
function markOwn(current, next) {
  if (!me()) return;
  const row = one(`#row-${CSS.escape(me())}`, next);
  if (row && !row.classList.contains("own")) {
    row.classList.add("own");
    const chip = document.createElement("span");
    chip.className = "chip chip-plain";
    chip.textContent = "You";
    one(".who-name a", row)?.after(" ", chip);
  }
  const pinned = one("[data-own]", current);
  if (!row && pinned && !one("[data-own]", next)) {
    one("table", next)?.append(pinned.cloneNode(true));
    document.dispatchEvent(new Event("live:stale")); // its rank may have changed: the page knows
  }
}

function carryOpen(current, next) {
  for (const more of all("tr.more", current)) {
    const row = one(`#${CSS.escape(more.dataset.moreOf)}`, next);
    if (!row || one(`#${CSS.escape(more.id)}`, next)) continue;
    row.after(more.cloneNode(true));
    one("[data-row-more]", row)?.setAttribute("aria-expanded", "true");
  }
  for (const details of all("details[id]", current)) {
    const same = one(`details#${CSS.escape(details.id)}`, next);
    if (same) same.open = details.open;
  }
}

// reorder brings the rows that stay into their new order and moves none but those that pass others. Idiomorph alone would
// take rows that are passed out of the table and put them back, because of the spaces between them, and each of these
// costs as much layout as a row that does move.
function reorder(next) {
  for (const body of all("tbody[id]", next)) {
    const here = document.getElementById(body.id);
    if (!here) continue;
    for (const node of [...here.childNodes, ...body.childNodes]) if (node.nodeType === Node.TEXT_NODE) node.remove();
    const rows = new Map([...here.children].map((row) => [row.id, row]));
    const stay = new Set([...body.children].map((row) => row.id));
    const skip = (row) => { while (row && !stay.has(row.id)) row = row.nextElementSibling; return row; };
    let at = skip(here.firstElementChild);
    for (const row of [...body.children].map((r) => rows.get(r.id)).filter(Boolean)) {
      if (row === at) at = skip(at.nextElementSibling);
      else (here.moveBefore ?? here.insertBefore).call(here, row, at);
    }
  }
}

function rowPlaces(root) {
  return new Map(all("tr[id^=row-]", root).map((row) =>
    [row.id, { top: row.getBoundingClientRect().top, rank: row.dataset.rank, value: row.dataset.value }]));
}

function showChanges(root, before) {
  if (before.size === 0) return;
  const rows = all("tr[id^=row-]", root).map((row) => ({ row, was: before.get(row.id), top: row.getBoundingClientRect().top }));
  for (const { row, was, top } of rows) { // all places are known by now: reading between two changes costs a layout each
    if (!was || was.value !== row.dataset.value) flashRow(row);
    const moved = was ? was.top - top : 0;
    if (moved && !calm()) {
      row.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], { duration: glide, easing: "cubic-bezier(.2,.8,.2,1)" });
    }
  }
}

function flashRow(row) {
  row.classList.add("changed");
  setTimeout(() => row.classList.remove("changed"), 1700);
}
