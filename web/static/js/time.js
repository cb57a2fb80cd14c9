// Countdowns and "5 min ago" keep running, in the words of internal/web/format.

const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const nbsp = "\u00a0";

// span writes seconds with their two largest units; seconds stand alone only.
function span(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  const i = Math.max(0, units.findIndex(([size]) => left >= size));
  if (left === 0) return `0${nbsp}s`;
  const [size, name] = units[i];
  const next = units[i + 1];
  const words = `${Math.floor(left / size)}${nbsp}${name}`;
  if (!next || next[1] === "s" || left % size < next[0]) return words;
  return `${words}${nbsp}${Math.floor((left % size) / next[0])}${nbsp}${next[1]}`;
}

function ago(seconds) {
  if (seconds < 45) return "just now";
  return span(Math.max(60, seconds)).split(nbsp).slice(0, 2).join(nbsp) + " ago";
}

function countdown(now, start, end) {
  if (now < start) return "starts in " + span((start - now) / 1000);
  if (now < end) return "ends in " + span((end - now) / 1000);
  return "ended " + ago((now - end) / 1000);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function tick() {
  if (document.hidden) return;
  const now = Date.now();
  for (const t of all("[data-countdown-end]")) {
    write(t, countdown(now, Date.parse(t.dataset.countdownStart), Date.parse(t.dataset.countdownEnd)));
  }
  for (const t of all("[data-ago]")) write(t, ago((now - Date.parse(t.dateTime)) / 1000));
}

// localTimes tells on hover when a moment is on the reader's own clock.
function localTimes(root = document) {
  const words = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
  for (const t of all("time[data-local], time[data-ago], time[data-countdown-end]", root)) {
    const moment = Date.parse(t.dateTime);
    if (!Number.isNaN(moment)) t.title = `${words.format(moment)}, your time`;
  }
}

function startTime() {
  tick();
  localTimes();
  setInterval(tick, 1000);
  on(document, "visibilitychange", tick);
}
