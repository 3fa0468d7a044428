// What the page writes: the picture's objects in the formats that other programs read. The command line converts between all of them.
import { polygons } from "./outline.js";

const base = image => image.name.replace(/\.[^.]*$/, "");
const round = v => Math.round(v * 100) / 100;
const pairs = ring => Array.from({ length: ring.length / 2 }, (_, i) => [round(ring[2 * i]), round(ring[2 * i + 1])]);
const text = (name, type, content) => ({ name, blob: new Blob([content], { type }) });
const json = (name, value) => text(name, "application/json", JSON.stringify(value, null, 1));
// XML has no place for control characters and halves of surrogate pairs, however they are written.
const escape = s => String(s).toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
  .replace(/[&<>"'\t\n\r]/g, c => `&#${c.charCodeAt(0)};`);
const classes = objects => [...new Set(objects.map(o => o.name))];

// Outer rings with the holes that lie in them: rings run clockwise on the screen outside, the other way around holes.
function shapes(mask, tolerance) {
  const area = r => {
    let sum = 0;
    for (let i = 0, j = r.length - 2; i < r.length; j = i, i += 2) sum += r[j] * r[i + 1] - r[i] * r[j + 1];
    return sum / 2;
  };
  const inside = (r, x, y) => {
    let odd = false;
    for (let i = 0, j = r.length - 2; i < r.length; j = i, i += 2)
      if (r[i + 1] > y !== r[j + 1] > y && x < (r[j] - r[i]) * (y - r[i + 1]) / (r[j + 1] - r[i + 1]) + r[i]) odd = !odd;
    return odd;
  };
  const rings = polygons(mask, tolerance), outer = rings.filter(r => area(r) > 0).map(ring => ({ ring, holes: [] }));
  outer.sort((a, b) => area(a.ring) - area(b.ring)); // a hole belongs to the smallest ring around it
  for (const hole of rings.filter(r => area(r) < 0)) {
    const x = hole[0] + 0.5, y = hole[1] + 0.5;
    (outer.find(o => inside(o.ring, x, y)) ?? outer.find(o => inside(o.ring, hole[0], hole[1])))?.holes.push(hole);
  }
  return outer;
}

// One ring of a shape with holes, for formats that have none: each is cut open by a bridge of no width, from its uppermost corner straight up to the next
// outline. The way there and the way back cancel.
function cutOpen({ ring, holes }) {
  const top = hole => {
    let best = 0;
    for (let i = 2; i < hole.length; i += 2)
      if (hole[i + 1] < hole[best + 1] || hole[i + 1] === hole[best + 1] && hole[i] < hole[best]) best = i;
    return best;
  };
  let whole = ring;
  // From above, so that what lies on the way is part of the ring already.
  for (const hole of [...holes].sort((a, b) => a[top(a) + 1] - b[top(b) + 1])) {
    const start = top(hole), x = hole[start], y = hole[start + 1];
    let at = -1, height = -Infinity;
    for (let i = 0; i < whole.length; i += 2) {
      const j = (i + 2) % whole.length;
      if (whole[i] <= x === whole[j] <= x) continue;
      const cut = whole[i + 1] + (x - whole[i]) / (whole[j] - whole[i]) * (whole[j + 1] - whole[i + 1]);
      if (cut <= y && cut > height) [at, height] = [i + 2, cut];
    }
    if (at < 0) continue; // an outline with so much left out that the hole lies outside
    whole = [...whole.slice(0, at), x, height, ...hole.slice(start), ...hole.slice(0, start), x, y, x, height, ...whole.slice(at)];
  }
  return whole;
}

const parts = (objects, o) => objects.find(p => p.id === o.parent);

export function result(image, model, objects) {
  return {
    image: { file_name: image.name, width: image.width, height: image.height }, model: { name: model.name, sha256: model.sha256 },
    annotations: objects.map((o, i) => ({
      id: i + 1, segmentation: o.mask.toJSON(), bbox: Object.values(o.mask.bounds), area: o.mask.area,
      predicted_iou: o.score, stability_score: null, level: o.level,
      level_index: o.level ? ["scene", "group", "whole", "part", "subpart", "detail"].indexOf(o.level) + 1 : null,
      whole: { label: o.name, score: null }, part: null, parent: parts(objects, o) ? objects.indexOf(parts(objects, o)) + 1 : null, prompt: null,
    })),
  };
}

function coco(image, objects, style, tolerance) {
  const names = classes(objects);
  return {
    images: [{ id: 1, file_name: image.name, width: image.width, height: image.height }],
    categories: names.map((name, i) => ({ id: i + 1, name })),
    annotations: objects.map((o, i) => ({
      id: i + 1, image_id: 1, category_id: names.indexOf(o.name) + 1, iscrowd: 0, area: o.mask.area, bbox: Object.values(o.mask.bounds),
      segmentation: style === "polygons" ? shapes(o.mask, tolerance).map(s => pairs(cutOpen(s)).flat()) : o.mask.toJSON(),
    })),
  };
}

function labelme(image, objects, tolerance) {
  return {
    version: "5.5.0", flags: {}, imagePath: image.name, imageData: null, imageHeight: image.height, imageWidth: image.width,
    shapes: objects.flatMap((o, i) => {
      const outer = shapes(o.mask, tolerance), shared = { group_id: outer.length > 1 ? i + 1 : null, description: "", shape_type: "polygon", flags: {} };
      return outer.map(s => ({ label: o.name, points: pairs(cutOpen(s)), ...shared }));
    }),
  };
}

function yolo(image, objects, tolerance) {
  const share = ([x, y]) => [(x / image.width).toFixed(6), (y / image.height).toFixed(6)], names = classes(objects);
  const lines = objects.flatMap(o => shapes(o.mask, tolerance).map(s => [names.indexOf(o.name), ...pairs(cutOpen(s)).flatMap(share)].join(" ")));
  return lines.join("\n") + "\n";
}

// The lines have numbers of names; a text in JSON's quotes is one of YAML, too.
const dataYaml = objects => `names:\n${classes(objects).map((name, i) => `  ${i}: ${JSON.stringify(name)}\n`).join("")}`;

const closed = ring => [...pairs(ring), pairs(ring)[0]];

const geojson = (objects, tolerance) => ({
  type: "FeatureCollection",
  features: objects.map(o => ({
    type: "Feature", properties: { name: o.name, level: o.level, score: o.score, classification: { name: o.name } },
    geometry: { type: "MultiPolygon", coordinates: shapes(o.mask, tolerance).map(s => [closed(s.ring), ...s.holes.map(closed)]) },
  })),
});

// Runs of CVAT's masks go row by row within the bounding box, the first run outside.
function rows(mask) {
  const b = mask.bounds, bits = mask.bitmap(), runs = [];
  let value = 0, from = 0;
  for (let i = 0; i <= bits.length; i++)
    if (i === bits.length || bits[i] !== value) {
      runs.push(i - from);
      from = i;
      value = bits[i];
    }
  return { ...b, runs };
}

function cvat(image, objects) {
  const masks = objects.map(o => {
    const m = rows(o.mask);
    return `    <mask label="${escape(o.name)}" source="semi-auto" occluded="0" rle="${m.runs.join(", ")}" ` +
      `left="${m.x}" top="${m.y}" width="${m.width}" height="${m.height}" z_order="0"></mask>`;
  });
  const labels = classes(objects).map(n => `<label><name>${escape(n)}</name><type>mask</type><attributes></attributes></label>`).join("");
  return `<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta><job><labels>${labels}</labels></job></meta>\n` +
    `  <image id="0" name="${escape(image.name)}" width="${image.width}" height="${image.height}">\n${masks.join("\n")}\n  </image>\n</annotations>\n`;
}

function svg(image, objects, tolerance) {
  const paths = objects.map(o => {
    const d = polygons(o.mask, tolerance).map(r => `M${pairs(r).map(p => p.join(" ")).join("L")}Z`).join("");
    const look = `fill="${o.color}" fill-opacity=".5" stroke="${o.color}" fill-rule="evenodd"`;
    return `  <path id="object-${o.id}" ${look} d="${d}"><title>${escape(o.name)}</title></path>`;
  });
  const { width, height } = image;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n${paths.join("\n")}\n</svg>\n`;
}

function paintMask(c, mask, value) {
  const b = mask.bounds, data = c.getImageData(b.x, b.y, b.width, b.height), bits = mask.bitmap();
  for (let i = 0; i < bits.length; i++) if (bits[i]) data.data.set([value, value, value, 255], 4 * i);
  c.putImageData(data, b.x, b.y);
}

// White where any of the objects is.
export async function maskPng(image, objects) {
  const canvas = new OffscreenCanvas(image.width, image.height), c = canvas.getContext("2d");
  c.fillRect(0, 0, image.width, image.height);
  for (const o of objects) if (!o.mask.isEmpty) paintMask(c, o.mask, 255);
  return canvas.convertToBlob({ type: "image/png" });
}

// The picture where the objects are, transparent elsewhere, cut to their extent.
export async function cutout(image, objects) {
  const mask = objects.map(o => o.mask).reduce((a, b) => a.union(b)), b = mask.bounds;
  const canvas = new OffscreenCanvas(Math.max(1, b.width), Math.max(1, b.height)), c = canvas.getContext("2d");
  c.drawImage(image.bitmap, -b.x, -b.y);
  const data = c.getImageData(0, 0, canvas.width, canvas.height), bits = mask.bitmap();
  for (let i = 0; i < bits.length; i++) if (!bits[i]) data.data[4 * i + 3] = 0;
  c.putImageData(data, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

export const formats = [
  ["cutout", "PNG cut-out", "transparent around", async (i, o) => ({ name: `${base(i)}.cutout.png`, blob: await cutout(i, o) })],
  ["mask", "PNG mask", "white on black", async (i, o) => ({ name: `${base(i)}.mask.png`, blob: await maskPng(i, o) })],
  ["svg", "SVG", "outlines with names", (i, o, t) => text(`${base(i)}.svg`, "image/svg+xml", svg(i, o, t))],
  ["result", "Result JSON", "semsam's own", (i, o, t, m) => json(`${base(i)}.json`, result(i, m, o))],
  ["coco-rle", "COCO, run lengths", "exact", (i, o, t) => json(`${base(i)}.coco.json`, coco(i, o, "rle", t))],
  ["coco", "COCO, polygons", "by the outline slider", (i, o, t) => json(`${base(i)}.coco.json`, coco(i, o, "polygons", t))],
  ["labelme", "LabelMe", "polygons", (i, o, t) => json(`${base(i)}.json`, labelme(i, o, t))],
  ["yolo", "YOLO segmentation", "one line a piece; data.yaml", (i, o, t) => ({
    ...text(`${base(i)}.txt`, "text/plain", yolo(i, o, t)), beside: text("data.yaml", "application/yaml", dataYaml(o)),
  })],
  ["geojson", "GeoJSON", "QuPath, GIS; holes kept", (i, o, t) => json(`${base(i)}.geojson`, geojson(o, t))],
  ["cvat", "CVAT XML", "masks, exact", (i, o) => text(`${base(i)}.xml`, "application/xml", cvat(i, o))],
];

