// The layers of the map, drawn from the data; folium made the map itself.
const NUMBERS_FROM = 12, POINTS_FROM = 14, NAMES_BELOW = 14, CLOSEST = 16, FURTHEST_IN = 18;
const POINT_RADII = [2.5, 4, 6, 8.5];
let map, layers;

function placesOf(flat) {
  const found = [];
  let east = 0, north = 0;
  for (let i = 0; i < flat.length; i += 2) {
    east += flat[i];
    north += flat[i + 1];
    found.push([north / 1e5, east / 1e5]);
  }
  return found;
}

function addPane(name, order) {
  map.createPane(name).style.zIndex = order;
  return name;
}

function drawMap(made) {
  map = made;
  const container = map.getContainer();
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", "Map of the hotspots in the list");
  const order = { roads: 305, base: 310, areas: 400, dark: 404, done: 406, dots: 410, lamps: 415, spots: 420, marks: 425 };
  for (const [name, place] of Object.entries(order)) addPane(name, place);
  // These lie on top of the hotspots, but a click goes through them.
  for (const name of ["lamps", "dark"]) map.getPane(name).style.pointerEvents = "none";
  drawRoads();
  for (const [flats, kind] of [[data.lsoas || [], "lsoa"], [data.outlines, "district"]]) {
    for (const flat of flats) {
      L.polygon(placesOf(flat), { pane: "base", className: `outline ${kind}`, interactive: false })
        .addTo(map);
    }
  }
  layers = { areas: L.layerGroup(), dots: L.layerGroup(), spots: L.layerGroup(),
    numbers: L.layerGroup(), names: L.layerGroup() };
  for (const [name, , east, north] of data.districts) {
    layers.names.addLayer(textAt([north, east], name, "place-name"));
  }
  layers.areas.addTo(map);
  map.on("zoomend", showByZoom);
  map.on("click zoomstart", hideName);
  map.setMinZoom(map.getZoom() - 1);
  map.setMaxZoom(FURTHEST_IN);
  layers.home = map.getBounds();
}

// A text on the map; Leaflet takes the element as it is, so the text stays text.
function textAt(place, text, kind, interactive = false) {
  const words = make("span", { "aria-hidden": "true" }, text);
  const icon = L.divIcon({ className: kind, html: words, iconSize: [0, 0] });
  return L.marker(place, { icon, interactive, keyboard: false, riseOnHover: true });
}

function showByZoom() {
  const zoom = map.getZoom();
  const wanted = {
    dots: zoom < NUMBERS_FROM,
    numbers: zoom >= NUMBERS_FROM,
    names: zoom < NAMES_BELOW,
    spots: zoom >= POINTS_FROM && Boolean(byId("show-points")?.checked),
  };
  for (const [name, shown] of Object.entries(wanted)) {
    if (shown !== map.hasLayer(layers[name])) layers[name][shown ? "addTo" : "removeFrom"](map);
  }
  // From afar a hotspot is a dot; its outline would only be a speck inside it.
  map.getContainer().classList.toggle("far", wanted.dots);
  // What was drawn anew does not know yet which hotspot is chosen.
  if (chosenRow) mark(chosenRow, "chosen", true);
}

function shapeOf(row) {
  const rings = row.shape.map((part) => part.map(placesOf));
  return L.polygon(rings, { pane: "areas", className: `hotspot area ${labelOf(row)}`, weight: 2 });
}

function drawRow(row, share, most) {
  const place = [row.at[1], row.at[0]];
  if (!row.drawn) {
    row.drawn = shapeOf(row);
    row.dot = L.circleMarker(place, { pane: "dots", className: `hotspot dot ${labelOf(row)}` });
    respond(row, row.drawn);
    respond(row, row.dot);
  }
  // Pale enough that lights and map points inside stay plain to see.
  row.drawn.setStyle({ fillOpacity: 0.4 - 0.25 * share });
  row.dot.setStyle({ fillOpacity: 0.7 - 0.4 * share });
  row.dot.setRadius(4 + 5 * Math.sqrt(row.n / most));
  layers.areas.addLayer(row.drawn);
  layers.dots.addLayer(row.dot);
  row.badge = textAt(place, String(rankOf(row, state.by)), `rank-number ${labelOf(row)}`, true);
  respond(row, row.badge);
  // Markers stack by latitude unless told otherwise; the first in rank belongs on top.
  row.badge.setZIndexOffset(Math.round(1e4 * (1 - share)));
  layers.numbers.addLayer(row.badge);
}

function respond(row, layer) {
  layer.on("click", () => select(row, { move: false }));
  layer.on("mouseover", () => point(row, true));
  layer.on("mouseout", () => point(row, false));
}

function drawRows(shown) {
  for (const name of ["areas", "dots", "numbers", "spots"]) layers[name].clearLayers();
  const most = Math.max(1, ...shown.map((row) => row.n));
  // The first in rank is drawn last, so that it lies on top.
  for (let i = shown.length - 1; i >= 0; i -= 1) {
    drawRow(shown[i], shown.length > 1 ? i / (shown.length - 1) : 0, most);
  }
  drawSpots(shown);
  showByZoom();
}

function drawSpots(shown) {
  if (!data.points) return;
  layers.spotPlaces ||= placesOf(data.points);
  const largest = new Map();
  for (const row of shown) {
    for (const [place, size] of pairs(row.members)) {
      largest.set(place, Math.max(size, largest.get(place) ?? 0));
    }
  }
  for (const [place, size] of largest) {
    layers.spots.addLayer(L.circleMarker(layers.spotPlaces[place], {
      pane: "spots", className: "spot", interactive: false, radius: POINT_RADII[size], weight: 1,
    }));
  }
}

// Thousands of lights are one path of dots; a canvas would hide what lies under it on paper.
function drawLamps() {
  const dots = placesOf(data.lamps.at).map((place) => [place, place]);
  return L.polyline(dots, { pane: "lamps", className: "lamp", interactive: false, smoothFactor: 0 });
}

function moveTo(row) {
  // Without a glide: Leaflet drops a move that is asked for while an earlier one still glides.
  map.fitBounds(row.drawn.getBounds(), { maxZoom: CLOSEST, padding: [60, 60], animate: false });
}

// On paper the map shows the chosen hotspot or the whole area, at the paper's size.
function printMap(isOn) {
  if (isOn) layers.before = [map.getCenter(), map.getZoom()];
  document.body.classList.toggle("printing", isOn);
  fitSize();
  if (!isOn) map.setView(...layers.before, { animate: false });
  else if (chosenRow) moveTo(chosenRow);
  else moveHome();
}

function moveHome() { map.fitBounds(layers.home, { animate: false }); }

function mark(row, name, isOn) {
  for (const layer of [row.drawn, row.dot, row.badge]) {
    layer?.getElement()?.classList.toggle(name, isOn);
    // Only layers that are on the map can be put in front of others.
    if (isOn && layer?.bringToFront && map.hasLayer(layer)) layer.bringToFront();
  }
}

function fitSize() { map.invalidateSize({ animate: false }); }
