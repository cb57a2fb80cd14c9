// A row of a board opens to all the athlete's efforts: the link's own page holds them, and they're taken from there.

function startRows() {
  clicked("a[data-row-more]", (link, e) => {
    e.preventDefault();
    toggleRow(link).catch(() => { location.href = link.href; });
  });
}

async function toggleRow(link) {
  const id = link.dataset.rowMore;
  const shown = document.getElementById(id);
  if (shown) {
    shown.remove();
    link.setAttribute("aria-expanded", "false");
    return;
  }
  if (link.dataset.loading) return;
  link.dataset.loading = "yes";
  try {
    const more = (await page(link.href)).getElementById(id);
    if (!more) throw new Error(`${link.href} has no ${id}`);
    document.getElementById(more.dataset.moreOf).after(more); // found again: the board may have moved meanwhile
    one(`[data-row-more="${CSS.escape(id)}"]`)?.setAttribute("aria-expanded", "true");
  } finally {
    delete link.dataset.loading;
  }
}
