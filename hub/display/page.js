// Keeps a page true: counts ages, greys what is old, fetches what changed, says when the server is silent.
//
// An element with data-fragment is replaced by what that address gives, when one of its data-devices (or any, for "*")
// changed, or every data-every seconds. An element with data-t shows its age by the server's clock.
"use strict";

const SILENT_AFTER_MS = 10000;
const GONE_MS = 300000; // after so long without news no level is shown; card.py has the same
const PAUSE_MS = 1000; // between two fetches of the same element
const PATIENCE_MS = 8000;

const root = document.documentElement;
const ages = JSON.parse(root.dataset.ages);
const clockFormat = new Intl.DateTimeFormat("ja-JP", {
  timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

let offset = Number(root.dataset.now) / 1000 - Date.now(); // server's clock less this one's [ms]
let heardAt = performance.now(); // when the server was heard last
let openedAt = heardAt; // when the stream was opened last: a page that was hidden is given the time to hear again
let linked = false; // whether this stream was heard
let stream = null;
const waiting = new Map(); // address of a fragment -> {busy, again}

const serverNow = () => Date.now() + offset;

// 十分 is read じゅっぷん, 五分 ごふん: hub/words.py has the rule.
function minutesAgo(minutes) {
  const words = ages.m.replace("{}", minutes);
  return "013468".includes(String(minutes).at(-1)) ? words.replace("ふん", "ぷん") : words;
}

function ageWords(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 2) return ages.now;
  if (s < 60) return ages.s.replace("{}", s);
  if (s < 3600) return minutesAgo(Math.floor(s / 60));
  if (s < 86400) return ages.h.replace("{}", Math.floor(s / 3600));
  return ages.d.replace("{}", Math.floor(s / 86400));
}

function countAges(within) {
  const now = serverNow();
  for (const time of within.querySelectorAll("time[data-t]")) {
    const age = now - Number(time.dataset.t) / 1000;
    const words = ageWords(age);
    if (!time.title) time.title = time.textContent;
    if (time.textContent !== words) time.textContent = words;
    const figure = time.closest(".figure");
    if (figure && time.dataset.fresh) figure.classList.toggle("old", age > Number(time.dataset.fresh) * 1000);
  }
  for (const mark of within.querySelectorAll("[data-fades]")) {
    if (now - Number(mark.dataset.fades) / 1000 > Number(mark.dataset.fresh) * 1000) mark.classList.add("old");
  }
}

// A card whose telling figures are all old is not believed, whatever level it was given; in the end it shows none.
function doubtCards() {
  const now = serverNow();
  for (const card of document.querySelectorAll(".card")) {
    const telling = [...card.querySelectorAll(".figure time[data-fresh]")].filter((time) => Number(time.dataset.fresh) <= 3600);
    if (!telling.length) continue;
    const olderThan = (atLeastMs) =>
      telling.every((time) => now - Number(time.dataset.t) / 1000 > Math.max(Number(time.dataset.fresh) * 1000, atLeastMs));
    card.classList.toggle("stale", olderThan(0));
    card.classList.toggle("gone", olderThan(GONE_MS));
  }
}

function tellWhetherHeard() {
  const now = performance.now();
  const cut = now - Math.max(heardAt, openedAt) > SILENT_AFTER_MS;
  root.classList.toggle("cut", cut);
  root.classList.toggle("gone", now - heardAt > GONE_MS);
  root.classList.toggle("connected", linked && !cut);
  document.getElementById("cut").hidden = !cut;
  if (!cut) document.getElementById("clock").textContent = clockFormat.format(serverNow());
}

function tellLastContact() {
  document.getElementById("last-contact").textContent = clockFormat.format(serverNow());
}

function heard() {
  heardAt = performance.now();
  linked = true;
  tellLastContact();
}

function replace(old, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const fresh = made.content.firstElementChild;
  if (!fresh || !old.isConnected) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const before = old.dataset.said;
  old.replaceWith(fresh);
  if (focused) [...fresh.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus({preventScroll: true});
  if (fresh.dataset.said && fresh.dataset.said !== before) document.getElementById("news").textContent = fresh.dataset.said;
  countAges(fresh);
}

async function refresh(element) {
  const address = element.dataset.fragment;
  const known = waiting.get(address);
  if (known) {
    known.again = true;
    return;
  }
  const own = {again: false};
  waiting.set(address, own);
  let pause = PAUSE_MS;
  try {
    const answer = await fetch(address, {signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store"});
    if (answer.ok) {
      const html = await answer.text();
      for (const one of document.querySelectorAll("[data-fragment]")) if (one.dataset.fragment === address) replace(one, html);
    } else if (answer.status !== 404) {
      own.again = true;
      pause = 5 * PAUSE_MS;
    }
  } catch {
    own.again = true;
    pause = 5 * PAUSE_MS;
  }
  setTimeout(() => {
    waiting.delete(address);
    if (own.again) for (const one of document.querySelectorAll("[data-fragment]")) if (one.dataset.fragment === address) refresh(one);
  }, pause);
}

function changed(device) {
  for (const element of document.querySelectorAll("[data-devices]")) {
    const devices = element.dataset.devices.split(" ");
    if (devices.includes(device) || devices.includes("*")) refresh(element);
  }
}

function listen() {
  openedAt = performance.now();
  linked = false;
  stream = new EventSource("/api/v1/events");
  stream.addEventListener("time", (event) => {
    offset = Number(event.data) / 1000 - Date.now();
    heard();
  });
  stream.addEventListener("device", (event) => {
    heard();
    changed(JSON.parse(event.data).device);
  });
  stream.addEventListener("error", () => {
    if (stream && stream.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(() => stream || document.hidden || listen(), 3000 + 4000 * Math.random());
    }
  });
}

// A hidden page holds no stream: browsers open six connections to a server and no more.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (!stream) {
    listen();
    everySecond();
  }
});

let seconds = 0;
function everySecond() {
  countAges(document);
  doubtCards();
  if (!document.hidden) tellWhetherHeard();
}

setInterval(() => {
  seconds += 1;
  everySecond();
  for (const element of document.querySelectorAll("[data-every]")) {
    if (seconds % Number(element.dataset.every) === 0 && !document.hidden) refresh(element);
  }
}, 1000);
tellLastContact();
countAges(document);
doubtCards();
if (!document.hidden) listen();
