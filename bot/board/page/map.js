// The map: each county in the colour of the share that has answered.
import { areaTool, drawingNow, stopDrawing } from "./area.js";
import { percent } from "./cards.js";
import { el, en, svg } from "./elements.js";
import { clock, now } from "./times.js";

const CLASSES = [
  ["s0", 50, "不到 50%"], ["s1", 80, "50–79%"], ["s2", 95, "80–94%"], ["s3", 100, "95–99%"],
  ["s4", 101, "100%"],
];
const LETTER = 12; // pixels of a county's name

export function drawMap(into, map, facts, alert) {
  if (!map) {
    into.hidden = true;
    return;
  }
  if (drawingNow()) return;
  into.hidden = false;
  if (!facts.mayDraw) stopDrawing();
  const counties = alert && !alert.pending ? alert.counties : {};
  const picture = svg("svg", { viewBox: `0 0 ${map.width} ${map.height}`, role: "img",
    "aria-label": "各县回应比例 share answered by county" });
  into.replaceChildren(
    el("h2", {}, "各县回应 ", en("answered by county"),
      el("small", {}, `截至 ${clock(now())}`),
      alert?.exercise ? el("span.mark", {}, "演练 ", en("EXERCISE")) : null),
    alert ? el(`p.about.${alert.level}`, {}, alert.title) : "",
    el("div.picture", {}, picture, north(), scale(map)),
    el("p.legend", {}, CLASSES.map(([name, , words]) => el("span", {}, el(`i.${name}`), words)),
      el("span", {}, el("i.none"), "没有叫应 ", en("not called")),
      facts.distress.length ? el("span", {}, el("i.spot"), "求救 ", en("help")) : ""),
    el("p.small", {}, "按县级政区统计；开发区、市级和省级人员不上图，见左侧数字。 ",
      en("Zones, city and province posts are counted on the left, not drawn.")));
  const unit = unitOf(picture, map);
  const helped = facts.distress.filter((one) => one.position);
  picture.append(
    ...map.shapes.map((shape) => county(shape, counties[shape.code])),
    ...map.borders.map((d) => svg("path.border", { d })),
    svg("path.drawn.warned", { d: drawnFor(map, alert) }),
    ...labels(map.shapes, counties, unit, helped.map((one) => drawnAt(map, one))),
    ...helped.map((one) => spot(map, one, unit)));
  if (facts.mayDraw) {
    into.querySelector(".picture").after(
      areaTool(picture, map, () => drawMap(into, map, facts, alert)));
  }
}

// Units of the drawing in one pixel: letters are as large on a phone as on the wall.
function unitOf(picture, map) {
  const { width, height } = picture.getBoundingClientRect();
  return 1 / Math.max(0.1, Math.min(width / map.width, (height || Infinity) / map.height));
}

function shareOf(counts) {
  return counts?.calls ? percent(counts.answered, counts.calls) : null;
}

function classOf(share) {
  return share === null ? "none" : CLASSES.find(([, below]) => share < below)[0];
}

function county(shape, counts) {
  const share = shareOf(counts);
  const words = share === null ? shape.name
    : `${shape.name} ${counts.answered}/${counts.calls}（${share}%）`;
  return svg(`path.county.${classOf(share)}`, { d: shape.path }, svg("title", {}, words));
}

// Names and shares where there is room, the worst and then the widest counties first; none over
// another, or over a call for help.
function labels(shapes, counties, unit, spots) {
  const taken = spots.map(([x, y]) => [x - 12 * unit, y - 12 * unit, x + 12 * unit, y + 12 * unit]);
  const drawn = [];
  const bad = (shape) => ((shareOf(counties[shape.code]) ?? 100) < CLASSES[0][1] ? 1 : 0);
  for (const shape of [...shapes].sort((a, b) => bad(b) - bad(a) || b.room - a.room)) {
    const share = shareOf(counties[shape.code]);
    const figure = share === null ? "" : share === 100 ? "✓" : `${share}%`;
    for (const lines of [[shape.name, figure], [figure], [shape.name]]) {
      const told = lines.filter(Boolean);
      const place = told.length ? room(shape, told, unit, taken) : null;
      if (place) {
        drawn.push(label(place, told, classOf(share), unit));
        break;
      }
    }
  }
  return drawn;
}

// Where these lines can stand in a county: its middle, or a little below or above.
function room(shape, lines, unit, taken) {
  const short = lines.every((line) => /^[\d✓]/.test(line));
  const letters = Math.max(...lines.map((line) => (/^[\d✓]/.test(line) ? line.length * 0.62 : line.length)));
  const [wide, high] = [letters * LETTER * unit, lines.length * LETTER * 1.2 * unit];
  if (wide > shape.room * (short ? 1.5 : 1)) return null;
  for (const lower of [0, 26, -26]) {
    const [x, y] = [shape.label[0], shape.label[1] + lower * unit];
    const box = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
    if (!taken.some((other) => over(box, other))) {
      taken.push(box);
      return [x, y];
    }
    if (shape.room < 90 * unit) break;
  }
  return null;
}

function over(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function label([x, y], lines, name, unit) {
  const first = lines.length === 2 ? -2 : 4;
  return svg(`g.label.${name}`, { transform: `translate(${x} ${y}) scale(${unit})` },
    lines.map((line, n) => svg(/^[\d✓]/.test(line) ? "text.share" : "text",
      { y: first + n * LETTER * 1.2, "font-size": LETTER }, line)));
}

function drawnAt(map, one) {
  return at(map, one.position);
}

function at(map, [lon, lat]) {
  return [map.margin + (lon - map.west) * map.perDegreeX, map.margin + (map.north - lat) * map.perDegreeY];
}

// The land that a warning was drawn for.
function drawnFor(map, alert) {
  return (alert?.rings ?? []).map((ring) =>
    `M${ring.map((point) => at(map, point).map((n) => n.toFixed(1)).join(" ")).join("L")}Z`).join("");
}

function spot(map, one, unit) {
  const [x, y] = drawnAt(map, one);
  return svg(`g.spot${one.takenBy ? ".taken" : ""}`, { transform: `translate(${x} ${y}) scale(${unit})` },
    svg("circle.ring", { r: 12 }), svg("circle", { r: 6 }), svg("title", {}, `${one.name} 求救`));
}

function north() {
  return svg("svg.north", { viewBox: "0 0 40 56", "aria-label": "北 north" },
    svg("path", { d: "M20 4 33 44 20 35 7 44Z" }), svg("text", { x: 20, y: 55 }, "北 N"));
}

function scale(map) {
  const length = map.scale.metres >= 1000 ? `${map.scale.metres / 1000} 千米 km` : `${map.scale.metres} 米 m`;
  const bar = el("i");
  bar.style.width = `${(100 * map.scale.units) / map.width}%`;
  return el("div.scale", {}, bar, el("span", {}, length));
}
