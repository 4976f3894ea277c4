// What board and phone show of each service, kept true by the event stream; service_row.py makes the same on the server.
//
// Old after the source's fresh_for_s; after 300 s without news nothing of it is shown; all is old once the hub is silent.
"use strict";

const GONE_S = 300, SILENT_MS = 12000, REOPEN_MS = 15000, NEWS_MS = 60000;
const MARKS = {good: "○", notice: "△", warning: "▲", bad: "■", closed: "－", unknown: "？"};
const root = document.documentElement;
const all = JSON.parse(root.dataset.words); // language -> key -> HTML
const services = new Map(JSON.parse(root.dataset.services).map((one) => [one.key, one]));
const named = [...document.querySelectorAll("[data-key]")];

let lang = root.dataset.lang;
let offset = Number(root.dataset.now) / 1000 - Date.now(); // server's clock less this one's [ms]
let heardAt = performance.now();
let openedAt = heardAt;
let stream = null;
const shownThen = new Map(); // key -> level that was told aloud
let spokeAt = performance.now();

const serverNow = () => Date.now() + offset;
const say = (key) => all[lang][key] ?? "";
const fill = (key, ...numbers) => readAfter(numbers.at(-1), numbers.reduce((html, number) => html.replace("{}", number), say(key)));
// 分 and 人 are read by the number before them; hub/words.py does the same.
function readAfter(number, html) {
  const digits = lang === "easy" ? String(number).replace(/<[^>]*>/g, "") : "";
  if (digits === "1" || digits === "2") html = html.replace("にん", "り");
  return /^[1-9]\d*$/.test(digits) && "013468".includes(digits.at(-1)) ? html.replaceAll("ふん", "ぷん") : html;
}
const set = (element, html) => element && element.dataset.html !== html && ((element.dataset.html = html), (element.innerHTML = html));
const isCut = () => performance.now() - heardAt > SILENT_MS;

function look(service) {
  if (service.level === "closed") return {level: "closed", old: false, tells: false};
  const age = service.t === undefined ? Infinity : Math.max(0, (serverNow() - service.t / 1000) / 1000);
  if (service.level === "unknown" || age >= GONE_S) return {level: "unknown", old: false, tells: false, age};
  return {level: service.level, old: age > (service.fresh_for_s ?? 20) || isCut(), tells: true, age};
}

const rounded = (min) => (min >= 7.5 ? 5 * Math.floor(min / 5 + 0.5) : Math.floor(min + 0.5));

function waitWords(wait) {
  if (!wait) return ["—", ""];
  const median = wait[1] < 2.5 ? say("soon") : fill("about", `<b>${rounded(wait[1])}</b>`);
  return [median, fill("range", Math.floor(wait[0]), Math.ceil(wait[2]))];
}

function ageWords(s) {
  if (!Number.isFinite(s)) return "";
  if (s < 2) return say("now");
  return s < 60 ? fill("s", Math.floor(s)) : fill("m", Math.floor(s / 60));
}

// Which count a level rests on where no wait can be told.
function basisOf(service) {
  if (service.by_people) return "people";
  return !service.wait_min && Number.isInteger(service.waiting) ? "tickets" : null;
}

function render(element) {
  const service = services.get(element.dataset.key), is = look(service), at = (name) => element.querySelector(name);
  const kiosk = element.classList.contains("kiosk"), level = kiosk ? `k:${is.level}` : is.level;
  element.classList.remove("good", "notice", "warning", "bad", "closed", "unknown");
  element.classList.add(is.level);
  element.classList.toggle("old", is.old);
  const word = is.level === "closed" && service.opens ? fill("opens", service.opens) : say(level);
  set(at(".mark"), MARKS[is.level]);
  set(at(".word"), word);
  set(at(".level + .certificates"), is.tells ? (service.certificates ?? []).map((one) => say(`c:${one}`)).join("・") : "");
  set(at("time"), is.tells ? ageWords(is.age) : "");
  if (kiosk) return;
  const [median, range] = waitWords(is.tells && service.wait_min);
  set(at(".median"), median);
  set(at(".range"), is.tells && basisOf(service) ? say(basisOf(service)) : range);
  const known = (value) => is.tells && value !== undefined && value !== null;
  const called = known(service.called) ? String(service.called) : "—", before = at(".number").textContent;
  if (called !== before) {
    set(at(".number"), called);
    if (before !== "—" && called !== "—") element.dataset.calledAt = performance.now();
  }
  element.classList.toggle("just", performance.now() - (element.dataset.calledAt ?? -1e9) < 10000);
  set(at(".groups"), known(service.waiting) ? fill("groups", `<b>${service.waiting}</b>`) : "—");
  root.dispatchEvent(new CustomEvent("shown", {detail: {element, service, is}}));
}

function renderAll() {
  for (const element of named) render(element);
  const cut = isCut();
  root.classList.toggle("cut", cut);
  document.getElementById("cut").hidden = !cut;
  if (!cut) for (const clock of document.querySelectorAll(".clock")) clock.textContent = clockOf(serverNow());
  speak();
}

const clockFormat = new Intl.DateTimeFormat("ja-JP", {timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
const clockOf = (ms) => clockFormat.format(ms);

// Aloud at most once a minute: the levels that changed since, nothing else.
function speak() {
  const news = [];
  for (const element of named) {
    const level = element.querySelector(".word").textContent, name = element.querySelector(".name").textContent;
    if (shownThen.get(element.dataset.key) !== level) news.push([element.dataset.key, level, `${name} ${level}`]);
  }
  const first = shownThen.size === 0;
  if (!news.length || (!first && performance.now() - spokeAt < NEWS_MS)) return;
  for (const [key, level] of news) shownThen.set(key, level);
  if (first) return;
  spokeAt = performance.now();
  document.getElementById("news").textContent = news.map((one) => one[2]).join("、");
}

function sayEverything() {
  root.lang = lang === "en" ? "en" : "ja";
  root.dataset.lang = lang;
  for (const element of document.querySelectorAll("[data-say]")) set(element, say(element.dataset.say));
  shownThen.clear();
  renderAll();
}

function take(event) {
  heardAt = performance.now();
  const service = JSON.parse(event.data), before = services.get(service.key);
  if (!before) return;
  // What has not changed for long comes with the time of its change; the source has said more since, and the beat told it.
  if (service.t !== undefined) service.t = Math.max(service.t, before.t ?? 0);
  services.set(service.key, service);
  for (const element of named) if (element.dataset.key === service.key) render(element);
}

function beat(event) {
  heardAt = performance.now();
  const {now, age} = JSON.parse(event.data);
  offset = now / 1000 - Date.now();
  for (const service of services.values()) {
    const s = age[service.key.split(".")[0]];
    if (s !== undefined && service.level !== "closed") service.t = Math.max(service.t ?? 0, now - s * 1e6);
  }
  renderAll();
}

function listen() {
  stream?.close();
  openedAt = performance.now();
  stream = new EventSource(root.dataset.stream);
  stream.addEventListener("beat", beat);
  stream.addEventListener("service", take);
}

// A stream that the browser gave up, or that died without a word, is opened anew, not by all at the same moment.
function lookAfterStream() {
  const patience = REOPEN_MS * (1 + Math.random());
  const now = performance.now();
  if (!document.hidden && now - openedAt > patience && now - heardAt > patience) listen();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return listen();
  stream?.close();
});

setInterval(() => {
  renderAll();
  lookAfterStream();
}, 1000);
renderAll();
if (!document.hidden) listen();
