// State, address bar, and what happens on a click, a key or a link.
const NOTHING = { crime: 0, sure: "", since: "", district: "", without: "", by: "count", q: "", id: "" };
const state = { ...NOTHING };
let chosenRow = null, shownRows = [], opener = null;

function writeAddress() {
  const parts = state.id ? [encodeURIComponent(state.id)] : [];
  if (state.crime !== 0 || state.id) parts.push(`crime=${encodeURIComponent(data.groups[state.crime][0])}`);
  for (const name of ["sure", "since", "district", "without", "by", "q"]) {
    if (state[name] !== NOTHING[name]) parts.push(`${name}=${encodeURIComponent(state[name])}`);
  }
  const here = window.location.href.split("#")[0];
  window.history.replaceState(null, "", parts.length ? `${here}#${parts.join("&")}` : here);
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return ""; }
}

function oneOf(value, values, otherwise) { return values.includes(value) ? value : otherwise; }

function readAddress() {
  Object.assign(state, NOTHING);
  const given = {};
  for (const part of window.location.hash.slice(1).split("&")) {
    const at = part.indexOf("=");
    if (at < 0) given.id = decoded(part);
    else given[part.slice(0, at)] = decoded(part.slice(at + 1));
  }
  state.crime = Math.max(0, data.groups.findIndex(([name]) => name === given.crime));
  state.sure = oneOf(given.sure, data.labels.map(([name]) => name), "");
  state.since = oneOf(given.since, data.classes.map(([name]) => name), "");
  state.by = oneOf(given.by, ["count", "harm", "root"], "count");
  state.without = oneOf(given.without, data.layers.map(([name]) => name), "");
  state.q = given.q || "";
  if (byId("district")) state.district = oneOf(given.district, data.districts.map(([, slug]) => slug), "");
  const meant = rows.filter((row) => row.id === given.id);
  const row = meant.find((each) => each.group === state.crime) || meant[0];
  if (!row) return null;
  if (!matches(row)) Object.assign(state, NOTHING, { crime: row.group });
  return row;
}

function render() {
  shownRows = chosen();
  showFilters();
  drawList(shownRows);
  drawTable(shownRows);
  drawRows(shownRows);
  drawResult(shownRows);
  if (chosenRow && !shownRows.includes(chosenRow)) closeProfile({ keepFocus: true });
  else if (chosenRow) markChosen(true);
  writeAddress();
}

function point(row, isOn) {
  if (!shownRows.includes(row)) return;
  row.line?.classList.toggle("pointed", isOn);
  mark(row, "pointed", isOn);
}

function markChosen(isOn) {
  chosenRow.line?.classList.toggle("chosen", isOn);
  if (isOn) chosenRow.line?.setAttribute("aria-current", "true");
  else chosenRow.line?.removeAttribute("aria-current");
  mark(chosenRow, "chosen", isOn);
}

function select(row, { move = true, focus = true } = {}) {
  if (chosenRow) markChosen(false);
  else opener = document.activeElement;
  chosenRow = row;
  state.id = row.id;
  markChosen(true);
  drawProfile(row);
  byId("list").hidden = true;
  byId("profile").hidden = false;
  byId("profile").scrollTop = 0;
  document.body.classList.add("reading");
  fitSize();
  if (move) moveTo(row);
  if (focus) byId("profile").focus({ preventScroll: false });
  writeAddress();
}

function closeProfile({ keepFocus = false } = {}) {
  if (!chosenRow) return;
  markChosen(false);
  const row = chosenRow;
  chosenRow = null;
  state.id = "";
  byId("profile").hidden = true;
  byId("list").hidden = false;
  document.body.classList.remove("reading");
  fitSize();
  if (!keepFocus) {
    const back = opener?.isConnected && opener !== document.body ? opener : row.line;
    row.line?.scrollIntoView({ block: "nearest" });
    back?.focus();
  }
  writeAddress();
}

function showAge() {
  const days = age();
  if (days < 0) return;
  byId("age-today").textContent = `; the newest month ended ${many(days, "day")} ago`;
  const stale = byId("stale");
  stale.hidden = days <= data.stale_days;
  stale.textContent = `These figures are old: the newest month ended ${count(days)} days ago. `
    + "Ask for newer maps before relying on them.";
}

function setFullScreen(isOn) {
  document.body.classList.toggle("full-map", isOn);
  byId("full-screen").setAttribute("aria-pressed", String(isOn));
  byId("full-screen").textContent = isOn ? "Leave full screen" : "Full screen";
  fitSize();
}

function listen() {
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("crime").addEventListener("change", (event) => { state.crime = Number(event.target.value); render(); });
  for (const name of ["sure", "since", "by", "district", "without"]) {
    byId(name)?.addEventListener("change", (event) => { state[name] = event.target.value; render(); });
  }
  // The address bar keeps the state, so this link must not write to it.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId(chosenRow ? "profile" : "list").focus();
  });
  // On a phone the way to the map is short; without scripts the list of districts stays open.
  const districts = byId("districts");
  if (districts && window.matchMedia("(max-width: 56rem)").matches) districts.open = false;
  let waiting = 0;
  byId("search").addEventListener("input", (event) => {
    state.q = event.target.value;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(render, 150);
  });
  byId("clear").addEventListener("click", () => { Object.assign(state, NOTHING); render(); byId("search").focus(); });
  byId("more-filters").addEventListener("click", (event) => {
    const isOpen = byId("more").classList.toggle("open");
    event.target.setAttribute("aria-expanded", String(isOpen));
  });
  byId("close-profile").addEventListener("click", () => closeProfile());
  byId("whole").addEventListener("click", moveHome);
  byId("full-screen").addEventListener("click", () => setFullScreen(!document.body.classList.contains("full-map")));
  byId("show-points")?.addEventListener("change", showByZoom);
  byId("show-lamps")?.addEventListener("change", (event) => switchLayer("lamps", drawLamps, event.target.checked));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.body.classList.contains("full-map")) setFullScreen(false);
    else closeProfile();
  });
  window.addEventListener("hashchange", open);
  window.addEventListener("beforeprint", () => printMap(true));
  window.addEventListener("afterprint", () => printMap(false));
}

function open() {
  const row = readAddress();
  if (chosenRow && chosenRow !== row) closeProfile({ keepFocus: true });
  if (row) state.id = row.id;
  render();
  if (row) select(row);
}

function start(made) {
  drawMap(made);
  fillFilters();
  fillLayers();
  drawHead();
  listen();
  showAge();
  open();
}
