// A board for a television: slides take turns, each a page of rows at a time. Which rows are seen is told by data-page on the
// slide and done by the style, so that a live update can't bring others in. Space pauses, the arrows go on and back.

const tvRows = 13;      // as in tv.css
const tvPages = 4;      // of one board at most
const tvTurn = 12_000;  // milliseconds a page
const tvFresh = 900_000; // after that the page is read anew: stages start and end

const tv = { root: null, slide: 0, page: 1, paused: false, timer: 0, updated: Date.now() };

function startTV() {
  tv.root = one("[data-tv]");
  if (!tv.root) return;
  const button = one("[data-tv-pause]", tv.root);
  button.hidden = false;
  clicked("[data-tv-pause]", () => pauseTV(!tv.paused));
  on(document, "keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const act = { " ": () => pauseTV(!tv.paused), p: () => pauseTV(!tv.paused), ArrowRight: () => turnTV(1), ArrowLeft: () => turnTV(-1) }[e.key];
    if (!act || (e.key === " " && e.target.closest?.("button, a"))) return;
    e.preventDefault();
    act();
  });
  on(document, "live:shown", () => { tv.updated = Date.now(); paintTV(); });
  setInterval(clockTV, 1000);
  clockTV();
  paintTV();
  playTV();
  setTimeout(freshTV, tvFresh);
}

const slidesTV = () => all("[data-tv-slide]", tv.root);
const pagesTV = (slide) => Math.min(tvPages, Math.max(1, Math.ceil(all("tbody tr", slide).length / tvRows)));

function playTV() {
  clearInterval(tv.timer);
  if (!tv.paused) tv.timer = setInterval(() => turnTV(1, true), tvTurn);
}

// turnTV goes to the next page, or the one before; by hand it also gives the page its full time.
function turnTV(by, itself = false) {
  const slides = slidesTV();
  if (slides.length === 0) return;
  tv.page += by;
  if (tv.page > pagesTV(slides[tv.slide])) {
    tv.slide = (tv.slide + 1) % slides.length;
    tv.page = 1;
  } else if (tv.page < 1) {
    tv.slide = (tv.slide + slides.length - 1) % slides.length;
    tv.page = pagesTV(slides[tv.slide]);
  }
  paintTV();
  if (!itself) playTV();
}

function pauseTV(paused) {
  tv.paused = paused;
  one("[data-tv-pause]", tv.root).setAttribute("aria-pressed", String(paused));
  playTV();
  paintTV();
}

function paintTV() {
  const slides = slidesTV();
  if (slides.length === 0) return;
  tv.slide = Math.min(tv.slide, slides.length - 1);
  const pages = pagesTV(slides[tv.slide]);
  tv.page = Math.min(tv.page, pages);
  slides.forEach((slide, i) => {
    slide.hidden = i !== tv.slide;
    slide.dataset.page = i === tv.slide ? tv.page : 1;
  });
  const where = [slides.length > 1 ? `Board ${tv.slide + 1} of ${slides.length}` : "", pages > 1 ? `page ${tv.page} of ${pages}` : "", tv.paused ? "paused" : ""];
  write(one("[data-tv-where]", tv.root), where.filter(Boolean).join(", "));
}

function clockTV() {
  write(one("[data-tv-clock]", tv.root), new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false }));
  const seconds = Math.floor((Date.now() - tv.updated) / 1000);
  write(one("[data-tv-updated]", tv.root), `updated ${span(seconds)} ago`);
}

// freshTV reads the page anew, once the server answers.
function freshTV() {
  page(location.href, { cache: "no-store" }).then(() => location.reload(), () => setTimeout(freshTV, 60_000));
}
