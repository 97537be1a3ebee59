// Filters, the list beside the map, and the table below: always the same rows.
const COLUMNS = [
  ["Rank", (row) => rankOf(row, state.by), "num"],
  ["Hotspot", nameOf, "name"],
  ["Id", (row) => row.id, "id"],
  ...(data.district === null ? [["District", districtOf, ""]] : []),
  ["Incidents", (row) => row.n, "num"],
  ["Harm, days", (row) => row.harm, "num"],
  ["How sure", labelOf, ""],
  ["Since when", classOf, ""],
  ["Hot in", (row) => (row.seen ? row.hot / row.seen : -1), "num"],
  ["Map points", (row) => row.n_points, "num"],
  ["Width, m", (row) => row.width_m, "num"],
  ["Most frequent types", (row) => mainTypes(row, 3), "types"],
];
const PRINTED = { "Harm, days": harmOf, "Hot in": (row) => `${row.hot} of ${row.seen}` };
const order = { column: null, isDown: false };

function matches(row) {
  const wanted = state.q.trim().toLowerCase();
  return row.group === state.crime
    && (state.sure === "" || labelOf(row) === state.sure)
    && (state.since === "" || classOf(row) === state.since)
    && isWithout(row, state.without)
    && (state.district === "" || data.districts[row.district][1] === state.district)
    && (wanted === "" || [row.name, row.streets, row.wards, row.id].some((text) => text.toLowerCase().includes(wanted)));
}

function chosen() {
  return rows.filter(matches).sort((a, b) => rankOf(a, state.by) - rankOf(b, state.by));
}

function option(value, text) { return make("option", { value }, text); }

function fillFilters() {
  const tally = new Map();
  for (const row of rows) tally.set(row.group, (tally.get(row.group) || 0) + 1);
  const kinds = { all: null, group: "Groups of types", type: "Crime types" };
  for (const [kind, title] of Object.entries(kinds)) {
    const options = data.groups.flatMap(([name, of], i) => (
      of === kind ? [option(String(i), `${name} (${tally.get(i) || 0})`)] : []));
    if (!options.length) continue;
    byId("crime").append(...(title ? [make("optgroup", { label: title }, ...options)] : options));
  }
  byId("sure").append(option("", "any"), ...data.labels.map(([name]) => option(name, name)));
  byId("since").append(option("", "any"), ...data.classes.map(([name]) => option(name, name)));
  byId("district")?.append(option("", "all"), ...data.districts.map(([name, slug]) => option(slug, name)));
}

function showFilters() {
  byId("crime").value = String(state.crime);
  for (const name of ["sure", "since", "by", "district", "without"]) {
    if (byId(name)) byId(name).value = state[name];
  }
  showStreets();
  if (byId("search").value !== state.q) byId("search").value = state.q;
}

// A list of streets is about some crime types; it goes where another list is about the one chosen.
function showStreets() {
  const lists = [...document.querySelectorAll("#streets [data-types]")];
  const isOf = (list) => list.dataset.types.split("|").includes(data.groups[state.crime][0]);
  const isChosen = lists.some(isOf);
  for (const list of lists) list.hidden = isChosen && !isOf(list);
}

function flagsOf(row) {
  const flags = [];
  if (row.n_points === 1) flags.push("single map point: place uncertain");
  if (row.n_points === 2) flags.push("two map points: place uncertain");
  if (row.flags & ONE_EVENT) flags.push("over half of its harm is one incident");
  if (row.flags & RARE_BUT_GRAVE) flags.push("few incidents, but among the highest in harm");
  return flags;
}

