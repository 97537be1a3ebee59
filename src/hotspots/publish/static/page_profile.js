// The profile of one hotspot: what, since when, how sure, what is around, what to look at.
function section(title, ...children) {
  return make("section", { class: "part" }, make("h3", {}, title), ...children);
}

function paragraph(...children) { return make("p", {}, ...children); }

function facts(lines) {
  return make("dl", { class: "facts" }, ...lines.flatMap(([term, value]) => (
    [make("dt", {}, term), make("dd", {}, value)])));
}

function shareInWords(part, whole) {
  const share = 100 * part / whole;
  return share < 1 ? "under 1 %" : `${Math.round(share)} %`;
}

function rateInWords(incidents, hectares) {
  const rate = incidents / hectares / data.months_seen;
  return Number(rate.toPrecision(2)).toLocaleString("en-GB", { maximumFractionDigits: 4 });
}

// Beside the district; a district's number that would give a small one away is not on the page.
function besideDistrict(row) {
  const total = data.totals[row.district].groups[row.group];
  if (!total || !data.months_seen) return [];
  const place = districtOf(row);
  return [
    [`Share of the ${count(total)} in ${place}`, shareInWords(row.n, total)],
    ["A month on each hectare", rateInWords(row.n, row.area_m2 / 1e4)],
    [`The same, all of ${place}`, rateInWords(total, data.hectares[row.district])],
  ];
}

function mixTable(row) {
  const totals = data.totals[row.district].types;
  const most = Math.max(1, ...pairs(row.mix).map(([, value]) => value));
  const lines = pairs(row.mix).map(([type, value]) => {
    const [name, limit] = data.types[type];
    const bar = makeSvg("svg", { class: "bar", width: 40, height: 10, "aria-hidden": "true" });
    if (value > 0) bar.append(makeSvg("rect", { width: Math.max(1, 40 * value / most), height: 10 }));
    return make("tr", {}, make("th", { scope: "row" }, name),
      make("td", { class: "num" }, cell(value, limit)),
      make("td", { class: "num" }, value > 0 && totals[type] ? shareInWords(value, totals[type]) : "not shown"),
      make("td", { class: "bars" }, bar));
  });
  return make("table", { class: "mix" },
    make("caption", {}, `Incidents reported near here in the window by type, and their share of all of ${districtOf(row)}`),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Type"),
      make("th", { scope: "col", class: "num" }, "Incidents"),
      make("th", { scope: "col", class: "num" }, "Share"),
      make("th", { scope: "col", class: "bars" }, make("span", { class: "unseen" }, "Size")))),
    make("tbody", {}, ...lines));
}

function whatHappens(row) {
  const group = data.groups[row.group][0];
  const parts = [facts([
    [`${group}, incidents`, count(row.n)],
    [`Rank by count in ${data.area}`, count(row.rank)],
    ["Harm (category-level harm proxy)", `${harmOf(row)} days`],
    ["Rank by harm", count(row.rank_harm)],
    ...besideDistrict(row),
  ])];
  if (row.mix.length) parts.push(mixTable(row));
  if (row.flags & MIX_WITHHELD) parts.push(paragraph("The numbers by type are too small to show."));
  return section("What happens here", ...parts);
}

function trendInWords(row) {
  if (!row.trend) return "There is too little data to speak of a trend.";
  const [each, low, high] = row.trend.map((value) => 100 * value);
  const size = Math.max(Math.abs(low), Math.abs(high));
  const digits = size >= 1 ? 1 : size >= 0.1 ? 2 : 3;
  const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
  const way = low > 0 ? "rose" : high < 0 ? "fell" : "shows no clear trend";
  const words = `Its share of all such incidents in ${data.area} ${way}`;
  return `${words}: ${signed(each)} percentage points a year, with a 95 % interval between ${signed(low)} and ${signed(high)}.`;
}

function periodsInWords(row) {
  const period = { 3: "quarter", 6: "half-year", 12: "year" }[row.period] || `${row.period}-month period`;
  return `Hot in ${number(row.hot)} of the ${many(row.seen, period)} seen`
    + `${row.flags & RECURRING ? ", so it counts as recurring" : ""}.`
    + (row.chance < 0 ? "" : ` If there were no hotspots, it would be hot in ${row.chance < 1 ? "hardly any" : `about ${row.chance} %`} of them, by chance.`);
}

function usualInWords(row) {
  return `If incidents only followed their wider surroundings (1.5 km), about ${count(row.usual >= 10 ? Math.round(row.usual) : row.usual)} would be expected here; ${count(row.n)} were reported.`;
}

function eventInWords([event, month, other]) {
  const name = data.events[event];
  const words = { born: "First a hotspot", split: "Split", merged: "Merged", ended: "Ended" }[name];
  const joined = other ? (name === "merged" ? ` with ${other}` : ` from ${other}`) : "";
  return `${words}${joined} in the window to ${month}.`;
}

function sinceWhen(row) {
  const drawing = sparkline(row, 288, 56);
  drawing.removeAttribute("aria-hidden");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", seriesInWords(row));
  const events = row.events.map(eventInWords);
  if (!events.length) events.push(`First a hotspot in the window to ${row.born}.`);
  const [name, rule] = data.classes[row.class];
  return section("Since when",
    make("figure", {}, drawing, make("figcaption", { class: "note" }, seriesInWords(row))),
    paragraph(make("strong", {}, sentence(name)), `: ${rule}. `, periodsInWords(row)),
    paragraph(trendInWords(row)),
    paragraph(events.join(" ")));
}

