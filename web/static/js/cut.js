// Cutting a segment: two sliders below the profile move the numbers, and the preview follows both.

function startCut() {
  const box = one("[data-cut]");
  if (!box) return;
  const sliders = document.createElement("div");
  sliders.className = "cut-sliders";
  for (const number of all("input[type=number]", box)) sliders.append(sliderFor(number, box));
  box.prepend(sliders);
  on(box, "change", () => one("[data-cut-preview]", box).click());
}

function sliderFor(number, box) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = box.dataset.cut;
  slider.step = number.step;
  slider.value = number.value;
  slider.setAttribute("aria-label", one(`label[for="${number.id}"]`).textContent.trim());
  on(slider, "input", () => { number.value = slider.value; });
  on(number, "input", () => { slider.value = number.value; });
  return slider;
}
