// What a page does by itself: keys, the session's time, steppers, sounds. Everything else is the server's.
"use strict";

const WARN_SECONDS = 20;
const TELL_EVERY = 3000;
const body = () => document.body;

// Arrows walk through what can be used, Enter uses it, Escape goes back.
const USABLE = "button, a[href], input:not([type=hidden]), select, summary";
const usable = () =>
  [...(document.querySelector("dialog[open]") ?? document).querySelectorAll(USABLE)].filter(
    (one) => !one.disabled && one.checkVisibility() && !(one.type === "radio" && !one.checked && sameGroupChecked(one)),
  );
const sameGroupChecked = (radio) => document.querySelector(`input[name="${radio.name}"]:checked`) !== null;

function walk(step) {
  const all = usable();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (document.querySelector("[data-first]") ?? all[0]) : all[(at + step + all.length) % all.length];
  next?.focus();
}

function turn(radio, step) {
  const group = [...radio.closest("fieldset").querySelectorAll(`input[name="${radio.name}"]`)];
  const next = group[group.indexOf(radio) + step];
  if (!next) return false;
  next.checked = true;
  next.focus();
  return true;
}

const isText = (field) => field.tagName === "INPUT" && ["text", "password"].includes(field.type);
let byKey = false;
document.addEventListener("pointerdown", () => (byKey = false), { capture: true });

document.addEventListener("keydown", (event) => {
  byKey = true;
  const on = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const sideways = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const upright = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (sideways && on.type === "number") {
    step(on, sideways);
  } else if (sideways && on.type === "radio" && turn(on, sideways)) {
    // It went to its neighbor.
  } else if ((on.tagName === "SELECT" && upright) || (isText(on) && sideways)) {
    return;
  } else if (on.tagName === "SELECT" && event.key === "Enter") {
    on.form.requestSubmit();
  } else if (sideways || upright) {
    walk(sideways ?? upright);
  } else if (event.key === "Enter" && (on.type === "checkbox" || on.type === "radio")) {
    on.click();
  } else if (event.key === "Enter" && on.type === "number") {
    walk(1);
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    document.querySelector("[data-escape]")?.click();
  } else {
    return;
  }
  event.preventDefault();
});

// A keypad types into the last field of its page.
document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-digit]");
  const field = key && document.querySelector("[name=digits]");
  if (!field) return;
  const { digit } = key.dataset;
  field.value = digit === "" ? field.value.slice(0, -1) : (field.value + digit).slice(0, field.maxLength);
});

// Steppers, and the number on the print button.
function step(input, by) {
  input.value = Math.min(Math.max(Number(input.value || input.min) + by, Number(input.min)), Number(input.max));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(button.parentElement.querySelector("input"), Number(button.dataset.step));
});

document.addEventListener("change", (event) => {
  // Keys walk through the languages, and Enter takes one; a finger has chosen.
  if (event.target.name === "language" && !byKey) event.target.form.requestSubmit();
  const { from, to } = event.target.form?.elements ?? {};
  if (event.target === from && Number(to.value) < Number(from.value)) to.value = from.value;
  if (event.target === to && Number(to.value) < Number(from.value)) from.value = to.value;
  count();
});

function count() {
  const release = document.getElementById("release");
  if (!release) return;
  const chosen = release.querySelectorAll("[name=job]:checked").length;
  const number = release.querySelector(".number");
  if (number) number.textContent = chosen;
  release.querySelectorAll(".actions button").forEach((button) => (button.disabled = chosen === 0));
}

// A list that is fetched anew keeps what was not chosen, and what was opened.
let left = new Set();
let opened = false;
document.addEventListener("htmx:beforeSwap", () => {
  left = new Set([...document.querySelectorAll("#release [name=job]:not(:checked)")].map((box) => box.id));
  opened = document.querySelector("details.ended")?.open ?? false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  // What was just released is seen in the list by now; what was removed is not.
  if (event.target.id === "jobs") document.querySelector("[data-passing]")?.remove();
  document.querySelectorAll("#release [name=job]").forEach((box) => (box.checked &&= !left.has(box.id)));
  const ended = document.querySelector("details.ended");
  if (ended) ended.open ||= opened;
  count();
  signal();
});

// A session that is over leads back to the idle screen.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401 && body().dataset.base) location.assign(body().dataset.base);
});
document.addEventListener("htmx:sseError", () => offline(true));
document.addEventListener("htmx:sseOpen", () => offline(false));
function offline(is) {
  const note = document.getElementById("offline");
  if (note) note.hidden = !is;
}

// The session ends by itself: the page warns, and a key, or a touch of its button, extends it.
const lasts = Number(body().dataset.seconds ?? 0);
let ends = performance.now() + lasts * 1000;
let told = performance.now();
let later;

function extend() {
  ends = performance.now() + lasts * 1000;
  document.getElementById("still-there")?.close();
  clearTimeout(later);
  const wait = told + TELL_EVERY - performance.now();
  later = setTimeout(tell, Math.max(wait, 0));
}

// The server hears of it too, but not of each touch.
function tell() {
  told = performance.now();
  fetch(`${body().dataset.base}/session/extend`, { method: "POST" }).then(
    (answer) => answer.status === 401 && location.assign(body().dataset.base),
    () => {},
  );
}

function watch() {
  const seconds = Math.ceil((ends - performance.now()) / 1000);
  const dialog = document.getElementById("still-there");
  if (seconds <= 0) return leave();
  if (seconds <= WARN_SECONDS && !dialog.open) {
    told = 0;
    dialog.showModal();
    sound("bad");
  }
  dialog.querySelector(".seconds").textContent = seconds;
}

function leave() {
  const { base } = body().dataset;
  fetch(`${base}/session/end`, { method: "POST", redirect: "manual" }).finally(() => location.assign(base));
}

// A key or a touch that answers the warning does nothing else: what lies beneath was not meant.
function heard(event) {
  const dialog = document.getElementById("still-there");
  if (dialog.open && event.type === "pointerdown") return;
  if (dialog.open) event.preventDefault();
  extend();
}

if (lasts) {
  setInterval(watch, 250);
  ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, heard, { capture: true }));
  document.querySelector("#still-there button").addEventListener("click", extend);
}

// What the reader just said fades from the idle screen.
let fades;
document.addEventListener("htmx:sseMessage", (event) => {
  // Somebody showed a badge that lets nobody in: the idle screen tells them.
  if (lasts && ["unknown", "changing", "not-now"].includes(event.detail.type)) location.assign(body().dataset.base);
  if (event.detail.type === "badge" || event.detail.type === "jobs") return;
  const told = document.getElementById("told");
  told?.querySelector("[data-first]")?.focus();
  clearTimeout(fades);
  fades = setTimeout(() => told?.replaceChildren(), told?.querySelector("a") ? 30000 : 8000);
});

// Two short sounds, where the site wants them.
let audio;
function sound(kind) {
  if (!("sound" in body().dataset)) return;
  audio ??= new AudioContext();
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = kind === "good" ? 880 : 220;
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.3);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.3);
}
function signal() {
  const one = document.querySelector("[data-signal]:not([data-heard])");
  if (!one) return;
  one.dataset.heard = "";
  sound(one.dataset.signal);
}

// A page where digits are typed is not left for the next person.
const leaves = Number(body().dataset.leaves ?? 0);
let leaving;
function wait() {
  clearTimeout(leaving);
  leaving = setTimeout(() => document.querySelector("[data-escape]").click(), leaves * 1000);
}
if (leaves) {
  ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, wait));
  wait();
}

count();
signal();
(document.querySelector("[data-first]") ?? document.querySelector("[data-escape]"))?.focus();
