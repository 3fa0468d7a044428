// Okabe and Ito's palette, which people with every kind of color vision can tell apart; patterns tell apart where colors repeat.
export const palette = ["#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#f0e442"];

export const colorAt = index => palette[index % palette.length];

const patterns = new Map();

// A hatching in a color; six kinds.
export function pattern(context, color, kind) {
  const name = color + kind % 6;
  if (!patterns.has(name)) {
    const tile = new OffscreenCanvas(12, 12), c = tile.getContext("2d");
    c.strokeStyle = c.fillStyle = color;
    c.lineWidth = 2;
    const line = (...points) => {
      c.beginPath();
      for (let i = 0; i < points.length; i += 4) {
        c.moveTo(points[i], points[i + 1]);
        c.lineTo(points[i + 2], points[i + 3]);
      }
      c.stroke();
    };
    if (kind % 6 === 0) line(-3, 3, 3, -3, 0, 12, 12, 0, 9, 15, 15, 9);
    else if (kind % 6 === 1) line(-3, 9, 3, 15, 0, 0, 12, 12, 9, -3, 15, 3);
    else if (kind % 6 === 2) line(0, 6, 12, 6);
    else if (kind % 6 === 3) line(6, 0, 6, 12);
    else if (kind % 6 === 4) line(0, 6, 12, 6, 6, 0, 6, 12);
    else for (const [x, y] of [[3, 3], [9, 9]]) {
      c.beginPath();
      c.arc(x, y, 1.8, 0, 7);
      c.fill();
    }
    patterns.set(name, context.createPattern(tile, "repeat"));
  }
  return patterns.get(name);
}
