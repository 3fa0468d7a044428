// What a person has made: prompts, words, objects. Every change is a new document, so undo and redo are a list of documents.
import { Mask } from "./mask.js";

const listeners = new Set();
let past = [], future = [];

export const emptyPrompt = () => ({ points: [], box: null });

export const emptyDocument = () => ({
  prompt: emptyPrompt(), // what is being asked now
  candidates: [], // one mask a level that answered it
  level: 3, // the slider, 1 to 6, with fractions
  best: true, // whether the slider goes to the level of the highest score, until somebody moves it
  words: [], // chips: { text, color, visible, threshold, masks }
  objects: [], // finished: { id, name, color, mask, level, score, hidden, locked, group, parent }
  selection: [], // ids of objects
  region: null, // [x1, y1, x2, y2]: only this part is looked at
});

export const store = {
  image: null, // { id, name, width, height, blob, bitmap }
  model: null,
  doc: emptyDocument(),
  tool: "smart",
  brush: 24,
  pointer: null, // where the pointer, or the keyboard's cursor, is in the image
  hover: null, // a mask that is not there yet, and
  hoverLevel: null, // its level
  busy: null, // { text, share, cancel }
  tolerance: 1,
};

export function subscribe(listener) {
  listeners.add(listener);
}

// Tells everyone that something changed: "doc", "image", "tool", "hover", "busy", "view".
export function changed(what) {
  for (const listener of listeners) listener(what);
}

// A change that can be undone.
export function commit(label, patch) {
  past.push({ label, doc: store.doc });
  if (past.length > 300) past.shift();
  future = [];
  store.doc = { ...store.doc, ...patch };
  changed("doc");
}

// A change that follows from one that can be undone (an answer to a prompt), and goes with it.
export function amend(patch) {
  store.doc = { ...store.doc, ...patch };
  changed("doc");
}

export const canUndo = () => past.length > 0;
export const canRedo = () => future.length > 0;

export function undo() {
  if (!past.length) return null;
  const { label, doc } = past.pop();
  future.push({ label, doc: store.doc });
  store.doc = doc;
  store.hover = null;
  changed("doc");
  return label;
}

export function redo() {
  if (!future.length) return null;
  const { label, doc } = future.pop();
  past.push({ label, doc: store.doc });
  store.doc = doc;
  store.hover = null;
  changed("doc");
  return label;
}

export function reset(doc = emptyDocument()) {
  past = [];
  future = [];
  store.doc = doc;
  store.hover = null;
  changed("doc");
}

export const set = (name, value) => {
  store[name] = value;
  changed(name);
};

// The candidate nearest to the slider.
export function chosen(doc = store.doc) {
  let best = null;
  for (const c of doc.candidates)
    if (!best || Math.abs((c.levelIndex ?? 3) - doc.level) < Math.abs((best.levelIndex ?? 3) - doc.level)) best = c;
  return best;
}

// Where the slider goes with masks that have just come.
export function levelFor(doc, candidates) {
  const sure = doc.best ? candidates.filter(c => c.levelIndex && c.score !== null) : [];
  return sure.length ? sure.reduce((a, b) => b.score > a.score ? b : a).levelIndex : doc.level;
}

export const selected = () => store.doc.objects.filter(o => store.doc.selection.includes(o.id));

// Documents as JSON and back; masks are run lengths.
export const toText = doc => JSON.stringify(doc);
export const fromText = text => JSON.parse(text, (key, value) => key === "mask" && value?.counts !== undefined ? Mask.parse(value) : value);

// ---- kept over a reload: the image and the document of each tab, in one transaction

// A tab has its own name for as long as it is open; a copy of a tab begins with the same.
const tab = (() => {
  try {
    const name = sessionStorage.getItem("semsam-tab") ?? String(Math.random()).slice(2);
    sessionStorage.setItem("semsam-tab", name);
    return name;
  } catch {
    return "only";
  }
})();
const others = 3; // tabs beside this one that are kept: those that were changed last

const open = () => new Promise((resolve, reject) => {
  const call = indexedDB.open("semsam", 2);
  call.onupgradeneeded = () => {
    const { result } = call;
    for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name); // there was one for all tabs
    for (const name of ["images", "documents"]) result.createObjectStore(name);
  };
  call.onsuccess = () => resolve(call.result);
  call.onerror = () => reject(call.error);
  call.onblocked = () => reject(new Error("an older page is open in another tab"));
});

const done = call => new Promise((resolve, reject) => {
  call.onsuccess = () => resolve(call.result);
  call.onerror = () => reject(call.error);
});

let timer = 0;

export function saveSoon() {
  clearTimeout(timer);
  timer = setTimeout(save, 300);
}

// A page that has not got as far as its picture keeps nothing, and takes nothing of what others have kept.
export async function save() {
  clearTimeout(timer);
  const { image, doc } = store;
  if (image) await write((images, documents) => keep(images, documents, image, doc));
}

// Forgotten is forgotten, whichever tab it was in.
export async function forget() {
  clearTimeout(timer);
  await write((images, documents) => {
    images.clear();
    documents.clear();
  });
}

async function write(change) {
  try {
    const db = await open(), transaction = db.transaction(["images", "documents"], "readwrite");
    change(transaction.objectStore("images"), transaction.objectStore("documents"));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    db.close();
  } catch {
    // A browser that keeps nothing (a private window, a full disk) still works; it only forgets.
  }
}

// Calls only, so that the transaction stays open: it goes on with what each finds.
function keep(images, documents, image, doc) {
  documents.get(tab).onsuccess = ({ target: { result: before } }) => {
    // Large, so only where it is another one, or other tabs have made room of it.
    if (before?.image !== image.id) images.put({ id: image.id, name: image.name, blob: image.blob }, tab);
    documents.put({ tab, image: image.id, text: toText(doc), time: Date.now() }, tab);
    documents.getAll().onsuccess = ({ target: { result: all } }) => {
      for (const old of all.filter(d => d.tab !== tab).sort((a, b) => b.time - a.time).slice(others)) {
        images.delete(old.tab);
        documents.delete(old.tab);
      }
    };
  };
}

// What this tab had, or, in a new one, what was changed last.
export async function restore() {
  try {
    const db = await open(), transaction = db.transaction(["images", "documents"]), documents = transaction.objectStore("documents");
    const all = await done(documents.getAll()), doc = all.find(d => d.tab === tab) ?? all.sort((a, b) => b.time - a.time)[0];
    const image = doc && await done(transaction.objectStore("images").get(doc.tab));
    db.close();
    return image && doc.image === image.id ? { ...image, doc: { ...emptyDocument(), ...fromText(doc.text) } } : null;
  } catch {
    return null;
  }
}
