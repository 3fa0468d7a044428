// What moves with the pointer: points, boxes, strokes, corners, the keyboard's cursor. Little, so it is drawn anew in each frame.
import { store } from "./store.js";
import { view } from "./view.js";
import { pathOf } from "./outline.js";
import { begin, haloed } from "./lines.js";
import { settings } from "./settings.js";

// What pointer tools draw. A stroke that is over dries until the mask that it has changed shows.
export const sketch = { box: null, stroke: null, drying: null, lasso: false, erasing: false, brush: null, cursor: null, corners: null, hot: -1 };

const line = width => width / view.scale;

// A box that is being drawn from one corner to the other.
export function sketchBox(a, b) {
  const region = store.tool === "region";
  sketch.box = { x1: Math.min(a.x, b.x), y1: Math.min(a.y, b.y), x2: Math.max(a.x, b.x), y2: Math.max(a.y, b.y), region };
}

let blank = true;

export function drawMarks(canvas) {
  const { image, doc } = store, { accent } = settings, stroke = sketch.stroke ?? sketch.drying, { box, corners, brush, cursor } = sketch;
  const nothing = !image || !(doc.region || doc.prompt.box || doc.prompt.points.length || box || stroke || corners || brush || cursor);
  if (nothing && blank) return; // an empty canvas costs as much as a full one when it is changed
  blank = nothing;
  const c = begin(canvas, { ...view, ratio: devicePixelRatio || 1 });
  if (nothing) return;
  if (doc.region) shadeOutside(c, doc.region, image);
  if (doc.prompt.box) boxLine(c, doc.prompt.box, accent);
  if (box) boxLine(c, box, box.region ? "#fff" : accent, [6, 4]);
  if (stroke) drawStroke(c, stroke, accent);
  if (corners) drawCorners(c, accent);
  doc.prompt.points.forEach((p, i) => dot(c, p, i === sketch.hot));
  if (brush) ring(c, brush.x, brush.y, store.brush / 2);
  if (cursor) cross(c, cursor);
}

function boxLine(c, box, color, dash) {
  const path = new Path2D();
  path.rect(box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1);
  haloed(c, path, color, line(1), dash);
}

function shadeOutside(c, [x1, y1, x2, y2], image) {
  const path = new Path2D();
  path.rect(0, 0, image.width, image.height);
  path.rect(x1, y1, x2 - x1, y2 - y1);
  c.fillStyle = "rgba(0,0,0,.45)";
  c.fill(path, "evenodd");
  boxLine(c, { x1, y1, x2, y2 }, "#fff", [6, 4]);
}

function dot(c, p, hot) {
  const r = line(hot ? 9 : 6.5);
  c.beginPath();
  c.arc(p.x, p.y, r, 0, 7);
  c.fillStyle = p.positive ? "#12a150" : "#d92d20";
  c.strokeStyle = "#fff";
  c.lineWidth = line(2.25);
  c.fill();
  c.stroke();
  // The sign, so that color is not all that tells them apart.
  c.beginPath();
  c.moveTo(p.x - r / 2, p.y);
  c.lineTo(p.x + r / 2, p.y);
  if (p.positive && !hot) {
    c.moveTo(p.x, p.y - r / 2);
    c.lineTo(p.x, p.y + r / 2);
  }
  c.stroke();
}

function drawStroke(c, stroke, accent) {
  c.beginPath();
  stroke.forEach((p, i) => i ? c.lineTo(p.x, p.y) : c.moveTo(p.x, p.y));
  c.lineCap = c.lineJoin = "round";
  if (sketch.lasso) {
    c.closePath();
    c.globalAlpha = 0.2;
    c.fillStyle = accent;
    c.fill();
    c.lineWidth = line(2);
    c.globalAlpha = 1;
  } else {
    c.lineWidth = store.brush;
    c.globalAlpha = 0.5;
  }
  c.strokeStyle = sketch.erasing ? "#d92d20" : accent;
  if (!sketch.lasso && stroke.length === 1) c.lineTo(stroke[0].x + 0.01, stroke[0].y);
  c.stroke();
  c.globalAlpha = 1;
}

function drawCorners(c, accent) {
  haloed(c, pathOf(sketch.corners.rings), accent, line(1));
  for (const ring of sketch.corners.rings)
    for (let i = 0; i < ring.length; i += 2) {
      const r = line(sketch.corners.ring === ring && sketch.corners.at === i ? 6 : 4);
      c.fillStyle = sketch.corners.ring === ring && sketch.corners.at === i ? accent : "#fff";
      c.strokeStyle = accent;
      c.lineWidth = line(1.5);
      c.fillRect(ring[i] - r, ring[i + 1] - r, 2 * r, 2 * r);
      c.strokeRect(ring[i] - r, ring[i + 1] - r, 2 * r, 2 * r);
    }
}

function ring(c, x, y, r) {
  c.beginPath();
  c.arc(x, y, r, 0, 7);
  c.lineWidth = line(3);
  c.strokeStyle = "rgba(0,0,0,.5)";
  c.stroke();
  c.lineWidth = line(1.25);
  c.strokeStyle = "#fff";
  c.stroke();
}

function cross(c, { x, y }) {
  const r = line(14), gap = line(4), path = new Path2D();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    path.moveTo(x + dx * gap, y + dy * gap);
    path.lineTo(x + dx * r, y + dy * r);
  }
  c.lineCap = "round";
  c.lineWidth = line(5);
  c.strokeStyle = "#000";
  c.stroke(path);
  c.lineWidth = line(2.25);
  c.strokeStyle = "#fff";
  c.stroke(path);
}
