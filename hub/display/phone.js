// The nearest free counter and my own number. Place and number stay here: in this page and its localStorage.
"use strict";

const WRAP = 999, FAR_OFF = 20, KEEP = "machikado.ticket";
const $ = (id) => document.getElementById(id);
const offices = [...document.querySelectorAll("[data-place]")];
let here = null; // [lat, lon] of the phone

const place = (text) => text.split(",").map(Number);

// Kilometres between two places, on a sphere.
function distanceKm([lat1, lon1], [lat2, lon2]) {
  const rad = Math.PI / 180, dLat = (lat2 - lat1) * rad, dLon = (lon2 - lon1) * rad;
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(dLon / 2) ** 2;
  return 12742 * Math.asin(Math.sqrt(a));
}

const textOf = (html) => Object.assign(document.createElement("i"), {innerHTML: html}).textContent;

function candidates(code) {
  const found = [];
  for (const office of offices) for (const row of office.querySelectorAll("[data-key]")) {
    const service = services.get(row.dataset.key), is = look(service);
    if (is.tells && !is.old && (!code || service.key.split(".")[1] === code)) found.push({office, row, service});
  }
  return found;
}

function find() {
  const from = here ?? ($("place").value ? place($("place").value) : null);
  const known = candidates($("wanted").value);
  const km = (one) => (from ? distanceKm(from, place(one.office.dataset.place)) : 0);
  const wait = (one) => one.service.wait_min?.[1] ?? (one.service.level === "good" ? 0 : 1e3);
  const free = known.filter((one) => one.service.level === "good");
  const order = free.length ? (a, b) => km(a) - km(b) || wait(a) - wait(b) : (a, b) => wait(a) - wait(b) || km(a) - km(b);
  const best = (free.length ? free : known).sort(order)[0];
  for (const office of offices) office.classList.toggle("best", office === best?.office);
  if (!best) return set($("found"), say("none"));
  const names = [best.office.querySelector(".office"), best.row.querySelector(".name")].map((one) => one.innerHTML).join(" ");
  const far = from ? ` ${fill("far", km(best).toFixed(1))}` : "";
  set($("found"), `${say(free.length ? "free" : "shortest")}<b>${names}</b> ${waitWords(best.service.wait_min)[0].replace("—", "")}${far}`);
}

// How many calls until a number comes, null when that cannot be told: numbers wrap, and some begin anew at noon.
function callsUntil(number, called, waiting) {
  if (called === undefined || called === null) return null;
  const wraps = number <= WRAP && called <= WRAP;
  const ahead = wraps ? (((number - called + WRAP / 2) % WRAP) + WRAP) % WRAP - WRAP / 2 : number - called;
  const calls = Math.round(ahead);
  if (calls > 0 && waiting !== undefined && calls > waiting + FAR_OFF) return null;
  return calls > 0 && waiting !== undefined ? Math.min(calls, Math.max(1, waiting)) : calls;
}

// The wait until the n-th call from now, by the wait of somebody who takes a ticket now and is the (waiting + 1)-th.
function ownWait([low, median, high], calls, waiting) {
  const share = Math.min(1, calls / (waiting + 1)), wider = Math.sqrt(1 / share);
  const middle = median * share;
  return [Math.max(0, middle - (median - low) * share * wider), middle, middle + (high - median) * share * wider];
}

function mine() {
  const kept = read();
  if (!kept) return set($("mine"), "");
  const service = services.get(kept.key), is = service && look(service);
  if (!is?.tells || is.old) return set($("mine"), say(is?.level === "closed" ? "closed" : "unknown"));
  const calls = callsUntil(kept.number, service.called, service.waiting);
  if (calls === null) return set($("mine"), say("mine_unsure"));
  if (calls <= 0) return set($("mine"), say(calls === 0 ? "mine_now" : "mine_past"));
  const wait = service.wait_min && service.waiting !== undefined ? waitWords(ownWait(service.wait_min, calls, service.waiting)) : ["", ""];
  set($("mine"), `${fill("mine_ahead", `<b>${calls}</b>`)} ${wait[0]} ${wait[1] && `（${wait[1]}）`}`);
}

// Of another day a number means nothing.
const today = () => new Date(serverNow()).toLocaleDateString("sv", {timeZone: root.dataset.zone});
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEEP));
    return kept?.day === today() && services.has(kept.key) ? kept : null;
  } catch {
    return null;
  }
}

function forecasts() {
  for (const row of document.querySelectorAll(".service:not(.kiosk)")) {
    const service = services.get(row.dataset.key), is = look(service);
    const parts = is.tells && !is.old ? (service.ahead ?? []).map(([minutes, low, median, high]) =>
      `<span>${fill("ahead", minutes)} ${waitWords([low, median, high])[0]} <small>${waitWords([low, median, high])[1]}</small></span>`) : [];
    let line = row.querySelector(".ahead");
    if (!line && parts.length) row.append((line = Object.assign(document.createElement("p"), {className: "ahead"})));
    set(line, parts.length ? `${say("forecast")}${service.by_calendar ? `（${say("by_calendar")}）` : ""}： ${parts.join(" ")}` : "");
  }
}

function everything() {
  find();
  mine();
  forecasts();
}

for (const id of ["wanted", "place"]) $(id).addEventListener("change", () => ((here = null), set($("refused"), ""), find()));
$("here").hidden = !(window.isSecureContext && location.protocol === "https:" && navigator.geolocation);
const locate = ({coords}) => ((here = [coords.latitude, coords.longitude]), set($("refused"), ""), find());
$("here").addEventListener("click", () =>
  navigator.geolocation.getCurrentPosition(locate, () => set($("refused"), say("refused")), {timeout: 15000}));
$("keep").addEventListener("click", () => {
  const number = Number($("number").value.normalize("NFKC").replace(/\D/g, ""));
  if (number) localStorage.setItem(KEEP, JSON.stringify({key: $("queue").value, number, day: today()}));
  mine();
});
$("forget").addEventListener("click", () => {
  localStorage.removeItem(KEEP);
  $("number").value = "";
  mine();
});
for (const id of ["finder", "ticket"]) $(id).hidden = false;
const kept = read();
if (kept) [$("queue").value, $("number").value] = [kept.key, kept.number];
setInterval(everything, 1000);
everything();
