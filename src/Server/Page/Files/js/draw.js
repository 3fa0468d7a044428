// Draws. Two canvases: the image with what is finished, and above it what moves with the pointer; each is drawn at most once a frame.
import { store, chosen } from "./store.js";
import { view } from "./view.js";
import { pathFor, pathOf } from "./outline.js";
import { pattern } from "./colors.js";
import { settings } from "./settings.js";

let base, top, pending = 0;
let pyramid = { of: null, levels: [] };

// What pointer tools draw: a box being dragged, a stroke, corners, the keyboard's cursor.
export const sketch = { box: null, stroke: null, erasing: false, brush: null, cursor: null, corners: null, hot: -1 };

export function attach(baseCanvas, topCanvas) {
  base = baseCanvas;
  top = topCanvas;
}

export function resize(width, height) {
  const ratio = devicePixelRatio || 1;
  view.width = width;
  view.height = height;
  for (const canvas of [base, top]) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  redraw(3);
}

// The last complete picture and the view it was drawn for. While the view moves over much, it is moved along, and drawn anew when the view rests.
let still = null, resting = 0;

export function moved() {
  const much = store.image && (store.image.width * store.image.height > 4e6 || store.doc.objects.length > 30);
  if (!much || !still) return redraw(3);
  clearTimeout(resting);
  resting = setTimeout(() => redraw(3), 90);
  redraw(4 | 2);
}

// 1: what is finished, 2: what moves, 3: both, 4: what is finished, moved along.
export function redraw(what) {
  if (!pending) requestAnimationFrame(draw);
  pending |= what;
}

export const timings = { frames: 0, total: 0, worst: 0 };

function draw() {
  const what = pending, start = performance.now();
  pending = 0;
  if (what & 1) drawBase();
  else if (what & 4) moveBase();
  if (what & 2) drawTop();
  const time = performance.now() - start;
  timings.frames++;
  timings.total += time;
  timings.worst = Math.max(timings.worst, time);
}

function begin(canvas) {
  const c = canvas.getContext("2d"), ratio = devicePixelRatio || 1;
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.clearRect(0, 0, canvas.width, canvas.height);
  c.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.x * ratio, view.y * ratio);
  return c;
}

function drawBase() {
  const c = begin(base), { image, doc } = store;
  still = null;
  if (!image?.bitmap) return;
  c.imageSmoothingEnabled = view.scale < 4;
  c.imageSmoothingQuality = "medium"; // small copies are there for what is far away
  c.drawImage(levelFor(image), 0, 0, image.width, image.height);
  const solo = doc.objects.find(o => o.solo && !o.hidden);
  for (const word of doc.words)
    if (word.visible && !solo) word.masks.forEach((m, i) => paint(c, m.mask, word.color, i, false));
  doc.objects.forEach((o, i) => {
    if (o.hidden || solo && !o.solo) return;
    paint(c, o.mask, o.color, i, doc.selection.includes(o.id));
  });
  still = { view: { ...view }, copy: null };
}

function moveBase() {
  if (!still.copy) {
    still.copy = new OffscreenCanvas(base.width, base.height);
    still.copy.getContext("2d").drawImage(base, 0, 0);
  }
  const c = begin(base), ratio = devicePixelRatio || 1, from = still.view, k = view.scale / from.scale;
  c.drawImage(pyramid.levels.at(-1), 0, 0, store.image.width, store.image.height); // what comes in from the sides
  c.setTransform(k, 0, 0, k, (view.x - from.x * k) * ratio, (view.y - from.y * k) * ratio);
  c.drawImage(still.copy, 0, 0);
}

// Small copies of a large image, halved again and again: far away, few pixels are read.
function levelFor(image) {
  if (pyramid.of !== image.bitmap) {
    pyramid = { of: image.bitmap, levels: [image.bitmap] };
    for (let last = image.bitmap; Math.max(last.width, last.height) > 1024;) {
      const half = new OffscreenCanvas(Math.ceil(last.width / 2), Math.ceil(last.height / 2));
      half.getContext("2d").drawImage(last, 0, 0, half.width, half.height);
      pyramid.levels.push(last = half);
    }
  }
  const wanted = image.width * view.scale * (devicePixelRatio || 1);
  let level = pyramid.levels[0];
  for (const one of pyramid.levels) if (one.width >= wanted) level = one;
  return level;
}

