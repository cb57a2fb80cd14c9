// Live parts: one socket a page, told by data-live. Each message is HTML; its roots have an id and data-version and replace
// the element with that id, unless what's there is as new. A lost connection is taken up again with the oldest version
// shown; where sockets are blocked the page itself is read again every 30 seconds; a hidden tab is quiet.

const pollEvery = 30_000;
const hiddenGrace = 10_000;

const live = { socket: null, url: "", tries: 0, retry: 0, poll: 0, hide: 0, steady: 0, waiting: new Map(), changes: 0 };
const liveRoot = () => one("[data-live]");
const version = (element) => Number(element?.dataset.version ?? -1);

function startLive() {
  const root = liveRoot();
  const url = root?.dataset.live ?? "";
  if (url === live.url) return;
  stopLive();
  live.url = url;
  if (!root) return;
  paintPause();
  openSocket();
}

function stopLive() {
  for (const timer of ["retry", "poll", "hide", "steady"]) clearTimeout(live[timer]);
  const socket = live.socket;
  Object.assign(live, { socket: null, tries: 0, changes: 0 });
  live.waiting.clear();
  socket?.close(1000);
}

// since is the oldest version on the page: everything newer than that may be missing.
function since() {
  const versions = all("[id][data-version]").map(version);
  return versions.length ? Math.min(...versions) : 0;
}

function openSocket() {
  clearTimeout(live.retry);
  if (live.socket || document.hidden || !liveRoot()) return;
  const url = new URL(live.url, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("since", since());
  let socket;
  try { socket = new WebSocket(url); } catch { return lost({ code: 1006 }); }
  live.socket = socket;
  if (live.tries === 0) paintState("connecting", "Connecting");
  socket.onopen = () => {
    clearTimeout(live.poll);
    live.steady = setTimeout(() => { live.tries = 0; }, 5000); // one that closes at once again isn't a success
    paintState("live", "Live");
  };
  socket.onmessage = (e) => { if (socket === live.socket && typeof e.data === "string") take(e.data); };
  socket.onclose = (e) => { if (socket === live.socket) lost(e); };
}

function lost(event) {
  clearTimeout(live.steady);
  live.socket = null;
  if (document.hidden) return;
  live.tries += 1;
  // 1012 and 1013: the server restarts or is full, and all of its watchers come back at about the same time.
  const base = event.code === 1012 || event.code === 1013 ? 3 : 2 ** (live.tries - 1);
  const seconds = Math.min(30, Math.max(1, base * (0.5 + Math.random())));
  live.retry = setTimeout(openSocket, seconds * 1000);
  if (live.tries < 3) return paintState("connecting", "Reconnecting");
  paintState("off", navigator.onLine ? "Checking every 30 s" : "Offline");
  if (live.tries === 3) poll();
}

function poll() {
  clearTimeout(live.poll);
  if (document.hidden || !liveRoot()) return;
  if (live.socket?.readyState !== WebSocket.OPEN) live.poll = setTimeout(poll, pollEvery * (0.9 + Math.random() * 0.2));
  readPage();
}

// readPage takes the live parts from the page itself; also after somebody's own row fell off a shortened board.
async function readPage() {
  try {
    const fresh = await page(location.href, { cache: "no-store" });
    for (const part of all("[id][data-version]", fresh)) receive(part, true);
  } catch { /* the next try is on its way */ }
}

function take(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  for (const part of box.content.children) if (part.id && part.dataset.version) receive(part, false);
}

// receive brings in a part that's newer than what is shown; a page that was read for this reader also where it's as new.
function receive(part, personal) {
  const current = document.getElementById(part.id);
  if (!current && one("[data-live-personal]")) document.dispatchEvent(new Event("live:stale"));
  if (!current || version(part) < version(current) || (version(part) === version(current) && !personal)) return;
  if (personal && version(part) === version(current) && !one("[data-own]", current)) return;
  if (!paused()) return show(current, part);
  const waiting = live.waiting.get(part.id);
  if (waiting && version(waiting) >= version(part)) return;
  live.waiting.set(part.id, part);
  live.changes += 1;
  paintPause();
}

function show(current, part) {
  const rankBefore = ownRank(current);
  const sentence = one("[data-say-text]", part)?.textContent ?? "";
  morph(current, part);
  document.dispatchEvent(new Event("live:shown"));
  const rank = ownRank(document.getElementById(part.id));
  if (sentence || rank !== rankBefore) announce([sentence, rank && rank !== rankBefore ? `You are ${ordinal(rank)}.` : ""].join(" ").trim());
}

const ownRank = (root) => Number(one("tr.own", root)?.dataset.rank ?? 0);

function ordinal(n) {
  const tens = Math.floor(n / 10) % 10;
  return n + (tens === 1 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th");
}

// announce says at most one sentence in 15 seconds, always the newest, to those who hear the page.
const spoken = { last: 0, timer: 0, words: "" };
function announce(words) {
  if (!words) return;
  spoken.words = words;
  if (spoken.timer) return;
  const speak = () => {
    spoken.timer = 0;
    spoken.last = Date.now();
    const line = document.getElementById("live-status");
    if (line) line.textContent = spoken.words;
  };
  const wait = spoken.last + 15_000 - Date.now();
  if (wait <= 0) speak();
  else spoken.timer = setTimeout(speak, wait);
}

const paused = () => one("[data-live-pause]")?.getAttribute("aria-pressed") === "true";

function togglePause(button) {
  button.setAttribute("aria-pressed", String(!paused()));
  if (!paused()) {
    for (const part of live.waiting.values()) {
      const current = document.getElementById(part.id);
      if (current && version(part) > version(current)) show(current, part);
    }
    live.waiting.clear();
    live.changes = 0;
  }
  paintPause();
}

function paintPause() {
  const bar = one("[data-live-bar]");
  if (!bar) return;
  bar.hidden = false;
  const words = one("[data-live-waiting]", bar);
  words.hidden = !paused();
  words.textContent = live.changes === 0 ? "No changes yet" : live.changes === 1 ? "1 change waiting" : `${live.changes} changes waiting`;
}

function paintState(state, words) {
  const element = one("[data-live-state]");
  if (!element) return;
  element.dataset.liveState = state;
  one("[data-live-words]", element).textContent = words;
}

function watchVisibility() {
  on(document, "visibilitychange", () => {
    clearTimeout(live.hide);
    if (!document.hidden) return wake();
    live.hide = setTimeout(sleep, hiddenGrace);
  });
  on(window, "pagehide", sleep);
  on(window, "pageshow", wake);
  on(window, "online", () => { live.tries = 0; wake(); });
}

function sleep() {
  for (const timer of ["retry", "poll", "steady"]) clearTimeout(live[timer]);
  const socket = live.socket;
  live.socket = null;
  socket?.close(1000);
}

function wake() {
  if (liveRoot() && !live.socket) openSocket();
}

function watchLive() {
  clicked("[data-live-pause]", togglePause);
  let stale = 0;
  on(document, "live:stale", () => {
    if (stale) return;
    stale = setTimeout(() => { stale = 0; readPage(); }, 1000);
  });
  on(document, "htmx:afterSettle", startLive); // another board was swapped in, with another address
  watchVisibility();
  startLive();
}
