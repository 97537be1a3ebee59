// Data, words and small drawings. Text reaches the page through text nodes only, never as HTML.
const data = JSON.parse(document.getElementById("hotspots-data").textContent);
const MISSING = -1, FEWER = -2;
const ONE_EVENT = 1, RECURRING = 2, REBASED = 4, HARM_ROUNDED = 8, MIX_WITHHELD = 16, RARE_BUT_GRAVE = 32, HAS_SHEET = 64;
const MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December"];
const SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const SVG = "http://www.w3.org/2000/svg";

const rows = data.rows.map((values) => {
  const row = {};
  data.fields.forEach((field, i) => { row[field] = values[i]; });
  return row;
});
const monthCount = 12 * (data.last_month[0] - data.first_month[0])
  + data.last_month[1] - data.first_month[1] + 1;

function byId(id) { return document.getElementById(id); }

function fill(node, settings, children) {
  for (const [name, value] of Object.entries(settings)) node.setAttribute(name, value);
  for (const child of children) node.append(child);
  return node;
}

function make(tag, settings = {}, ...children) {
  return fill(document.createElement(tag), settings, children);
}

function makeSvg(tag, settings = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), settings, children);
}

function count(value) { return value.toLocaleString("en-GB"); }

function number(value) { return value < SMALL.length ? SMALL[value] : count(value); }

function many(value, one, more) { return `${number(value)} ${value === 1 ? one : more || one + "s"}`; }

function sentence(text) { return text.charAt(0).toUpperCase() + text.slice(1); }

function monthName(i) {
  const month = data.first_month[1] - 1 + i;
  return `${MONTH_NAMES[month % 12]} ${data.first_month[0] + Math.floor(month / 12)}`;
}

// A count as it may be printed: small ones are hidden before they reach this page.
function cell(value, limit) {
  if (value === FEWER) return `fewer than ${number(limit)}`;
  return value < 0 ? "not shown" : count(value);
}

function pairs(flat) {
  const found = [];
  for (let i = 0; i < flat.length; i += 2) found.push([flat[i], flat[i + 1]]);
  return found;
}

function labelOf(row) { return data.labels[row.label][0]; }

function classOf(row) { return data.classes[row.class][0]; }

function districtOf(row) { return data.districts[row.district][0]; }

// On a district's own page its name after every street would only be noise.
function nameOf(row) {
  const tail = `, ${districtOf(row)}`;
  return data.district !== null && row.name.endsWith(tail) ? row.name.slice(0, -tail.length) : row.name;
}

function mainTypes(row, most = 2) {
  const shown = pairs(row.mix).filter(([, value]) => value > 0).slice(0, most);
  return shown.map(([type]) => data.types[type][0]).join(", ");
}

function harmOf(row) {
  const days = count(row.harm);
  if (!(row.flags & HARM_ROUNDED)) return days;
  return row.harm === 0 ? "under 500" : `about ${days}`;
}

function rankOf(row, by) {
  return { count: row.rank, harm: row.rank_harm, root: row.rank_sqrt }[by];
}

function age() {
  const [year, month] = data.last_month;
  return Math.floor((Date.now() - Date.UTC(year, month, 1)) / 86400000);
}

// Months as bars: past ones pale, the window dark, missing ones hatched, hidden ones a flat mark,
// a change of the list of map points an upright line.
function sparkline(row, width, height) {
  const step = width / monthCount;
  const top = Math.max(1, ...row.series);
  const paths = { past: "", window: "", hidden: "", missing: "" };
  row.series.forEach((value, i) => {
    const x = i * step, bar = Math.max(1, step - 1);
    const inWindow = i >= data.window[0] && i <= data.window[1];
    if (value === MISSING) {
      paths.missing += `M${x.toFixed(1)} ${height}L${(x + bar).toFixed(1)} ${(height * 0.5).toFixed(1)}`
        + `M${x.toFixed(1)} ${(height * 0.5).toFixed(1)}L${(x + bar).toFixed(1)} 0`;
    } else if (value < 0) {
      paths.hidden += `M${x.toFixed(1)} ${height}h${bar.toFixed(1)}v-3h-${bar.toFixed(1)}z`;
    } else if (value > 0) {
      const tall = Math.max(1.5, value / top * (height - 1)).toFixed(1);
      paths[inWindow ? "window" : "past"]
        += `M${x.toFixed(1)} ${height}h${bar.toFixed(1)}v-${tall}h-${bar.toFixed(1)}z`;
    }
  });
  const drawing = makeSvg("svg", {
    class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true",
  });
  drawing.append(makeSvg("path", { class: "spark-base", d: `M0 ${height - 0.5}h${width}` }));
  for (const [kind, d] of Object.entries(paths)) {
    if (d) drawing.append(makeSvg("path", { class: `spark-${kind}`, d }));
  }
  for (const i of data.list_changes) {
    const x = (i * step - 0.5).toFixed(1);
    drawing.append(makeSvg("path", { class: "spark-change", d: `M${x} 0v${height}` }));
  }
  return drawing;
}

function seriesInWords(row) {
  const limit = data.groups[row.group][2];
  const seen = row.series.filter((value) => value !== MISSING);
  const top = Math.max(...seen);
  const most = top > 0 ? count(top) : top < 0 ? cell(FEWER, limit) : "none";
  const missing = row.series.length - seen.length;
  const words = [`${monthName(0)} to ${monthName(monthCount - 1)}: at most ${most} a month`];
  if (missing) words.push(`${many(missing, "month")} missing`);
  const hidden = seen.filter((value) => value < 0).length;
  if (hidden) words.push(`${many(hidden, "month")} with a number too small to show`);
  for (const i of data.list_changes) words.push(`list of map points changed in ${monthName(i)}`);
  return words.join("; ") + ".";
}
