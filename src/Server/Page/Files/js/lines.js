// Lines as both the page and its painters draw them. Widths are of the screen: a pixel of it has the size `px` in the image.

// A colored line on a light one, so that it shows on every picture.
export function haloed(c, path, color, px, dash = []) {
  c.lineWidth = 3.5 * px;
  c.strokeStyle = "rgba(255,255,255,.85)";
  c.stroke(path);
  c.setLineDash(dash.map(d => d * px));
  c.lineWidth = 1.75 * px;
  c.strokeStyle = color;
  c.stroke(path);
  c.setLineDash([]);
}

// Has a canvas drawn on in coordinates of the image.
export function begin(canvas, { scale, x, y, ratio }) {
  const c = canvas.getContext("2d");
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.clearRect(0, 0, canvas.width, canvas.height);
  c.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
  return c;
}
