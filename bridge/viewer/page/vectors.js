// Vectors, matrices (column-major, as WebGL takes them) and quaternions (wxyz), as plain arrays.

export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const times = (a, s) => [a[0] * s, a[1] * s, a[2] * s];
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const length = (a) => Math.hypot(a[0], a[1], a[2]);
export const unit = (a) => times(a, 1 / Math.max(length(a), 1e-12));
export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// Clip space from the world, for a camera with unit axes right, up and forward.
export function perspective(eye, right, up, forward, tanX, tanY, near, far) {
  const depth = [(far + near) / (far - near), (-2 * far * near) / (far - near)];
  const rows = [
    [...times(right, 1 / tanX), -dot(right, eye) / tanX],
    [...times(up, 1 / tanY), -dot(up, eye) / tanY],
    [...times(forward, depth[0]), -dot(forward, eye) * depth[0] + depth[1]],
    [...forward, -dot(forward, eye)],
  ];
  return columns(rows);
}

// The parallel projection along a light (unit, towards it) that holds a box of corners.
export function orthographic(toward, low, high) {
  const side = Math.abs(toward[2]) < 0.99 ? unit(cross([0, 0, 1], toward)) : [1, 0, 0];
  const axes = [side, cross(toward, side), times(toward, -1)];
  const rows = axes.map((axis) => {
    let least = Infinity, most = -Infinity;
    for (let k = 0; k < 8; ++k) {
      const at = dot(axis, [k & 1 ? high[0] : low[0], k & 2 ? high[1] : low[1], k & 4 ? high[2] : low[2]]);
      least = Math.min(least, at);
      most = Math.max(most, at);
    }
    const half = (most - least) / 2 + 0.5;
    return [...times(axis, 1 / half), -(least + most) / 2 / half];
  });
  return { matrix: columns([...rows, [0, 0, 0, 1]]), texel: 2 / length(rows[0].slice(0, 3)) };
}

function columns(rows) {
  const matrix = new Float32Array(16);
  for (let row = 0; row < 4; ++row) for (let column = 0; column < 4; ++column) matrix[4 * column + row] = rows[row][column];
  return matrix;
}

// The five planes of what a camera sees: inside where plane · (x, y, z, 1) >= 0; without a far one.
export function frustum(eye, right, up, forward, tanX, tanY) {
  const normals = [
    forward,
    unit(add(times(forward, tanX), right)),
    unit(minus(times(forward, tanX), right)),
    unit(add(times(forward, tanY), up)),
    unit(minus(times(forward, tanY), up)),
  ];
  return normals.map((normal) => [...normal, -dot(normal, eye)]);
}

// Writes the three rows of a placement's matrix (12 numbers) from a pose (7 numbers) and a scale (3).
export function writeRows(out, at, pose, from, scale, scaleFrom) {
  const w = pose[from + 3], x = pose[from + 4], y = pose[from + 5], z = pose[from + 6];
  const a = scale ? scale[scaleFrom] : 1, b = scale ? scale[scaleFrom + 1] : 1, c = scale ? scale[scaleFrom + 2] : 1;
  out[at] = (1 - 2 * (y * y + z * z)) * a;
  out[at + 1] = 2 * (x * y - w * z) * b;
  out[at + 2] = 2 * (x * z + w * y) * c;
  out[at + 3] = pose[from];
  out[at + 4] = 2 * (x * y + w * z) * a;
  out[at + 5] = (1 - 2 * (x * x + z * z)) * b;
  out[at + 6] = 2 * (y * z - w * x) * c;
  out[at + 7] = pose[from + 1];
  out[at + 8] = 2 * (x * z - w * y) * a;
  out[at + 9] = 2 * (y * z + w * x) * b;
  out[at + 10] = (1 - 2 * (x * x + y * y)) * c;
  out[at + 11] = pose[from + 2];
}

// Heading [rad] of a pose's forward axis.
export function yaw(pose, from = 0) {
  const w = pose[from + 3], x = pose[from + 4], y = pose[from + 5], z = pose[from + 6];
  return Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
}
