// Drawing an area on the map of segments: it fills in the field that the area may also be typed into, and looks there.
// With a mouse one draws at once; a finger scrolls the page until the button says that it draws.

function startArea() {
  const root = one("[data-area]");
  const field = root && document.getElementById(root.dataset.areaField);
  if (!field) return;
  const map = one("svg", root), box = one("[data-area-box]", root), button = one("[data-area-draw]", root);
  const [south, west, north, east] = root.dataset.area.split(",").map(Number);
  let from = null;
  const drawing = () => button.getAttribute("aria-pressed") === "true";
  // place is where on the map a pointer is, as shares of its width and height.
  const place = (e) => {
    const r = map.getBoundingClientRect();
    const share = (v) => Math.min(1, Math.max(0, v));
    return [share((e.clientX - r.left) / r.width), share((e.clientY - r.top) / r.height)];
  };
  const drawn = (a, b) => ({ x: Math.min(a[0], b[0]), y: Math.min(a[1], b[1]), wide: Math.abs(a[0] - b[0]), high: Math.abs(a[1] - b[1]) });
  const paint = (b) => {
    for (const [name, value] of [["x", b.x * 900], ["y", b.y * 600], ["width", b.wide * 900], ["height", b.high * 600]]) box.setAttribute(name, value);
  };
  button.hidden = false;
  on(button, "click", () => {
    button.setAttribute("aria-pressed", String(!drawing()));
    root.classList.toggle("drawing", drawing());
  });
  on(map, "pointerdown", (e) => {
    if (e.button !== 0 || (e.pointerType === "touch" && !drawing())) return;
    e.preventDefault();
    from = place(e);
    map.setPointerCapture(e.pointerId);
  });
  on(map, "pointermove", (e) => { if (from) paint(drawn(from, place(e))); });
  on(map, "pointercancel", () => { from = null; paint({ x: 0, y: 0, wide: 0, high: 0 }); });
  on(map, "pointerup", (e) => {
    if (!from) return;
    const b = drawn(from, place(e));
    from = null;
    if (b.wide < 0.02 || b.high < 0.02) return paint({ x: 0, y: 0, wide: 0, high: 0 }); // a click, or a slip
    const lat = (share) => (north - share * (north - south)).toFixed(5);
    const lon = (share) => (west + share * (east - west)).toFixed(5);
    field.value = [lat(b.y + b.high), lon(b.x), lat(b.y), lon(b.x + b.wide)].join(",");
    field.form.requestSubmit();
  });
}
