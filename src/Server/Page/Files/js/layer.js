// A layer of the picture: pixels that a worker drew for one view, moved along with the view until those for the next one are there. So moving costs the
// page next to nothing, whatever there is to draw.
import { view } from "./view.js";

const numbers = new WeakMap();
let lastNumber = 0;

// Masks never change, so a number stands for one where it has been sent before.
function numberOf(mask) {
  if (!numbers.has(mask)) numbers.set(mask, ++lastNumber);
  return numbers.get(mask);
}

const quick = 10; // milliseconds that a drawing may take to be made anew in each frame
const rest = 90; // milliseconds after which a view that has not moved counts as one that rests

export class Layer {
  #worker = new Worker(new URL("./painter.js", import.meta.url), { type: "module" });
  #canvas;
  #whole; // the canvas of the whole picture at a small size, below; null for layers without one
  #size = null; // of the picture
  #empty = true; // there is nothing to be seen
  #serial = 0; // of what was sent last
  #since = 0; // the first drawing of what is there now: what was there before it may no longer be shown
  #waiting = null; // what is to be sent when the worker has answered: { image, scene, look }
  #busy = false; // the worker draws
  #opening = null; // the picture that is being made ready for the worker
  #known = new Set();
  #unsent = []; // who waits for a scene that is still to be sent
  #sent = []; // who waits for the one that is being drawn
  #drawn = null; // the view of the pixels that show
  #drawnWhole = null;
  #cost = 0;
  #timer = 0;

  // `failed` is told when the worker cannot be run.
  constructor(canvas, whole, failed) {
    this.#canvas = canvas;
    this.#whole = whole;
    this.#worker.onmessage = e => this.#arrived(e.data);
    this.#worker.onerror = e => failed(e.message);
  }

  // Nothing to draw, nothing on the way.
  get isSettled() {
    return !this.#busy && !this.#opening && !this.#waiting && !this.#timer;
  }

  // Another picture, or none; with it everything that lay on the last one is gone.
  async picture(bitmap) {
    this.clear();
    this.#known.clear();
    this.#size = bitmap && { width: bitmap.width, height: bitmap.height };
    const mine = this.#opening = bitmap && createImageBitmap(bitmap); // the same pixels, to be given away
    const image = await mine;
    if (this.#opening !== mine) return image?.close();
    this.#opening = null;
    this.#empty = !image;
    this.#send({ image });
  }

  // Another scene: { items: [{ mask, color, index, look, alpha }], faint, patterns }. The promise is kept when it shows, or can no longer.
  scene(scene) {
    if (!scene.items.length && !this.#size) {
      this.clear();
      return Promise.resolve();
    }
    this.#empty = false;
    const shown = new Promise(resolve => this.#unsent.push(resolve));
    this.#send({ scene });
    return shown;
  }

  // The view has moved: the pixels go with it, and are drawn anew at once where that is quick or they no longer fit, else when the view rests.
  moved() {
    this.place();
    if (!this.#drawn) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    const k = view.scale / this.#drawn.scale;
    if (this.#cost <= quick || k > 1.6 || k < 0.6 || !this.#covers()) this.#send({ look: true });
    else this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#send({ look: true });
    }, rest);
  }

  // Shows nothing, now.
  clear() {
    this.#since = this.#serial + 1;
    this.#waiting = null;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#drawn = this.#drawnWhole = null;
    this.#canvas.hidden = true;
    if (this.#whole) this.#whole.hidden = true;
    this.#tell(this.#unsent, this.#sent);
  }

  #send(what) {
    this.#waiting = { ...this.#waiting, ...what };
    if (this.#busy || this.#opening) return;
    const { image, scene } = this.#waiting;
    this.#waiting = null;
    this.#busy = true;
    if (scene) this.#sent.push(...this.#unsent.splice(0));
    const now = { ...view, ratio: devicePixelRatio || 1 };
    const order = { serial: ++this.#serial, view: now, image, scene: scene && this.#numbered(scene), whole: scene && this.#whole && this.#size };
    this.#worker.postMessage(order, image ? [image] : []);
  }

  #numbered({ items, ...how }) {
    const fresh = [], all = new Set();
    for (const { mask } of items) {
      const id = numberOf(mask);
      if (!this.#known.has(id) && !all.has(id)) fresh.push({ id, width: mask.width, height: mask.height, runs: mask.runs });
      all.add(id);
    }
    this.#known = all;
    return { ...how, fresh, items: items.map(item => ({ ...item, mask: numberOf(item.mask) })) };
  }

  #arrived({ serial, view: from, bitmap, whole, cost }) {
    if (serial < this.#since || this.#empty) (bitmap ?? whole).close();
    else if (whole) {
      show(this.#whole, whole, from);
      this.#drawnWhole = from;
      this.place();
    } else {
      show(this.#canvas, bitmap, from);
      this.#drawn = from;
      this.#cost = cost;
      this.place();
    }
    if (whole) return;
    this.#busy = false;
    this.#tell(this.#sent);
    if (this.#waiting) this.#send({});
  }

  #tell(...lists) {
    for (const list of lists) for (const resolve of list.splice(0)) resolve();
  }

  place() {
    if (this.#drawn) move(this.#canvas, this.#drawn);
    if (!this.#whole) return;
    const needed = this.#drawnWhole && !this.#covers();
    if (this.#whole.hidden === Boolean(needed)) this.#whole.hidden = !needed;
    if (needed) move(this.#whole, this.#drawnWhole);
  }

  // Whether the pixels reach as far as the screen shows the picture.
  #covers() {
    if (!this.#drawn || !this.#size) return true;
    const k = view.scale / this.#drawn.scale, x = view.x - this.#drawn.x * k, y = view.y - this.#drawn.y * k, slack = 1;
    return x <= Math.max(0, view.x) + slack && y <= Math.max(0, view.y) + slack
      && x + this.#drawn.width * k >= Math.min(view.width, view.x + this.#size.width * view.scale) - slack
      && y + this.#drawn.height * k >= Math.min(view.height, view.y + this.#size.height * view.scale) - slack;
  }
}

function show(canvas, bitmap, { ratio }) {
  const width = `${bitmap.width / ratio}px`, height = `${bitmap.height / ratio}px`;
  if (canvas.style.width !== width) canvas.style.width = width;
  if (canvas.style.height !== height) canvas.style.height = height;
  canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
  canvas.hidden = false;
}

// Has pixels that were drawn for one view lie where the view is now.
function move(canvas, from) {
  const k = view.scale / from.scale;
  const still = k === 1 && view.x === from.x && view.y === from.y;
  canvas.style.transform = still ? "none" : `translate(${view.x - from.x * k}px, ${view.y - from.y * k}px) scale(${k})`;
}
