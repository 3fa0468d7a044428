// A worker that draws one layer of the page: a picture perhaps, and masks on it. It is told what there is to see and from where, and answers with pixels;
// the page itself never waits for it.
import { Mask } from "./mask.js";
import { begin } from "./lines.js";
import { paint } from "./paint.js";

const small = 1024; // the side of the picture that stands for all of it while a part is drawn
const canvas = new OffscreenCanvas(1, 1);
let copies = [], masks = new Map(), scene = { items: [] };
let owed = null, later = 0; // the whole picture that is still to be drawn, and when

onmessage = ({ data }) => {
  clearTimeout(later);
  if (data.image !== undefined) open(data.image);
  if (data.scene) take(data.scene);
  const start = performance.now(), bitmap = draw(data.view);
  postMessage({ serial: data.serial, view: data.view, bitmap, cost: performance.now() - start }, [bitmap]);
  if (data.whole) owed = { serial: data.serial, ...data.whole };
  if (owed) later = setTimeout(drawWhole, 30); // unless there is something else to draw first
};

function open(image) {
  copies = image ? shrunk(image) : [];
  scene = { items: [] };
  masks.clear();
  owed = null;
}

// The new masks are sent, those that stay are known by their numbers.
function take({ items, fresh, ...how }) {
  for (const { id, width, height, runs } of fresh) masks.set(id, new Mask(width, height, runs));
  scene = { ...how, items: items.map(item => ({ ...item, mask: masks.get(item.mask) })) };
  masks = new Map(items.map(item => [item.mask, masks.get(item.mask)]));
}

// Copies of a large picture, halved again and again: far away, few pixels are read.
function shrunk(bitmap) {
  const all = [bitmap];
  for (let last = bitmap; Math.max(last.width, last.height) > small;) {
    const half = new OffscreenCanvas(Math.ceil(last.width / 2), Math.ceil(last.height / 2));
    half.getContext("2d").drawImage(last, 0, 0, half.width, half.height);
    all.push(last = half);
  }
  return all;
}

function draw(view) {
  const width = Math.max(1, Math.round(view.width * view.ratio)), height = Math.max(1, Math.round(view.height * view.ratio));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const c = begin(canvas, view);
  if (copies.length) {
    const [full] = copies, wanted = full.width * view.scale * view.ratio;
    c.imageSmoothingEnabled = view.scale < 4;
    c.imageSmoothingQuality = "medium";
    c.drawImage(copies.findLast(copy => copy.width >= wanted) ?? full, 0, 0, full.width, full.height);
  }
  for (const item of scene.items) paint(c, item, view, scene);
  return canvas.transferToImageBitmap();
}

// The whole picture at a small size: what comes in from the sides before it is drawn properly.
function drawWhole() {
  const { serial, width, height } = owed;
  owed = null;
  const scale = Math.min(1, small / Math.max(width, height));
  const view = { scale, x: 0, y: 0, width: width * scale, height: height * scale, ratio: 1 }, whole = draw(view);
  postMessage({ serial, view, whole }, [whole]);
}
