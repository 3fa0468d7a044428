// Pictures come in: a file, a drop, the clipboard, the camera, a sample, an address, or what was open before a reload.
import { ask, known, pixels, upload } from "./api.js";
import { store, reset, restore, saveSoon, set } from "./store.js";
import { fit } from "./view.js";
import { failed, leave, progress, resume, working } from "./ask.js";
import { counted, quiet, say, toast } from "./tell.js";
import { orientation } from "./turned.js";
import { byId, make } from "./dom.js";
import { samples } from "./samples.js";

let opening = 0;

// SHA-256 of a file; null where the browser offers none (plain http from another machine).
async function hash(blob) {
  if (!crypto.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...digest].map(b => b.toString(16).padStart(2, "0")).join("");
}

// `kept` is what is known of it already, `notices` what is to be said of it when it is ready.
export async function openBlob(blob, name, kept = null, notices = []) {
  const mine = ++opening, last = { image: store.image, doc: store.doc }, made = last.doc.objects.length + last.doc.words.length;
  let shown = false;
  await working(`Opening ${name}`, async signal => {
    let bitmap, answer = null;
    try {
      bitmap = await createImageBitmap(blob);
    } catch {
      return toast(`${name} is no picture that can be shown: JPEG, PNG and WebP are taken.`);
    }
    const limits = store.model?.limits;
    const over = (has, most, unit) => toast(`${name} has ${has.toFixed(0)} ${unit}; this server takes ${most.toFixed(0)}. Open a smaller copy of it.`);
    const size = bitmap.width * bitmap.height, mega = 2 ** 20;
    if (limits && size > limits.max_pixels) return over(size / 1e6, limits.max_pixels / 1e6, "megapixels");
    if (limits && blob.size > limits.max_body_bytes) return over(blob.size / mega, limits.max_body_bytes / mega, "MB");
    if (mine !== opening) return;
    try {
      if (await orientation(blob) > 1) {
        answer = await sent(blob, name, kept, signal);
        bitmap = await createImageBitmap(await pixels(answer.id));
      }
      if (mine !== opening) return;
      if (!shown) {
        // Masks of the picture before must not be drawn on this one; what was made of it is a button away, in case this one came by mistake.
        leave(signal);
        quiet();
        store.image = { id: kept?.id ?? null, name, blob, ready: false };
        reset(kept?.doc);
        show(bitmap);
        fit();
        shown = true;
      }
      answer ??= await sent(blob, name, kept, signal);
      if (mine !== opening) return;
      if (answer.width !== bitmap.width || answer.height !== bitmap.height) show(await createImageBitmap(await pixels(answer.id)));
    } catch (error) {
      if (shown && mine === opening && isRefusal(error)) backTo(last);
      throw error;
    }
    if (mine !== opening) return;
    Object.assign(store.image, { id: answer.id, ready: true, cached: answer.cached, encode: answer.encode_seconds });
    set("image", store.image);
    saveSoon();
    const { width, height } = store.image, encoded = answer.cached ? "encoded before" : `encoded in ${answer.encode_seconds.toFixed(1)} s`;
    const ready = `${name} is ready: ${width} by ${height} pixels, ${encoded}. Click on something.`;
    const all = [...notices, ...answer.notices ?? []]; // also what was assumed of the picture: rows that are missing, bits of samples
    if (last.image && made) {
      toast([...all, ready].join(" "), `Back to ${last.image.name}`, () => openBlob(last.image.blob, last.image.name, { ...last.image, doc: last.doc }));
    } else if (all.length) toast([...all, ready].join(" "));
    else say(ready);
    resume();
  });
}

// The server's answer about a picture, which it may have already.
async function sent(blob, name, kept, signal) {
  const id = kept?.id ?? await hash(blob), there = id ? await known(id) : null;
  return there ?? await upload(blob, share => progress(share < 1 ? `Sending ${name}` : `Encoding ${name}`, share < 1 ? share : null), signal);
}

function show(bitmap) {
  set("image", Object.assign(store.image, { bitmap, width: bitmap.width, height: bitmap.height }));
}

// Of the picture itself, so that it makes no sense to send it again.
const isRefusal = ({ status }) => status >= 400 && status < 500 && ![401, 403, 408, 421, 429].includes(status);

function backTo({ image, doc }) {
  store.image = image;
  reset(doc);
  set("image", image);
  if (image) fit();
}

export async function openKept() {
  const link = fromHash();
  const kept = await restore();
  if (link && link.id !== kept?.id) return openLink(link);
  if (kept) await openBlob(kept.blob, kept.name, kept);
  return link;
}

