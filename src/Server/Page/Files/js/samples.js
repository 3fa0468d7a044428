// Pictures to try, painted here: they belong to nobody, take no room, and are there without a network.

function street(c, w, h) {
  c.save();
  c.scale(w / 1200, h / 800);
  const fill = (color, ...rect) => {
    c.fillStyle = color;
    c.fillRect(...rect);
  };
  const round = (color, x, y, width, height, r) => {
    c.fillStyle = color;
    c.beginPath();
    c.roundRect(x, y, width, height, r);
    c.fill();
  };
  const disc = (color, x, y, r) => {
    c.fillStyle = color;
    c.beginPath();
    c.arc(x, y, r, 0, 7);
    c.fill();
  };
  const shape = (color, ...points) => {
    c.fillStyle = color;
    c.beginPath();
    for (let i = 0; i < points.length; i += 2) c.lineTo(points[i], points[i + 1]);
    c.fill();
  };
  const sky = c.createLinearGradient(0, 0, 0, 520);
  sky.addColorStop(0, "#7db4e6");
  sky.addColorStop(1, "#dcecf7");
  fill(sky, 0, 0, 1200, 560);
  fill("#7d9d5c", 0, 520, 1200, 70);
  fill("#b9b3a8", 0, 590, 1200, 40);
  fill("#55565a", 0, 630, 1200, 170);
  for (let x = 20; x < 1200; x += 140) fill("#d8d4c8", x, 712, 70, 8);
  // a house
  fill("#e2c9a4", 90, 270, 340, 300);
  shape("#9a4b37", 60, 275, 260, 130, 460, 275);
  fill("#7c3c2d", 350, 150, 40, 90);
  for (const [x, y] of [[130, 330], [310, 330], [310, 450]]) {
    fill("#fbf7ee", x - 6, y - 6, 92, 82);
    fill("#4d6b82", x, y, 80, 70);
    fill("#fbf7ee", x + 37, y, 6, 70);
    fill("#fbf7ee", x, y + 32, 80, 6);
  }
  round("#5b3a29", 150, 440, 84, 130, 6);
  disc("#e8c24a", 220, 510, 6);
  // a tree
  shape("#6b4a30", 560, 570, 572, 360, 608, 360, 622, 570);
  const leaves = [[590, 260, 110, "#3f7a3a"], [520, 310, 74, "#4a8a43"], [664, 312, 78, "#37703a"], [596, 190, 76, "#57994c"]];
  for (const [x, y, r, color] of leaves) disc(color, x, y, r);
  // a car
  round("#c22f33", 690, 560, 430, 110, 34);
  c.fillStyle = "#c22f33";
  c.beginPath();
  c.moveTo(770, 570);
  c.quadraticCurveTo(800, 478, 850, 474);
  c.lineTo(990, 474);
  c.quadraticCurveTo(1030, 478, 1066, 566);
  c.fill();
  shape("#a9cde0", 800, 560, 826, 496, 902, 492, 902, 560);
  shape("#a9cde0", 918, 560, 918, 492, 988, 494, 1034, 560);
  fill("#8f1f24", 908, 560, 4, 92);
  round("#e9e6dd", 928, 582, 34, 8, 4);
  round("#ffe9a8", 1092, 588, 26, 24, 8);
  round("#7c1114", 690, 590, 18, 26, 6);
  for (const x of [782, 1026]) {
    disc("#1c1c1e", x, 668, 50);
    disc("#b8bcc2", x, 668, 29);
    disc("#6d7177", x, 668, 9);
  }
  // a person
  disc("#d9a27c", 508, 470, 27);
  c.fillStyle = "#3a2a20";
  c.beginPath();
  c.arc(508, 464, 28, Math.PI, 0);
  c.fill();
  round("#2f6f8f", 474, 498, 70, 104, 18);
  round("#2f6f8f", 456, 504, 22, 88, 11);
  round("#2f6f8f", 540, 504, 22, 88, 11);
  round("#33384a", 480, 590, 28, 104, 8);
  round("#33384a", 512, 590, 28, 104, 8);
  round("#1c1c1e", 474, 686, 38, 16, 8);
  round("#1c1c1e", 510, 686, 38, 16, 8);
  disc("#fff4c2", 1050, 110, 52);
  c.restore();
}

function table(c, w, h) {
  c.save();
  c.scale(w / 1200, h / 800);
  const ball = (x, y, r, light, dark) => {
    const shade = c.createRadialGradient(x - r * 0.35, y - r * 0.4, r * 0.1, x, y, r);
    shade.addColorStop(0, light);
    shade.addColorStop(1, dark);
    c.fillStyle = shade;
    c.beginPath();
    c.arc(x, y, r, 0, 7);
    c.fill();
  };
  const wall = c.createLinearGradient(0, 0, 1200, 0);
  wall.addColorStop(0, "#cfd6d2");
  wall.addColorStop(1, "#aeb9b6");
  c.fillStyle = wall;
  c.fillRect(0, 0, 1200, 460);
  c.fillStyle = "#8a6242";
  c.fillRect(0, 460, 1200, 340);
  c.strokeStyle = "#7a5539";
  c.lineWidth = 3;
  for (const y of [520, 600, 700]) {
    c.beginPath();
    c.moveTo(0, y);
    c.lineTo(1200, y);
    c.stroke();
  }
  // a bowl with fruit
  ball(390, 430, 84, "#ffcf7a", "#d97a12");
  ball(520, 410, 92, "#ff8f7a", "#b3201c");
  ball(470, 340, 78, "#d9ef8c", "#6f9a22");
  c.strokeStyle = "#4b3420";
  c.lineWidth = 7;
  c.beginPath();
  c.moveTo(474, 270);
  c.quadraticCurveTo(478, 244, 496, 232);
  c.stroke();
  c.fillStyle = "#f2efe8";
  c.beginPath();
  c.ellipse(455, 470, 250, 160, 0, 0, Math.PI);
  c.fill();
  c.fillStyle = "#e2ddd2";
  c.fillRect(380, 622, 150, 20);
  c.fillStyle = "#3c6e8f";
  c.fillRect(215, 500, 479, 14);
  // a bottle and a cup
  c.fillStyle = "#2f6b4d";
  c.beginPath();
  c.roundRect(820, 260, 120, 380, 26);
  c.fill();
  c.fillRect(858, 150, 44, 130);
  c.fillStyle = "#d9b26a";
  c.fillRect(856, 128, 48, 34);
  c.fillStyle = "#f4ead2";
  c.fillRect(820, 390, 120, 130);
  c.strokeStyle = "#e9e4da";
  c.lineWidth = 20;
  c.beginPath();
  c.arc(1112, 586, 40, -1.4, 1.4);
  c.stroke();
  c.fillStyle = "#f6f2ea";
  c.beginPath();
  c.roundRect(990, 520, 124, 130, [6, 6, 34, 34]);
  c.fill();
  c.fillStyle = "#5a3a24";
  c.beginPath();
  c.ellipse(1052, 524, 56, 13, 0, 0, 7);
  c.fill();
  c.restore();
}

export const samples = [["Street", street], ["Table", table]];
