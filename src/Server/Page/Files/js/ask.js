// Asks the model: previews under the pointer, prompts, words, parts, wholes, everything.
import { ask, known, stream, upload } from "./api.js";
import { Mask } from "./mask.js";
import { store, amend, changed, chosen, commit, emptyPrompt, levelFor, set } from "./store.js";
import { counted, say, toast } from "./tell.js";
import { colorAt } from "./colors.js";

let hovering = null, waiting = null, asking = null, serial = 0, answering = Promise.resolve();
export const timing = { hover: [], click: [] };

const body = more => ({ image: { id: store.image.id }, ...(store.doc.region ? { region: store.doc.region } : {}), ...more });

// An annotation of the server as the page keeps it.
export const read = a => ({
  mask: Mask.parse(a.segmentation), level: a.level, levelIndex: a.level_index, score: a.predicted_iou, parent: a.parent, logits: a.logits ?? null,
  label: a.part?.label ?? a.whole?.label ?? null, whole: a.whole?.label ?? null,
});

const gone = () => new DOMException("another picture is open", "AbortError");

// What is at work belongs to the picture that is open: another one ends it.
const running = new Set();
export function leave(but) {
  clearPreview();
  asking?.abort();
  for (const stop of running) if (stop.signal !== but) stop.abort(gone());
}

// Asks again where the server has forgotten the image, which it may, and what was found in it before: the image is sent anew, and clicks speak for themselves.
async function answered(path, more, signal) {
  const { image } = store;
  for (let tries = 0; ; tries++) {
    try {
      const answer = await ask(path, body(more), signal);
      if (store.image !== image) throw gone();
      return answer;
    } catch (error) {
      if (store.image !== image) throw gone();
      if (tries < 2 && error.code === "image_unknown" && image.blob) image.id = (await upload(image.blob, () => {}, signal)).id;
      else if (tries < 2 && error.code === "logits_unknown") for (const prompt of more.prompts ?? []) delete prompt.logits;
      else throw error;
    }
  }
}

// `again` asks once more, where that can help.
export function failed(error, again) {
  if (error.name === "AbortError") return;
  if (error.status === 429) toast(`The server is busy; it asks to wait ${error.retryAfter || 1} s.`, "Try again", again);
  else if (error.code === "unreachable" || error.code === "stopping") toast(error.message, "Try again", again);
  else if (error.status === 401) toast("This server asks for a key.", "Enter it", again);
  else toast(error.message);
}

const level = () => Math.round(store.doc.level);

const inRegion = (x, y) => {
  const r = store.doc.region;
  return !r || x >= r[0] && y >= r[1] && x <= r[2] && y <= r[3];
};

// What lies under the pointer, shown before anything is clicked. One question at a time; only the newest place counts.
export function preview(x, y) {
  waiting = store.image?.ready && inRegion(x, y) ? { x, y } : null;
  if (!waiting) clearPreview();
  else if (!hovering) nextPreview();
}

async function nextPreview() {
  while (waiting) {
    const place = waiting, own = hovering = new AbortController(), start = performance.now();
    waiting = null;
    try {
      const levels = store.model?.levels.length && !store.doc.best ? [nearestLevel(level())] : undefined;
      const answer = await answered("/segment", { prompts: [{ points: [[place.x, place.y]] }], levels, masks: "single", vocabulary: [] }, own.signal);
      if (own.signal.aborted) break;
      timing.hover.push(performance.now() - start);
      const masks = answer.annotations.map(read);
      store.hoverLevel = masks[0]?.level ?? null;
      set("hover", masks[0]?.mask ?? null);
    } catch (error) {
      if (error.name !== "AbortError" && error.status !== 429) failed(error);
      if (error.status === 429) await new Promise(resume => setTimeout(resume, 1000));
    } finally {
      if (hovering === own) hovering = null;
    }
  }
}

export function clearPreview() {
  waiting = null;
  hovering?.abort();
  hovering = null;
  if (store.hover) set("hover", null);
}

const nearestLevel = wanted => {
  const names = ["scene", "group", "whole", "part", "subpart", "detail"];
  return [...store.model.levels].sort((a, b) => Math.abs(names.indexOf(a) + 1 - wanted) - Math.abs(names.indexOf(b) + 1 - wanted))[0];
};

// Whether the picture can be asked about; where not, what is asked waits for it.
function isHere() {
  if (store.image && !store.image.ready) say("The picture is not there yet; it is asked as soon as it is.");
  return Boolean(store.image?.ready);
}

// Asks what is still to be answered: after an undo, and when a picture has arrived.
export function resume() {
  if (!store.doc.candidates.length) refresh();
  for (const word of store.doc.words) if (!word.asked && !lookedFor.has(word.text)) askWord(word.text);
}

const isPlaced = prompt => prompt.points.some(p => p.positive) || prompt.box;