function howSure(row) {
  const [name, meaning] = data.labels[row.label];
  const parts = [paragraph(make("strong", { class: `word ${name}` }, sentence(name)), `. ${meaning}`)];
  parts.push(paragraph(usualInWords(row)));
  for (const flag of flagsOf(row)) parts.push(make("p", { class: "flag" }, `${sentence(flag)}.`));
  if (row.flags & REBASED) {
    parts.push(make("p", { class: "flag" }, "The police changed their map points inside the window; earlier incidents were moved to the nearest new point."));
  }
  parts.push(paragraph(`Its score is ${count(row.score)} incidents: ${row.own} % from its own record in the window, ${100 - row.own} % from its neighbours and earlier records.`));
  parts.push(paragraph(`It rests on ${many(row.n_points, "map point")}, is ${count(row.width_m)} m wide and covers ${(row.area_m2 / 1e4).toFixed(1)} hectares.`));
  return section("How sure", ...parts);
}

function measureInWords(value, unit) {
  if (value === null || value === undefined) return "not supplied";
  if (unit === "%") return `${Math.round(100 * value)} %`;
  if (unit === "m" && value === 0) return "inside it";
  const text = count(Math.abs(value) >= 10 || Number.isInteger(value) ? Math.round(value) : Number(value.toFixed(1)));
  return unit ? `${text} ${unit}` : text;
}

function whatIsAround(row) {
  const themes = { lighting: "Lighting", places: "Places", deprivation: "Deprivation, national decile (1 is most deprived)", other: "Other" };
  const parts = [];
  for (const [theme, title] of Object.entries(themes)) {
    const here = data.measures.map((measure, i) => [...measure, row.around[i]]).filter(([of]) => of === theme);
    const known = here.filter(([, , , , value]) => value !== null && value !== undefined);
    if (!known.length) {
      if (theme !== "other") parts.push(make("p", { class: "absent" }, `${title.split(",")[0]}: not supplied.`));
      continue;
    }
    const sources = [...new Set(known.map(([, , , source]) => source))].join(", ");
    parts.push(make("h4", {}, title), facts(here.map(([, words, unit, , value]) => [words, measureInWords(value, unit)])),
      make("p", { class: "note" }, `Source: ${sources}.`));
  }
  parts.push(...namesNear(row), ...whatWasDone(row));
  parts.push(make("p", { class: "note" }, "This describes the surroundings. It does not say what the incidents are associated with."));
  return section("What is around", ...parts);
}

function unusualHere(row) {
  if (!row.unusual) return [];
  const title = "Unusual here";
  if (!row.unusual.length) {
    return [section(title, paragraph("Nothing of what was supplied about its surroundings is out of the ordinary beside similar places."))];
  }
  return [section(title, make("ul", {}, ...row.unusual.map((words) => make("li", {}, words))))];
}

function whatToLookAt(row) {
  const asked = row.ask.map((i) => data.questions[i]);
  const headings = [...new Set(asked.map(([heading]) => heading))];
  return section("What to look at",
    make("p", { class: "note" }, "Questions for a visit, chosen by what is reported here and what is unusual here."),
    ...headings.flatMap((heading) => [make("h4", {}, heading),
      make("ul", {}, ...asked.filter(([of]) => of === heading).map(([, question]) => make("li", {}, question)))]));
}

function linkTo(row) {
  const here = window.location.href.split("#")[0];
  return `${here}#${encodeURIComponent(row.id)}&crime=${encodeURIComponent(data.groups[row.group][0])}`;
}

function share(row) {
  const box = make("input", { type: "text", readonly: "", id: "profile-link", value: linkTo(row) });
  const said = make("span", { role: "status", class: "note" });
  const button = make("button", { type: "button" }, "Copy link");
  button.addEventListener("click", async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "Press Ctrl and C to copy the marked link.";
    }
  });
  const parts = [make("label", { for: "profile-link" }, `Link to ${row.id}`), box, button, said];
  if (data.district === null) {
    const [name, slug] = data.districts[row.district];
    const href = `${slug}.html#${encodeURIComponent(row.id)}&crime=${encodeURIComponent(data.groups[row.group][0])}`;
    parts.push(make("p", {}, make("a", { href }, `The same on the page of ${name}`), ", with map points."));
  }
  if (row.flags & HAS_SHEET) {
    const href = `sites/${encodeURIComponent(row.id)}.html`;
    parts.push(make("p", {}, make("a", { href }, "Site sheet"), ": to print, and to fill in on a visit."));
  } else {
    parts.push(make("p", { class: "note" }, "A site sheet of this hotspot, to print and to fill in on a visit, has not been made. The person who runs this map can make it with ",
      make("code", {}, `hotspots site --hotspot ${row.id}`), "."));
  }
  return make("div", { class: "share" }, ...parts);
}

function whereItIs(row) {
  const told = [[row.streets, "Streets"], [row.wards, "Wards"]].filter(([names]) => names);
  return told.map(([names, what]) => paragraph(make("strong", {}, `${what}: `), `${names.split(" / ").join(", ")}.`));
}

function drawProfile(row) {
  byId("profile-title").textContent = row.name;
  byId("profile-body").replaceChildren(
    make("p", { class: "note" }, `${row.id} · ${districtOf(row)} · ${monthName(data.window[0])} to ${monthName(data.window[1])}`),
    ...whereItIs(row), whatHappens(row), sinceWhen(row), howSure(row), whatIsAround(row), ...unusualHere(row),
    whatToLookAt(row), share(row));
}
