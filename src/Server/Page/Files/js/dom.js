// Makes elements: make("button.icon", { title: "…", onclick }, children…).
export function make(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split("."), element = document.createElement(tag || "div");
  element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in element && name !== "list" && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter(c => c !== null && c !== undefined));
  return element;
}

const shapes = {
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  closed: "M3 3l18 18M6.5 7.2C3.6 9 2 12 2 12s4 7 10 7c1.8 0 3.4-.6 4.8-1.4M10 5.2c.6-.1 1.3-.2 2-.2 6 0 10 7 10 7s-.9 1.600-2.600 3.300",
  lock: "M6 11h12v9H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11",
  open: "M6 11h12v9H6zM8.500 11V7.500a3.500 3.500 0 0 1 6.800-1.200",
  cross: "M6 6l12 12M18 6L6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  keep: "M5 12.500l4.500 4.500L19 7",
  solo: "M12 4v3M12 17v3M4 12h3M17 12h3M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  smart: "M5 3l6.500 16 2.300-6.200L20 10.500z",
  add: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 8v8M8 12h8",
  remove: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12h8",
  box: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3",
  like: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 14v6M14 17h6",
  brush: "M14 4l6 6-8 8c-2 2-5 2-8 2 1-2 .5-4.500 2-6zM11 7l6 6",
  erase: "M8 19l-4.500-4.500a1.500 1.500 0 0 1 0-2L12 4l8 8-7 7zM20 19H8M8 8l8 8",
  lasso: "M4 10c0-3.500 3.600-6 8-6s8 2.500 8 6-3.600 6-8 6c-1.500 0-2.900-.3-4-.8M8 15.200a2 2 0 1 0-2 2c0 1.500-.6 2.500-1.600 3.300",
  corners: "M5 5h3v3H5zM16 5h3v3h-3zM16 16h3v3h-3zM5 16h3v3H5zM8 6.500h8M17.500 8v8M16 17.500H8M6.500 16V8",
  pick: "M4 4l5 14 2.500-5.500L17 10zM13.500 13.500L20 20",
  region: "M4 4h4M11 4h2M16 4h4v4M20 11v2M20 16v4h-4M13 20h-2M8 20H4v-4M4 13v-2M4 8V4M9 9h6v6H9z",
  hand: "M8 12V6a1.500 1.500 0 0 1 3 0v5-6.500a1.500 1.500 0 0 1 3 0V11 6a1.500 1.500 0 0 1 3 0v8c0 4-2 7-6 7"
    + "-3 0-4.500-1.500-6-4l-2-3.500c-.6-1.500 1-2.500 2-1.500z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

export const byId = id => document.getElementById(id);

// When nothing else waits, such as a mask that is to be shown. Not every browser tells it.
export const whenIdle = run => globalThis.requestIdleCallback ? requestIdleCallback(run, { timeout: 300 }) : setTimeout(run, 50);