export const toRequest = prompt => ({
  ...(prompt.points.length ? { points: prompt.points.map(p => [p.x, p.y, p.positive ? 1 : 0]) } : {}),
  ...(prompt.box ? { box: [prompt.box.x1, prompt.box.y1, prompt.box.x2, prompt.box.y2] } : {}),
});

// A new prompt, and its answer.
export function prompt(label, next, wait = false) {
  clearPreview();
  const from = chosen();
  commit(label, { prompt: next, candidates: isPlaced(next) ? store.doc.candidates : [] });
  return wait ? Promise.resolve() : refresh(from);
}

// Asks what the prompt of the document finds. An older answer that comes later is dropped.
export const refresh = (from = null) => answering = answer(from);

async function answer(from) {
  asking?.abort();
  const { doc } = store, own = asking = new AbortController(), mine = ++serial, start = performance.now();
  if (!isPlaced(doc.prompt) || !isHere()) return;
  try {
    const question = toRequest(doc.prompt);
    // Several clicks refine what the clicks before gave, where the model can go on from it.
    if (from?.logits && doc.prompt.points.length > 1) question.logits = from.logits;
    const answer = await answered("/segment", { prompts: [question] }, own.signal);
    if (mine !== serial || store.doc.prompt !== doc.prompt) return; // undone, cleared or finished in the meantime
    timing.click.push(performance.now() - start);
    const candidates = answer.annotations.map(read).filter(c => !c.mask.isEmpty).sort((a, b) => (a.levelIndex ?? 3) - (b.levelIndex ?? 3));
    amend({ candidates, level: levelFor(store.doc, candidates) });
    tellMask(chosen());
  } catch (error) {
    failed(error, () => refresh(from));
  }
}

export function tellMask(one) {
  if (!one) return say("Nothing found here.");
  const percent = 100 * one.mask.area / (store.image.width * store.image.height);
  const size = `${percent.toFixed(percent < 1 ? 1 : 0)} % of the picture`, score = one.score !== null && `score ${one.score.toFixed(2)}`;
  say(`${[`${one.label ?? "Mask"} found`, size, score, one.level && `level ${one.level}`].filter(Boolean).join(", ")}.`);
}

let nextId = 1;
export const newId = () => {
  nextId = Math.max(nextId, ...store.doc.objects.map(o => o.id + 1), 1);
  return nextId++;
};

// Objects without a name share a class in what is exported; in the list their number tells them apart.
export const titleOf = o => o.name === "object" ? `object ${o.id}` : o.name;

export const objectOf = (one, more = {}) => {
  const id = newId();
  const state = { hidden: false, locked: false, group: null, parent: null };
  return { id, name: one.label ?? "object", color: colorAt(id - 1), mask: one.mask, level: one.level ?? null, score: one.score ?? null, ...state, ...more };
};

// The mask that is shown becomes an object, or the one that is still being asked for.
export async function finish() {
  if (!chosen()) await answering;
  const one = chosen();
  if (!one) return say("There is no mask to finish. Click on something first.");
  const object = objectOf(one);
  commit("finish", { objects: [...store.doc.objects, object], prompt: emptyPrompt(), candidates: [], selection: [object.id] });
  say(`${titleOf(object)} is finished; ${counted(store.doc.objects.length, "object")}.`);
}

// The place that parts and wholes are asked of: the prompt, or the selected object.
function place() {
  if (isPlaced(store.doc.prompt)) return toRequest(store.doc.prompt);
  const object = store.doc.objects.find(o => store.doc.selection.includes(o.id));
  return object ? { mask: object.mask.toJSON() } : null;
}

// Whether there is anything whose parts could be asked for.
export const hasPlace = () => Boolean(store.image?.ready && place());

export async function relatives(kind) {
  const where = place();
  if (!where) return toast(`Click on something first, then ask for the ${kind === "parts" ? "parts of this" : "whole of this"}.`);
  if (!isHere()) return;
  await working(kind === "parts" ? "Looking for parts" : "Looking for the whole", async signal => {
    const answer = await answered(`/${kind}`, { prompt: where }, signal);
    addTree(answer.annotations, kind);
  });
}

// Objects of annotations, their parents among them.
function addTree(annotations, label) {
  const masks = annotations.map(read), ids = new Map();
  const objects = masks.map((m, i) => {
    const object = objectOf(m);
    ids.set(annotations[i].id, object.id);
    return object;
  }).filter(o => !o.mask.isEmpty);
  objects.forEach((o, i) => o.parent = ids.get(masks[i].parent) ?? null);
  const fresh = objects.filter(o => !store.doc.objects.some(old => old.mask.iou(o.mask) > 0.97));
  for (const o of fresh) if (!fresh.some(p => p.id === o.parent)) o.parent = null;
  commit(label, { objects: [...store.doc.objects, ...fresh], prompt: emptyPrompt(), candidates: [], selection: fresh.slice(0, 1).map(o => o.id) });
  say(`${counted(fresh.length, "mask")} found.`);
  if (!fresh.length) toast("Nothing new was found.");
}

