// Draws: workers paint the picture with what is finished, and what is asked for or previewed; above them lies what moves with the pointer.
import { store, chosen } from "./store.js";
import { view } from "./view.js";
import { Layer } from "./layer.js";
import { drawMarks, sketch } from "./marks.js";
import { settings } from "./settings.js";

export const MARKS = 1, VIEW = 2, SCENE = 4;
export const timings = { frames: 0, total: 0, worst: 0 };

let finished, live, marks, pending = 0, asked = false, picture = null, painted = [];

export function attach({ whole, base, asking, top }, failed) {
  finished = new Layer(base, whole, failed);
  live = new Layer(asking, null, failed);
  marks = top;
}

export function resize(width, height) {
  const ratio = devicePixelRatio || 1;
  Object.assign(view, { width, height });
  Object.assign(marks, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  redraw(VIEW);
}

// In the next frame; but what workers draw is handed to them as soon as this piece of work ends, so that they have it when the frame comes.
export function redraw(what) {
  if (what & SCENE & ~pending) queueMicrotask(handOver);
  pending |= what;
  if (!asked) requestAnimationFrame(draw);
  asked = true;
}

function handOver() {
  if (!(pending & SCENE)) return;
  pending &= ~SCENE;
  timed(showScene);
}

// In this frame, for those who are called once a frame.
export function draw() {
  asked = false;
  if (!pending) return;
  const what = pending;
  pending = 0;
  timings.frames++;
  timed(() => {
    if (what & SCENE) showScene();
    if (what & VIEW) {
      finished.moved();
      live.moved();
    }
    drawMarks(marks);
  });
}

function timed(work) {
  const start = performance.now();
  work();
  const time = performance.now() - start;
  timings.total += time;
  timings.worst = Math.max(timings.worst, time);
}

// Whether all that is to be seen is on the screen.
export const isSettled = () => !pending && finished.isSettled && live.isSettled;

function showScene() {
  const { image, doc } = store, { patterns } = settings, bitmap = image?.bitmap ?? null;
  if (bitmap !== picture) {
    finished.picture(bitmap);
    live.clear();
    painted = [];
  }
  picture = bitmap;
  if (!bitmap) return;
  const now = [doc.objects, doc.words, doc.selection, patterns];
  if (now.every((value, i) => value === painted[i])) return showLive(); // most changes are not of what is finished
  painted = now;
  // What was asked for stays until it shows as finished.
  finished.scene({ items: objects(doc), faint: doc.objects.length > 12, patterns }).then(showLive); // many lie on each other
}

async function showLive() {
  const { doc, hover } = store, { accent, patterns } = settings, { drying } = sketch;
  await live.scene({ items: [...candidates(doc, accent), ...hover ? [{ mask: hover, color: accent, index: 0, look: "preview" }] : []], patterns });
  if (drying && drying === sketch.drying) sketch.drying = null;
  redraw(MARKS);
}

function objects({ words, objects, selection }) {
  const solo = objects.find(o => o.solo && !o.hidden);
  const found = solo ? [] : words.filter(w => w.visible).flatMap(w => w.masks.map(({ mask }, index) => ({ mask, color: w.color, index, look: "plain" })));
  const shown = objects.map((o, index) => ({ ...o, index })).filter(o => !o.hidden && (!solo || o.solo));
  return [...found, ...shown.map(({ id, mask, color, index }) => ({ mask, color, index, look: selection.includes(id) ? "strong" : "plain" }))];
}

// Between two stops of the slider both levels show, the nearer one more.
function candidates(doc, color) {
  const nearest = chosen(doc);
  if (!nearest) return [];
  const away = one => Math.abs((one.levelIndex ?? 3) - doc.level), others = doc.candidates.filter(one => one !== nearest && away(one) < 1);
  const ghosts = others.map(one => ({ mask: one.mask, color, index: 0, look: "ghost", alpha: 0.8 * (1 - away(one)) }));
  return [...ghosts, { mask: nearest.mask, color, index: 0, look: "strong" }];
}
