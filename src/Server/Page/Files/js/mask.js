// Masks as COCO keeps them: run lengths, column by column, the first run outside. Immutable.

export class Mask {
  #bounds = null;
  #area = -1;
  #text = null;

  constructor(width, height, runs) {
    this.width = width;
    this.height = height;
    this.runs = runs;
  }

  static empty(width, height) {
    return new Mask(width, height, Int32Array.of(width * height));
  }

  // From COCO's compressed text.
  static parse({ size: [height, width], counts }) {
    const runs = [];
    for (let i = 0; i < counts.length;) {
      let value = 0, shift = 0, more = true;
      while (more) {
        const c = counts.charCodeAt(i++) - 48;
        value |= (c & 0x1f) << shift;
        more = (c & 0x20) !== 0;
        shift += 5;
        if (!more && (c & 0x10)) value |= -1 << shift;
      }
      if (runs.length > 2) value += runs[runs.length - 2];
      runs.push(value);
    }
    return new Mask(width, height, Int32Array.from(runs));
  }

  // To COCO's compressed text.
  toJSON() {
    this.#text ??= this.#compressed();
    return { size: [this.height, this.width], counts: this.#text };
  }

  #compressed() {
    let counts = "";
    for (let i = 0; i < this.runs.length; i++) {
      let value = i > 2 ? this.runs[i] - this.runs[i - 2] : this.runs[i], more = true;
      while (more) {
        let c = value & 0x1f;
        value >>= 5;
        more = c & 0x10 ? value !== -1 : value !== 0;
        if (more) c |= 0x20;
        counts += String.fromCharCode(c + 48);
      }
    }
    return counts;
  }

  // From a row-major bitmap of a box of the image.
  static fromBitmap(bits, box, width, height) {
    const runs = [];
    let position = 0, value = 0;
    for (let x = 0; x < box.width; x++)
      for (let y = 0; y < box.height; y++) {
        // Outside the box all is 0; between two columns of it lie rows that are outside.
        const at = (x + box.x) * height + y + box.y;
        if (y === 0 && value === 1 && box.height < height) {
          const end = (x - 1 + box.x) * height + box.y + box.height;
          runs.push(end - position);
          position = end;
          value = 0;
        }
        const bit = bits[y * box.width + x] ? 1 : 0;
        if (bit === value) continue;
        runs.push(at - position);
        position = at;
        value = bit;
      }
    const end = (box.x + box.width - 1) * height + box.y + box.height;
    if (value === 1) {
      runs.push(end - position);
      position = end;
    }
    if (position < width * height) runs.push(width * height - position);
    return new Mask(width, height, Int32Array.from(runs.length ? runs : [width * height]));
  }

  get area() {
    if (this.#area < 0) {
      this.#area = 0;
      for (let i = 1; i < this.runs.length; i += 2) this.#area += this.runs[i];
    }
    return this.#area;
  }

  get isEmpty() {
    return this.area === 0;
  }

  // The smallest box that holds all pixels.
  get bounds() {
    if (this.#bounds) return this.#bounds;
    let left = this.width, right = 0, top = this.height, bottom = 0;
    for (const [x, y0, y1] of this.segments()) {
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y0 < top) top = y0;
      if (y1 > bottom) bottom = y1;
    }
    this.#bounds = right > left ? { x: left, y: top, width: right - left, height: bottom - top } : { x: 0, y: 0, width: 0, height: 0 };
    return this.#bounds;
  }

  // Vertical segments [column, first row, row after the last].
  *segments() {
    const h = this.height;
    for (let i = 1, at = this.runs[0]; i < this.runs.length; at += this.runs[i] + (this.runs[i + 1] ?? 0), i += 2)
      for (let from = at, end = at + this.runs[i]; from < end;) {
        const x = Math.floor(from / h), to = Math.min(end, (x + 1) * h);
        yield [x, from - x * h, to - x * h];
        from = to;
      }
  }

  contains(x, y) {
    x = Math.floor(x);
    y = Math.floor(y);
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return false;
    const at = x * this.height + y;
    for (let i = 0, end = 0; i < this.runs.length; i++) {
      end += this.runs[i];
      if (at < end) return (i & 1) === 1;
    }
    return false;
  }

  // Row-major bytes, 0 or 1, of a box.
  bitmap(box = this.bounds) {
    const bits = new Uint8Array(box.width * box.height);
    for (const [x, y0, y1] of this.segments()) {
      if (x < box.x || x >= box.x + box.width) continue;
      for (let y = Math.max(y0, box.y), end = Math.min(y1, box.y + box.height); y < end; y++) bits[(y - box.y) * box.width + x - box.x] = 1;
    }
    return bits;
  }

  union(other) { return this.#combine(other, 0b1110); }
  intersect(other) { return this.#combine(other, 0b1000); }
  subtract(other) { return this.#combine(other, 0b0100); }

  iou(other) {
    const shared = this.intersect(other).area;
    return shared === 0 ? 0 : shared / (this.area + other.area - shared);
  }

  // Bit 2a + b of the table is the result where this has value a and the other b.
  #combine(other, table) {
    const a = this.runs, b = other.runs, runs = [];
    let i = 0, j = 0, endA = a[0], endB = b[0], value = 0, position = 0, last = 0;
    while (i < a.length && j < b.length) {
      const now = (table >> (((i & 1) << 1) | (j & 1))) & 1;
      if (now !== value) {
        runs.push(position - last);
        last = position;
        value = now;
      }
      position = Math.min(endA, endB);
      if (endA === position) endA += a[++i] ?? 0;
      if (endB === position) endB += b[++j] ?? 0;
    }
    runs.push(this.width * this.height - last);
    return new Mask(this.width, this.height, Int32Array.from(runs));
  }
}
