// The drop zone: each file is sent on its own, two at a time, with its progress; the outcome takes the place of its line.

const uploads = { queue: [], running: 0 };

function startUploads() {
  const form = one("form[data-dropzone]");
  if (!form) return;
  const area = one(".dropzone-area", form);
  const input = one("input[type=file]", form);
  one("button[type=submit]", form).hidden = true; // files go as soon as they're chosen
  input.required = false;
  one("label", area).textContent = "Drop your rides here, or choose them";
  on(input, "change", () => {
    addFiles(form, [...input.files]);
    input.value = "";
  });
  on(form, "submit", (e) => e.preventDefault());
  for (const type of ["dragenter", "dragover"]) on(area, type, (e) => { e.preventDefault(); area.classList.add("over"); });
  for (const type of ["dragleave", "drop"]) on(area, type, () => area.classList.remove("over"));
  on(area, "drop", (e) => {
    e.preventDefault();
    addFiles(form, [...e.dataTransfer.files]);
  });
  for (const type of ["dragover", "drop"]) on(window, type, (e) => e.preventDefault()); // beside the area: don't open the file
  on(window, "beforeunload", (e) => { if (uploads.running) e.preventDefault(); });
}

function addFiles(form, files) {
  for (const file of files) {
    const line = uploadLine(file);
    one("[data-upload-list]").prepend(line);
    uploads.queue.push({ form, file, line });
  }
  nextUpload();
}

function uploadLine(file) {
  const line = document.createElement("article");
  line.className = "upload upload-sending";
  line.innerHTML = `<header class="upload-head"><span class="upload-icon"></span>
    <div class="upload-title"><h3></h3><p class="muted" data-words>Waiting</p></div></header>
    <progress max="1" value="0"></progress>`;
  one("h3", line).textContent = file.name;
  one("progress", line).setAttribute("aria-label", `Upload of ${file.name}`);
  return line;
}

function nextUpload() {
  while (uploads.running < 2 && uploads.queue.length) send(uploads.queue.shift());
}

function send(job) {
  uploads.running += 1;
  const body = new FormData(job.form); // with what is said of all files: type, private
  body.set(one("input[type=file]", job.form).name, job.file, job.file.name);
  const request = new XMLHttpRequest(); // fetch can't tell how much has been sent
  request.open("POST", job.form.action);
  request.setRequestHeader("Accept", "text/html");
  request.setRequestHeader("X-Upload", "one");
  request.upload.onprogress = (e) => paintUpload(job.line, e.loaded / e.total);
  request.onload = () => finish(job, request);
  request.onerror = () => problem(job, "The connection was lost.", true);
  request.onloadend = () => {
    uploads.running -= 1;
    nextUpload();
  };
  request.send(body);
}

function paintUpload(line, share) {
  one("progress", line).value = share;
  one("[data-words]", line).textContent = share < 1 ? `Sending, ${Math.floor(share * 100)} %` : "Reading the ride";
}

function finish(job, request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const fresh = all("article.upload[id]", answer).filter((a) => !document.getElementById(a.id));
  if (fresh.length) {
    job.line.replaceWith(...fresh);
    fresh.forEach((a) => window.htmx?.process(a)); // those that are still read ask again by themselves
    return;
  }
  const known = one("article.upload[id]", answer);
  if (request.status < 400 && known) return job.line.remove(); // the same ride as one that's shown
  if (request.status === 429) return later(job, Number(request.getResponseHeader("Retry-After")) || 10);
  const words = one("[data-problem]", answer)?.textContent ?? (request.status === 413 ? "This file is too large." : "This file couldn't be taken.");
  problem(job, words, request.status >= 500);
}

// later sends a file again by itself: whoever brings a whole season meets the limit of files a minute.
function later(job, seconds) {
  one("[data-words]", job.line).textContent = "Waiting for its turn";
  setTimeout(() => {
    uploads.queue.push(job);
    nextUpload();
  }, Math.min(seconds, 60) * 1000);
}

function problem(job, words, again) {
  job.line.className = "upload upload-refused";
  one("progress", job.line)?.remove();
  const text = one("[data-words]", job.line);
  text.className = "upload-refusal";
  text.textContent = words;
  if (!again) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-small";
  button.textContent = "Try again";
  button.onclick = () => {
    const line = uploadLine(job.file);
    job.line.replaceWith(line);
    uploads.queue.push({ ...job, line });
    nextUpload();
  };
  one("header", job.line).append(button);
}