export async function everything(levels) {
  if (!store.image?.ready) return toast("Open a picture first.");
  await working("Segmenting everything", async signal => {
    let found = 0;
    for await (const event of everythingEvents(levels, signal)) {
      if (event.event === "progress") {
        found += event.candidates.length;
        progress(`Everything: ${counted(found, "candidate")}`, event.share);
      } else if (event.event === "done") addTree(event.annotations, "everything");
    }
  });
}

async function* everythingEvents(levels, signal) {
  const { image } = store;
  if (!await known(image.id) && image.blob) image.id = (await upload(image.blob, () => {}, signal)).id;
  for await (const event of stream("/everything", body({ levels }), signal)) {
    if (store.image !== image) throw gone();
    yield event;
  }
}

// Words: each is asked by itself, so that each has its own threshold and count.
export async function addWord(text) {
  text = text.trim();
  if (!text) return;
  if (!store.image) return toast("Open a picture first; words are looked for in it.");
  if (!store.model) return toast("The model is still being loaded. Try again in a moment.");
  if (store.doc.words.some(w => w.text === text)) return say(`${text} is there already.`);
  if (!store.model.answers_names) return toast("This model cannot be asked by words; start the server with one that can.");
  const word = { text, color: colorAt(store.doc.words.length + 3), visible: true, threshold: null, masks: [], asked: false };
  commit("word", { words: [...store.doc.words, word] });
  await askWord(text);
}

const lookedFor = new Set();

export async function askWord(text) {
  const word = store.doc.words.find(w => w.text === text);
  if (!word || !isHere()) return;
  lookedFor.add(text);
  const found = (masks, notice) => {
    amend({ words: store.doc.words.map(w => w.text === text ? { ...w, masks, notice, asked: true } : w) });
    say(`${text}: ${masks.length} found.${notice ? ` ${notice}` : ""}`);
  };
  await working(`Looking for ${text}`, async signal => {
    let answer;
    try {
      answer = await answered("/segment", { prompts: [{ names: [text] }], ...(word.threshold === null ? {} : { presence_threshold: word.threshold }) }, signal);
    } catch (error) {
      if (!error.code?.startsWith("prompt_")) throw error;
      return found([], error.message); // a word that the model does not know is not there, and the chip says why
    }
    const masks = answer.annotations.map(read).filter(m => !m.mask.isEmpty);
    const notice = answer.names?.map(n => n.notice).filter(Boolean).join("; ") || null;
    found(masks, notice);
  });
  lookedFor.delete(text);
}

// "Find all like this": by the name of what is there; with the other button, takes what is there out of the words' finds.
export async function likeThis(x, y, positive) {
  if (!positive) {
    const words = store.doc.words.map(w => ({ ...w, masks: w.masks.filter(m => !m.mask.contains(x, y)) }));
    const gone = store.doc.words.reduce((n, w, i) => n + w.masks.length - words[i].masks.length, 0);
    if (gone) commit("not like this", { words });
    return say(gone ? `${gone} taken out.` : "No find of a word lies here.");
  }
  if (!isHere()) return;
  await working("Looking at what this is", async signal => {
    const answer = await answered("/segment", { prompts: [{ points: [[x, y]] }], masks: "single" }, signal);
    const one = answer.annotations.map(read).find(m => m.label);
    if (!one) return toast("The model has no name for what is here, so it cannot look for more of it.");
    await addWord(one.label);
  });
}

export function keepWord(text) {
  const word = store.doc.words.find(w => w.text === text);
  if (!word?.masks.length) return;
  const objects = word.masks.map(m => objectOf({ ...m, label: m.label ?? text }, { color: word.color, group: text }));
  commit("keep word", { objects: [...store.doc.objects, ...objects], words: store.doc.words.filter(w => w.text !== text), selection: objects.map(o => o.id) });
  say(`${counted(objects.length, "object")} made of ${text}.`);
}

// ---- what takes time shows that it does, and can be stopped

export function progress(text, share) {
  store.busy = { ...store.busy, text, share };
  changed("busy");
}

export async function working(text, run) {
  const stop = new AbortController();
  running.add(stop);
  const slow = setTimeout(() => store.busy?.stop === stop && progress(`${text} — the server takes its time`, store.busy.share), 8000);
  set("busy", { text, share: null, stop });
  try {
    await run(stop.signal);
  } catch (error) {
    failed(error, () => working(text, run));
  } finally {
    running.delete(stop);
    clearTimeout(slow);
    if (store.busy?.stop === stop) set("busy", null);
  }
}
