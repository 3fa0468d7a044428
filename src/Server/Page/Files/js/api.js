// The server, as the page asks it.

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem?.code ?? "";
    this.retryAfter = problem?.retryAfter ?? 0;
  }
}

const root = "/api/v1";
let askForKey = async () => null;

export function onKeyNeeded(ask) {
  askForKey = ask;
}

let asked = null;

// A key of a person, asked for once however many questions need it; null where there is none.
const newKey = () => asked ??= askForKey(key() !== null).then(given => {
  if (given) sessionStorage.setItem("semsam-key", given);
  return given;
}).finally(() => asked = null);

const key = () => sessionStorage.getItem("semsam-key");
const headers = more => key() ? { ...more, Authorization: `Bearer ${key()}` } : more;

async function problem(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Not a problem document: the status says enough.
  }
  return new ApiError(response.status, { ...body, retryAfter: Number(response.headers.get("Retry-After")) });
}

async function request(path, init = {}) {
  let response;
  try {
    response = await fetch(root + path, { ...init, headers: headers(init.headers ?? {}), cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { detail: "The server cannot be reached. Is it running?", code: "unreachable" });
  }
  if (response.status === 401 && await newKey()) return request(path, init);
  if (!response.ok) throw await problem(response);
  return response;
}

export const getModel = async () => {
  const response = await request("/model");
  return unbroken(() => response.json());
};

export async function ask(path, body, signal) {
  const response = await request(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal });
  return unbroken(() => response.json());
}

// An answer that began, and whose rest does not come.
async function unbroken(read) {
  try {
    return await read();
  } catch (error) {
    throw error.name === "AbortError" ? error : broken();
  }
}

const broken = () => new ApiError(0, { detail: "The answer of the server broke off. Is it still running?", code: "unreachable" });

// Whether the server has the image already; null where not.
export async function known(id) {
  try {
    return await (await request(`/images/${id}`)).json();
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

export const pixels = async id => {
  const response = await request(`/images/${id}/pixels`);
  return unbroken(() => response.blob());
};

// Sends an image; progress is told the share that has been sent, then 1 while the server encodes.
export async function upload(blob, progress, signal) {
  try {
    return await send(blob, progress, signal);
  } catch (error) {
    if (error.status === 401 && await newKey()) return upload(blob, progress, signal);
    throw error;
  }
}

function send(blob, progress, signal) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", root + "/images");
    for (const [name, value] of Object.entries(headers({ "Content-Type": blob.type || "application/octet-stream" }))) call.setRequestHeader(name, value);
    call.upload.onprogress = e => e.lengthComputable && progress(e.loaded / e.total);
    call.upload.onload = () => progress(1);
    call.onload = () => {
      let body = null;
      try {
        body = JSON.parse(call.responseText);
      } catch {
        // As above.
      }
      if (call.status === 200) resolve(body);
      else reject(new ApiError(call.status, { ...body, retryAfter: Number(call.getResponseHeader("Retry-After")) }));
    };
    call.onerror = () => reject(new ApiError(0, { detail: "The server cannot be reached. Is it running?", code: "unreachable" }));
    call.onabort = () => reject(new DOMException("canceled", "AbortError"));
    signal?.addEventListener("abort", () => call.abort());
    call.send(blob);
  });
}

// A stream of events, one JSON object a line; it ends with "done", or else it was broken off.
export async function* stream(path, body, signal) {
  const headers = { "Content-Type": "application/json", Accept: "application/x-ndjson" };
  const response = await request(path, { method: "POST", body: JSON.stringify(body), headers, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "", over = false; ;) {
    const { done, value } = await unbroken(() => reader.read());
    if (done && !over) throw broken();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) {
      const event = JSON.parse(line);
      if (event.event === "error") throw new ApiError(event.code === "busy" ? 429 : 500, { detail: event.error, code: event.code });
      over ||= event.event === "done";
      yield event;
    }
  }
}
