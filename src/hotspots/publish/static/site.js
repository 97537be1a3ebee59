(() => {
"use strict";
// The audit form: kept while it is typed, saved as a file, opened again. Nothing leaves the device,
// and text reaches the page through text nodes and values only.
const data = JSON.parse(document.getElementById("site-data").textContent);
const byId = (id) => document.getElementById(id);
const form = byId("form"), said = byId("form-said");
const fields = [...form.elements].filter((field) => field.name);
const headings = [...form.querySelectorAll("fieldset.heading")];
const COLUMNS = ["id", "observation", "easting", "northing", "date", "site", "heading", "photos", "form"];
const KEPT_AS = `hotspots-audit:${data.slug}`;
const SITE_REACH_M = 5000;

function age() {
  const [year, month] = data.last_month;
  const days = Math.floor((Date.now() - Date.UTC(year, month, 1)) / 86400000);
  if (days <= 0) return;
  byId("age-today").textContent = `, records ${days.toLocaleString("en-GB")} days old today`;
  if (days <= data.stale_days) return;
  byId("stale").textContent = `These records end ${days.toLocaleString("en-GB")} days ago. Ask for a newer sheet before you rely on it.`;
  byId("stale").hidden = false;
}

function state() {
  const held = {};
  for (const field of fields) {
    const value = field.type === "checkbox" ? field.checked : field.value;
    if (value) held[field.name] = value;
  }
  return held;
}

function restore(held) {
  for (const field of fields) {
    const value = held[field.name];
    if (field.type === "checkbox") field.checked = value === true;
    else field.value = typeof value === "string" ? value.slice(0, field.maxLength > 0 ? field.maxLength : 20) : "";
  }
  headings.forEach(tellWhere);
  grow();
}

// A browser may refuse to keep anything for a file; the form works without.
function keep() {
  try { localStorage.setItem(KEPT_AS, JSON.stringify(state())); } catch { /* kept in the page alone */ }
}

function forget() {
  try { localStorage.removeItem(KEPT_AS); } catch { /* nothing was kept */ }
}

function kept() {
  try { return JSON.parse(localStorage.getItem(KEPT_AS)) || {}; } catch { return {}; }
}

// Places of one heading: lamp ids, or eastings and northings, parted by semicolons.
function places(text) {
  const found = [], strange = [];
  for (const part of text.split(";").map((each) => each.trim()).filter(Boolean)) {
    const numbers = part.replace(/(\d),(?=\d{3}(\D|$))/g, "$1").match(/^(\d{5,7}(?:\.\d+)?)[\s,]+(\d{5,7}(?:\.\d+)?)$/);
    const plain = part.match(/^(\d{5,6}(?:\.\d+)?)[\s,]+(\d{5,7}(?:\.\d+)?)$/) || numbers;
    if (Object.hasOwn(data.lamps, part)) found.push(data.lamps[part]);
    else if (plain && Math.hypot(plain[1] - data.middle[0], plain[2] - data.middle[1]) < SITE_REACH_M) {
      found.push([Math.round(plain[1]), Math.round(plain[2])]);
    } else strange.push(part);
  }
  return { found: found.length ? found : [data.middle], strange };
}

function whereOf(heading) { return heading.querySelector("input[name$='-where']"); }

function tellWhere(heading) {
  const box = whereOf(heading), { strange } = places(box.value);
  byId(box.getAttribute("aria-describedby")).textContent = strange.length
    ? `Not understood: ${strange.join("; ")}. Write a lamp id of the map, or six figures each for easting and northing. Until then it counts as the middle of the site.` : "";
  if (strange.length) box.setAttribute("aria-invalid", "true"); else box.removeAttribute("aria-invalid");
}

function today() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

function rows() {
  const date = byId("date").value || today();
  const found = [];
  for (const heading of headings) {
    const title = heading.querySelector("legend").textContent;
    const photos = heading.querySelector("input[name$='-photos']").value;
    for (const tick of heading.querySelectorAll("input[data-kind]:checked")) {
      for (const [easting, northing] of places(whereOf(heading).value).found) {
        found.push({ observation: tick.dataset.kind, easting, northing, date, heading: title, photos });
      }
    }
  }
  const seen = found.length;
  // Without anything seen the form is kept all the same, in a row that stands for nothing.
  if (!seen) found.push({ observation: "", easting: data.middle[0], northing: data.middle[1], date });
  found.forEach((row, i) => { row.id = `${data.slug}:${date}:${i + 1}`; row.site = data.title; });
  found[0].form = JSON.stringify({ site: data.slug, fields: state() });
  return { found, seen };
}

// A cell that a spreadsheet would take for a formula gets an apostrophe before it.
function cell(value) {
  const text = String(value ?? "").replaceAll("\0", "");
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function save() {
  const { found, seen } = rows();
  const lines = [COLUMNS.join(","), ...found.map((row) => COLUMNS.map((name) => cell(row[name])).join(","))];
  const file = new Blob([`\ufeff${lines.join("\r\n")}\r\n`], { type: "text/csv" });
  const name = `audit-${data.slug}-${found[0].date}.csv`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  const what = seen === 1 ? "one observation" : `${seen || "no"} observations`;
  said.textContent = `Saved as ${name}, with ${what}. Look for it among your downloads.`;
}

// Rows of a CSV file, quotation marks and line breaks inside cells understood.
function parse(text) {
  const lines = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const line = lines.at(-1), letter = text[i];
    if (quoted && letter === '"' && text[i + 1] === '"') { line[line.length - 1] += '"'; i += 1; }
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === ",") line.push("");
    else if (!quoted && letter === "\n") lines.push([""]);
    else if (quoted || letter !== "\r") line[line.length - 1] += letter;
  }
  return lines;
}

async function load(file) {
  try {
    const [head, first] = parse((await file.text()).replace(/^\ufeff/, ""));
    const held = JSON.parse(first[head.indexOf("form")]);
    if (held === null || typeof held.fields !== "object" || held.fields === null) throw new Error("no form");
    restore(held.fields);
    keep();
    said.textContent = held.site === data.slug ? `Opened ${file.name}.`
      : `Opened ${file.name}. It was filled in for another place: ${held.site}.`;
  } catch {
    said.textContent = `${file.name} is not a form that was saved from a site sheet; nothing was changed.`;
  }
}

// On paper a box is as high as its text.
function grow() {
  for (const box of form.querySelectorAll("textarea")) {
    box.style.height = "auto";
    if (box.value) box.style.height = `${box.scrollHeight + 4}px`;
  }
  byId("date").classList.toggle("filled", byId("date").value !== "");
}

// A narrow screen shows a part of the map: the middle first.
for (const map of document.querySelectorAll(".map")) map.scrollLeft = (map.scrollWidth - map.clientWidth) / 2;
byId("print").hidden = false;
byId("print").addEventListener("click", () => window.print());
byId("save-box").hidden = false;
byId("save").addEventListener("click", save);
byId("load").addEventListener("change", (event) => {
  if (event.target.files.length) load(event.target.files[0]);
  event.target.value = "";
});
byId("clear").addEventListener("click", () => {
  if (!Object.keys(state()).length || window.confirm("Clear all that is filled in?")) {
    restore({});
    forget();
    said.textContent = "The form is empty.";
  }
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  keep();
  const heading = event.target.closest("fieldset.heading");
  if (heading) tellWhere(heading);
  grow();
});
window.addEventListener("beforeprint", grow);
age();
restore(kept());
})();