const line = width => width / view.scale;
const onScreen = box => box.x * view.scale + view.x < view.width && (box.x + box.width) * view.scale + view.x > 0
  && box.y * view.scale + view.y < view.height && (box.y + box.height) * view.scale + view.y > 0;

function paint(c, mask, color, index, strong, alpha = 1) {
  if (mask.isEmpty || !onScreen(mask.bounds)) return;
  const path = pathFor(mask, view.scale);
  c.globalAlpha = alpha * (strong ? 0.5 : store.doc.objects.length > 12 ? 0.2 : 0.34); // many lie on each other
  c.fillStyle = color;
  c.fill(path, "evenodd");
  if (settings.patterns) {
    const fill = pattern(c, color, index);
    fill.setTransform(new DOMMatrix().scale(1 / view.scale));
    c.globalAlpha = alpha * 0.85;
    c.fillStyle = fill;
    c.fill(path, "evenodd");
  }
  c.globalAlpha = alpha;
  c.lineJoin = "round";
  if (strong) {
    c.lineWidth = line(5);
    c.strokeStyle = "#fff";
    c.stroke(path);
  }
  c.lineWidth = line(strong ? 2.5 : 1.5);
  c.strokeStyle = color;
  c.stroke(path);
  c.globalAlpha = 1;
}

function drawTop() {
  const c = begin(top), { image, doc, hover } = store;
  if (!image) return;
  const accent = settings.accent;
  if (doc.region) shadeOutside(c, doc.region, image);
  drawCandidates(c, doc, accent);
  if (hover && !hover.isEmpty) {
    const path = pathFor(hover, view.scale);
    c.globalAlpha = 0.22;
    c.fillStyle = accent;
    c.fill(path, "evenodd");
    c.globalAlpha = 1;
    haloed(c, path, accent, [line(5), line(4)]);
  }
  if (doc.prompt.box) boxLine(c, doc.prompt.box, accent);
  if (sketch.box) boxLine(c, sketch.box, sketch.box.region ? "#fff" : accent, [line(6), line(4)]);
  if (sketch.stroke) drawStroke(c, accent);
  if (sketch.corners) drawCorners(c, accent);
  doc.prompt.points.forEach((p, i) => dot(c, p, i === sketch.hot));
  if (sketch.brush) ring(c, sketch.brush.x, sketch.brush.y, store.brush / 2);
  if (sketch.cursor) cross(c, sketch.cursor);
}

// Between two stops of the slider both levels show, the nearer one more.
function drawCandidates(c, doc, accent) {
  const nearest = chosen(doc);
  if (!nearest) return;
  for (const one of doc.candidates) {
    const away = Math.abs((one.levelIndex ?? 3) - doc.level);
    if (one !== nearest && away < 1) {
      c.globalAlpha = 0.8 * (1 - away);
      c.setLineDash([line(4), line(4)]);
      c.lineWidth = line(1.5);
      c.strokeStyle = accent;
      c.stroke(pathFor(one.mask, view.scale));
      c.setLineDash([]);
      c.globalAlpha = 1;
    }
  }
  paint(c, nearest.mask, accent, 0, true);
}

function haloed(c, path, color, dash = []) {
  c.lineWidth = line(3.5);
  c.strokeStyle = "rgba(255,255,255,.85)";
  c.stroke(path);
  c.setLineDash(dash);
  c.lineWidth = line(1.75);
  c.strokeStyle = color;
  c.stroke(path);
  c.setLineDash([]);
}

function boxLine(c, box, color, dash) {
  const path = new Path2D();
  path.rect(box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1);
  haloed(c, path, color, dash);
}

function shadeOutside(c, [x1, y1, x2, y2], image) {
  const path = new Path2D();
  path.rect(0, 0, image.width, image.height);
  path.rect(x1, y1, x2 - x1, y2 - y1);
  c.fillStyle = "rgba(0,0,0,.45)";
  c.fill(path, "evenodd");
  boxLine(c, { x1, y1, x2, y2 }, "#fff", [line(6), line(4)]);
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

function drawStroke(c, accent) {
  c.beginPath();
  sketch.stroke.forEach((p, i) => i ? c.lineTo(p.x, p.y) : c.moveTo(p.x, p.y));
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
  if (!sketch.lasso && sketch.stroke.length === 1) c.lineTo(sketch.stroke[0].x + 0.01, sketch.stroke[0].y);
  c.stroke();
  c.globalAlpha = 1;
}

function drawCorners(c, accent) {
  haloed(c, pathOf(sketch.corners.rings), accent);
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
