// A board nobody touches: turns its languages and, where there are more services than it holds, its pages.
"use strict";

const TURN_MS = 8000, FRESH_MS = 6 * 3600 * 1000, ROWS = 4;
const languages = root.dataset.languages.split(" ");
const rows = [...document.querySelectorAll(".service:not(.kiosk)")];
const turns = Math.max(1, Math.ceil(rows.length / ROWS));
const loadedAt = performance.now();
let turn = 0;

function showTurn() {
  rows.forEach((row, at) => (row.hidden = Math.floor(at / ROWS) !== turn % turns));
  lang = languages[Math.floor(turn / turns) % languages.length];
  const pages = document.querySelector(".pages");
  pages.textContent = turns > 1 ? `${(turn % turns) + 1}/${turns}` : "";
  sayEverything();
}

if (turns * languages.length > 1) setInterval(() => {
  turn += 1;
  showTurn();
}, TURN_MS);
showTurn();

// A board runs for months: it takes a newer page now and then, but only while the hub answers.
setInterval(async () => {
  if (performance.now() - loadedAt < FRESH_MS || isCut()) return;
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) location.reload();
}, 600000);
