// What a partnership brings, where no light is listed, and the streets of the base map.
const NEAR_M = 100, NAMES_MOST = 6;
const MARK_SHAPES = [
  (x, y) => `M${x - 5} ${y - 5}h10v10h-10z`,
  (x, y) => `M${x} ${y - 7}l7 12h-14z`,
  (x, y) => `M${x} ${y - 7}l7 7l-7 7l-7 -7z`,
  (x, y) => `M${x} ${y + 7}l7 -12h-14z`,
  (x, y) => `M${x - 2} ${y - 6}h4v4h4v4h-4v4h-4v-4h-4v-4h4z`,
  (x, y) => `M${x - 6} ${y}l3 -5h6l3 5l-3 5h-6z`,
];

// A mark as large at every zoom; Leaflet's own is always a circle.
const Mark = L.CircleMarker.extend({
  _updatePath() {
    const { x, y } = this._point;
    this._renderer._setPath(this, this._empty() ? "M0 0" : MARK_SHAPES[this.options.shape](x, y));
  },
});

function isRegister(layer) { return layer[1] < 0; }

function markClass(i) { return `mark mark-${i % MARK_SHAPES.length}`; }

// How many of a layer stand near a hotspot; the map, the list and the profile ask here.
function nearCount(row, layer) { return isRegister(layer) ? row.done.length : row.around[layer[1]]; }

function isWithout(row, name) {
  return name === "" || nearCount(row, data.layers.find(([each]) => each === name)) === 0;
}

function withoutInWords() {
  return state.without === "" ? "" : ` with no ${state.without} listed within ${NEAR_M} m`;
}

function drawRoads() {
  if (!data.roads.length) return;
  L.polyline(data.roads.map(placesOf), { pane: "roads", className: "road", interactive: false })
    .addTo(map);
}

function hideName() { layers.name?.remove(); }

// What a mark is called, beside the pointer or where a finger touched it.
function named(layer, text) {
  layer.on("mouseover click", (event) => {
    L.DomEvent.stopPropagation(event);
    hideName();
    layers.name = textAt(layer.getLatLng?.() ?? event.latlng, text, "mark-name").addTo(map);
  });
  return layer.on("mouseout", hideName);
}

function drawPlaces(i) {
  const [name] = data.layers[i], { at, names } = data.places[i];
  const shape = i % MARK_SHAPES.length;
  return L.layerGroup(placesOf(at).map((place, k) => (
    named(new Mark(place, { pane: "marks", className: markClass(i), shape, radius: 7 }),
      names[k] ? `${names[k]} (${name})` : name))));
}

function drawDone() {
  return L.layerGroup(data.done.map(([title, shape]) => (
    named(L.polygon(shape.map((part) => part.map(placesOf)), { pane: "done", className: "done", weight: 3 }), title))));
}

function drawDark() {
  const { lines, areas } = data.dark;
  const settings = { pane: "dark", interactive: false };
  return L.layerGroup([
    L.polyline(lines.map(placesOf), { ...settings, className: "dark-line" }),
    L.polygon(areas.map((shape) => shape.map((part) => part.map(placesOf))), { ...settings, className: "dark-area" }),
  ]);
}

function switchLayer(name, draw, shown) {
  hideName();
  layers[name] ||= draw();
  layers[name][shown ? "addTo" : "removeFrom"](map);
}

function layerMark(i) {
  const drawing = makeSvg("svg", { width: 18, height: 18, "aria-hidden": "true" });
  drawing.append(isRegister(data.layers[i])
    ? makeSvg("rect", { class: "done", x: 2, y: 4, width: 14, height: 10 })
    : makeSvg("path", { class: markClass(i), d: MARK_SHAPES[i % MARK_SHAPES.length](9, 9) }));
  return drawing;
}

function fillLayers() {
  data.layers.forEach((layer, i) => {
    if (!isRegister(layer) && !data.places) return;
    const box = make("input", { type: "checkbox", id: `show-layer-${i}` });
    box.addEventListener("change", () => switchLayer(`layer${i}`,
      () => (isRegister(layer) ? drawDone() : drawPlaces(i)), box.checked));
    byId("map-layers").append(make("label", {}, box, layerMark(i), sentence(layer[0])));
  });
  byId("without")?.append(option("", "any"), ...data.layers.map(([name]) => option(name, name)));
  byId("show-dark")?.addEventListener("change", (event) => {
    switchLayer("dark", drawDark, event.target.checked);
    byId("dark-note").hidden = !event.target.checked;
  });
}

function listed(names) {
  const shown = names.slice(0, NAMES_MOST).join(", ");
  return names.length > NAMES_MOST ? `${shown} and ${count(names.length - NAMES_MOST)} more` : shown;
}

// The names of what stands near, for those who cannot point at a mark.
function namesNear(row) {
  if (!data.places) return [];
  let first = 0;
  return data.places.flatMap(({ names }, i) => {
    const here = row.beside.map((k) => k - first).filter((k) => k >= 0 && k < names.length);
    const known = here.map((k) => names[k]).filter((name) => name).sort((a, b) => a.localeCompare(b, "en-GB"));
    first += names.length;
    return known.length ? [paragraph(`${sentence(data.layers[i][0])} within ${NEAR_M} m: ${listed(known)}.`)] : [];
  });
}

function whatWasDone(row) {
  if (!data.done.length) return [];
  const text = row.done.length ? listed(row.done.map((i) => data.done[i][0]))
    : `nothing on the register within ${NEAR_M} m`;
  return [make("h4", {}, "What was done"), paragraph(`${sentence(text)}.`)];
}