function listRow(row) {
  const types = mainTypes(row);
  const line = make("button", { type: "button", class: "row", "data-id": row.id },
    make("span", { class: "rank" }, make("span", { class: "unseen" }, "Rank "), String(rankOf(row, state.by))),
    make("span", { class: "row-words" },
      make("span", { class: "row-name" }, nameOf(row)),
      ...(types ? [make("span", { class: "row-types" }, types)] : []),
      make("span", { class: "row-facts" },
        make("strong", {}, count(row.n)), ` ${row.n === 1 ? "incident" : "incidents"}`,
        make("span", { class: "dot-apart" }, " · "), classOf(row),
        make("span", { class: "dot-apart" }, " · "), make("span", { class: `word ${labelOf(row)}` }, labelOf(row)))),
    sparkline(row, 108, 28));
  line.addEventListener("click", () => select(row));
  for (const [event, isOn] of [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]) {
    line.addEventListener(event, () => point(row, isOn));
  }
  row.line = line;
  return make("li", {}, line);
}

function drawList(shown) {
  byId("rows").replaceChildren(...shown.map(listRow));
  const [group] = data.groups[state.crime];
  const few = data.not_drawn[group];
  const empty = byId("empty");
  empty.hidden = shown.length > 0;
  const why = data.is_short ? "Too few months have data to draw hotspots"
    : "That is too few to tell hotspots from chance";
  const none = rows.some((row) => row.group === state.crime)
    ? "No hotspot fits. Choose fewer filters, or search for another street."
    : `No hotspot was found for ${group}.`;
  empty.textContent = few === undefined ? none : `${group}: ${count(few)} incidents in the window. ${why}, so the count is given and no hotspots are drawn.`;
}

function tableCell([title, read, kind], row) {
  const text = (PRINTED[title] || ((each) => (typeof read(each) === "number" ? count(read(each)) : read(each))))(row);
  if (kind !== "name") return make("td", kind ? { class: kind } : {}, text);
  const opener = make("button", { type: "button", class: "plain" }, text);
  opener.addEventListener("click", () => { select(row); byId("stage").scrollIntoView({ block: "nearest" }); });
  return make("th", { scope: "row" }, opener);
}

function drawHead() {
  byId("table-head").replaceChildren(...COLUMNS.map(([title, , kind], i) => {
    const sorter = make("button", { type: "button", class: "sorter" }, title);
    sorter.addEventListener("click", () => {
      order.isDown = order.column === i ? !order.isDown : kind === "num" && i > 0;
      order.column = i;
      drawTable(chosen());
    });
    return make("th", { scope: "col", class: kind === "num" ? "num" : "" }, sorter);
  }));
}

function sorted(shown) {
  if (order.column === null) return shown;
  const read = COLUMNS[order.column][1];
  const way = order.isDown ? -1 : 1;
  return [...shown].sort((a, b) => {
    const [x, y] = [read(a), read(b)];
    return way * (typeof x === "number" ? x - y : x.localeCompare(y, "en-GB"));
  });
}

function drawTable(shown) {
  const titles = byId("table-head").children;
  COLUMNS.forEach((_, i) => {
    if (order.column === i) titles[i].setAttribute("aria-sort", order.isDown ? "descending" : "ascending");
    else titles[i].removeAttribute("aria-sort");
  });
  byId("table-body").replaceChildren(...sorted(shown).map((row) => (
    make("tr", { "data-id": row.id }, ...COLUMNS.map((column) => tableCell(column, row))))));
  byId("table-caption").textContent = `${data.groups[state.crime][0]}: ${many(shown.length, "hotspot")}, `
    + `${monthName(data.window[0])} to ${monthName(data.window[1])}. Ranks are within ${data.area}. `
    + "Harm is a category-level proxy.";
}

function drawResult(shown) {
  const all = rows.filter((row) => row.group === state.crime).length;
  const group = data.groups[state.crime][0];
  byId("result").textContent = shown.length === all
    ? `${sentence(many(all, "hotspot"))} for ${group}${withoutInWords()}.`
    : `${sentence(many(shown.length, "hotspot"))} of ${number(all)} for ${group}${withoutInWords()}.`;
  byId("clear").hidden = shown.length === all && state.crime === 0 && state.without === "";
}