export async function openLink(link) {
  try {
    await openBlob(await pixels(link.id), "shared picture", { id: link.id, doc: undefined });
  } catch (error) {
    if (error.code !== "image_unknown") failed(error);
    else toast("The picture of this link is no longer here: open it, and the prompt is asked again.");
  }
  return link;
}

// #id=…&p=x,y,1;x,y,0&b=x1,y1,x2,y2&r=x1,y1,x2,y2&l=3
export function fromHash() {
  const h = new URLSearchParams(location.hash.slice(1)), id = h.get("id");
  if (!/^[0-9a-f]{64}$/.test(id ?? "")) return null;
  const numbers = text => text.split(",").map(Number), points = (h.get("p") ?? "").split(";").filter(Boolean).map(numbers);
  const box = h.get("b") ? numbers(h.get("b")) : null, region = h.get("r") ? numbers(h.get("r")) : null;
  if ([...points.flat(), ...(box ?? []), ...(region ?? [])].some(n => !Number.isFinite(n))) return null;
  const prompt = {
    points: points.map(([x, y, positive]) => ({ x, y, positive: positive !== 0 })), box: box ? { x1: box[0], y1: box[1], x2: box[2], y2: box[3] } : null,
  };
  return { id, region, level: Math.max(1, Math.min(6, Number(h.get("l")) || 3)), best: !Number(h.get("l")), prompt };
}

export function toHash() {
  const { doc, image } = store, h = new URLSearchParams({ id: image.id });
  if (!doc.best) h.set("l", Math.round(doc.level));
  if (doc.prompt.points.length) h.set("p", doc.prompt.points.map(p => `${p.x},${p.y},${p.positive ? 1 : 0}`).join(";"));
  if (doc.prompt.box) h.set("b", Object.values(doc.prompt.box).join(","));
  if (doc.region) h.set("r", doc.region.join(","));
  return `${location.origin}${location.pathname}#${h}`;
}

async function openUrl(url) {
  await working("Fetching the picture", async () => {
    const { id } = await ask("/images", { url });
    await openBlob(await pixels(id), url.split("/").pop() || "picture");
  });
}

async function camera() {
  if (!navigator.mediaDevices?.getUserMedia) return toast("This browser gives no camera to pages that are not on this machine or on https.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 2048 } } });
  } catch {
    return toast("There is no camera, or it was not allowed.");
  }
  const dialog = byId("camera-dialog"), video = byId("video");
  video.srcObject = stream;
  await video.play();
  dialog.showModal();
  dialog.onclose = async () => {
    const taken = dialog.returnValue === "yes" && new OffscreenCanvas(video.videoWidth, video.videoHeight);
    if (taken) taken.getContext("2d").drawImage(video, 0, 0);
    stream.getTracks().forEach(t => t.stop());
    video.srcObject = null;
    if (taken) openBlob(await taken.convertToBlob({ type: "image/jpeg", quality: 0.95 }), "photo.jpg");
  };
}

export function build() {
  const picker = byId("picker"), pick = () => picker.click(), first = files => [...files ?? []].find(f => f.type.startsWith("image/"));
  byId("open").onclick = byId("start-open").onclick = pick;
  byId("start-camera").onclick = camera;
  picker.onchange = () => {
    if (picker.files[0]) openBlob(picker.files[0], picker.files[0].name);
    picker.value = "";
  };
  byId("start-url").onsubmit = e => {
    e.preventDefault();
    openUrl(byId("start-url").querySelector("input").value);
  };
  const openFiles = files => {
    const file = first(files), left = (files?.length ?? 0) - 1;
    if (!file) return toast("That is no picture: JPEG, PNG and WebP are taken.");
    openBlob(file, file.name || "pasted picture", null, left > 0 ? [`One picture is open at a time; ${counted(left, "other file")} left out.`] : []);
  };
  addEventListener("paste", e => {
    if (e.clipboardData?.files.length) openFiles(e.clipboardData.files); // text goes where it is pasted
  });
  let depth = 0;
  const drop = on => byId("drop").hidden = !on;
  addEventListener("dragenter", () => drop(++depth > 0));
  addEventListener("dragleave", () => drop(--depth > 0));
  addEventListener("dragover", e => e.preventDefault());
  addEventListener("drop", e => {
    e.preventDefault();
    drop(depth = 0);
    openFiles(e.dataTransfer.files);
  });
  for (const [name, paint] of samples) {
    const canvas = make("canvas", { width: 272, height: 180 });
    paint(canvas.getContext("2d"), 272, 180);
    byId("samples").append(make("button", { ariaLabel: `Sample: ${name}`, title: name, onclick: async () => {
      const full = new OffscreenCanvas(1200, 800);
      paint(full.getContext("2d"), 1200, 800);
      openBlob(await full.convertToBlob({ type: "image/png" }), `${name}.png`);
    } }, canvas));
  }
}
