// The town on the graphics card: what stands still in chunks, what is there many times in copies, and what of it is seen.

import { buffer } from "./gl.js";
import { writeRows } from "./vectors.js";

const ROW = 13; // numbers a copy: three rows of its matrix, and its id
const SPARE = 1024; // copies that may be added while the town runs
const THIN_PIXELS = 0.9; // details thinner than this part of a pixel are left out
const NEVER = 0, ROWS = [3, 4, 5], ID = 6;

export class Town {
  constructor(gl, pack) {
    this.gl = gl;
    this.pack = pack;
    const a = pack.arrays;
    this.solid = this.array(a.solid_vertices, a.solid_indices);
    this.water = this.array(a.water_vertices, a.water_indices);
    this.model = this.array(a.model_vertices, a.model_indices);
    const count = pack.placed.length;
    this.capacity = count + SPARE;
    this.rows = new Float32Array(this.capacity * 12);
    this.scale = new Float32Array(this.capacity * 3).fill(1);
    this.scale.set(a.placed_scale);
    this.asset = new Uint16Array(this.capacity);
    this.asset.set(a.placed_asset);
    this.figure = this.asset.slice(); // what a copy looks like just now: riders sit
    this.sphere = new Float32Array(this.capacity * 4);
    this.hidden = new Uint8Array(this.capacity);
    this.moves = new Uint8Array(this.capacity);
    this.count = count;
    for (let row = 0; row < count; ++row) this.place(row, a.placed_pose, 7 * row);
    this.movedParts = new Map();
    this.staged = new Float32Array(this.capacity * ROW);
    this.stagedIds = new Uint32Array(this.staged.buffer);
    this.copies = gl.createBuffer();
    this.movers = gl.createBuffer();
    this.assetOf = new Map(pack.assets.map(([name], index) => [name, index]));
    [this.low, this.high] = this.box();
  }

  // Vertices with their attributes where every program looks for them.
  array(vertices, indices) {
    const gl = this.gl, made = gl.createVertexArray();
    gl.bindVertexArray(made);
    buffer(gl, gl.ARRAY_BUFFER, vertices);
    buffer(gl, gl.ELEMENT_ARRAY_BUFFER, indices);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 20, 0);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 4, gl.BYTE, true, 20, 12);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_INT, 20, 16);
    gl.bindVertexArray(null);
    return made;
  }

  // The lowest and highest corner of all that stands on the map itself.
  box() {
    const a = this.pack.arrays, low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
    for (let k = 0; k < a.chunk_part.length; ++k) {
      if (a.chunk_part[k] === -2) continue;
      for (let axis = 0; axis < 3; ++axis) {
        low[axis] = Math.min(low[axis], a.chunk_low[3 * k + axis]);
        high[axis] = Math.max(high[axis], a.chunk_high[3 * k + axis]);
      }
    }
    for (let row = 0; row < this.count; ++row) high[2] = Math.max(high[2], this.sphere[4 * row + 2] + this.sphere[4 * row + 3]);
    return [low, high];
  }

  // Puts a copy where a pose says.
  place(row, pose, from) {
    const rows = this.rows, at = 12 * row;
    writeRows(rows, at, pose, from, this.scale, 3 * row);
    const box = this.pack.arrays.asset_box, b = 6 * this.figure[row];
    const x = (box[b] + box[b + 3]) / 2, y = (box[b + 1] + box[b + 4]) / 2, z = (box[b + 2] + box[b + 5]) / 2;
    for (let k = 0; k < 3; ++k) {
      this.sphere[4 * row + k] = rows[at + 4 * k] * x + rows[at + 4 * k + 1] * y + rows[at + 4 * k + 2] * z + rows[at + 4 * k + 3];
    }
    const size = Math.hypot(box[b + 3] - box[b], box[b + 4] - box[b + 1], box[b + 5] - box[b + 2]) / 2;
    this.sphere[4 * row + 3] = size * Math.max(this.scale[3 * row], this.scale[3 * row + 1], this.scale[3 * row + 2]);
  }

  // Whether a row is a copy of an asset.
  isOf(row, asset) {
    return this.pack.assets[this.asset[row]][0] === asset;
  }

  // Whether a row looks otherwise from now on: as its asset's riding figure, where there is one, or as its asset.
  sit(row, isAstride) {
    const standing = this.asset[row], riding = this.assetOf.get(`${this.pack.assets[standing][0]}-riding`);
    const figure = isAstride ? (riding ?? standing) : standing;
    if (figure === this.figure[row]) return false;
    this.figure[row] = figure;
    return true;
  }

  // A row for something that came later, a copy of an asset; -1 where there is no room or no such asset.
  add(asset) {
    if (!this.assetOf.has(asset) || this.count >= this.capacity) return -1;
    this.asset[this.count] = this.figure[this.count] = this.assetOf.get(asset);
    return this.count++;
  }

  movePart(part, pose, from) {
    if (!this.movedParts.has(part)) this.movedParts.set(part, new Float32Array(12));
    writeRows(this.movedParts.get(part), 0, pose, from, null, 0);
  }

  // Which chunks and copies a view shows, near ones first, and how finely; those that have moved apart from the rest.
  see(view, { still = true, moving = true } = {}) {
    const chunks = still || this.movedParts.size ? this.chunksSeen(view) : [];
    const isMoved = ({ part }) => this.movedParts.has(part);
    this.seenChunks = [still ? chunks.filter((chunk) => !isMoved(chunk)) : [], moving ? chunks.filter(isMoved) : []];
    this.seenCopies = [still ? this.copiesSeen(view, 0, this.copies) : [], moving ? this.copiesSeen(view, 1, this.movers) : []];
  }

  // How many triangles a chunk has without those thinner than the first so many thicknesses.
  stout(chunk, level) {
    const { chunk_stout: counts } = this.pack.arrays;
    return counts[counts.shape[1] * chunk + level];
  }

  chunksSeen({ planes, eye, pixel }) {
    const a = this.pack.arrays, low = a.chunk_low, high = a.chunk_high, thin = this.pack.thin_m, found = [];
    for (let k = 0; k < a.chunk_part.length; ++k) {
      const b = 3 * k, moved = this.movedParts.has(a.chunk_part[k]);
      if (!moved && planes.some((plane) => isOutside(plane, low, high, b))) continue;
      const far = moved ? 0 : Math.hypot(gap(low[b], high[b], eye[0]), gap(low[b + 1], high[b + 1], eye[1]), gap(low[b + 2], high[b + 2], eye[2]));
      let level = 0;
      while (level < thin.length && thin[level] < THIN_PIXELS * pixel * far) ++level;
      found.push({ far, first: a.chunk_first[k], count: this.stout(k, level), layer: a.chunk_layer[k], smooth: a.chunk_smooth[k], part: a.chunk_part[k] });
    }
    return found.sort((one, other) => one.far - other.far);
  }

  // Copies in view that have moved (1) or not (0), sorted by shape, into a buffer; runs of { shape, first copy, copies }.
  copiesSeen({ planes, eye, pixel }, moved, into) {
    const sphere = this.sphere, shapes = [], rows = [];
    for (let row = 0; row < this.count; ++row) {
      if (this.hidden[row] || this.moves[row] !== moved) continue;
      const b = 4 * row, x = sphere[b], y = sphere[b + 1], z = sphere[b + 2], radius = sphere[b + 3];
      if (planes.some((p) => p[0] * x + p[1] * y + p[2] * z + p[3] < -radius)) continue;
      const far = Math.max(Math.hypot(x - eye[0], y - eye[1], z - eye[2]) - radius, 0.1);
      const pixels = (2 * radius) / far / pixel;
      if (pixels < 1) continue;
      shapes.push(this.shape(row, pixels < 40 ? 2 : pixels < 120 ? 1 : 0));
      rows.push(row);
    }
    return this.stage(rows, shapes, into);
  }

  // The finest shape of a copy's asset and so many levels coarser, or its coarsest.
  shape(row, level) {
    const first = this.pack.arrays.asset_shape, asset = this.figure[row];
    return Math.min(first[asset] + level, first[asset + 1] - 1);
  }

  stage(rows, shapes, into) {
    const order = shapes.map((_, index) => index).sort((one, other) => shapes[one] - shapes[other]);
    const runs = [];
    order.forEach((index, place) => {
      const row = rows[index], shape = shapes[index];
      this.staged.set(this.rows.subarray(12 * row, 12 * row + 12), ROW * place);
      this.stagedIds[ROW * place + 12] = this.pack.first_placed_id + row;
      const last = runs[runs.length - 1];
      if (last && last.shape === shape) last.copies++;
      else runs.push({ shape, first: place, copies: 1 });
    });
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, into);
    gl.bufferData(gl.ARRAY_BUFFER, this.staged.subarray(0, ROW * rows.length), gl.DYNAMIC_DRAW);
    return runs;
  }

  // Draws what was seen; `use(smooth)` binds a program and returns it.
  draw(use) {
    for (const smooth of [0, 1]) {
      const bound = use(smooth === 1);
      this.drawCopies(smooth, this.seenCopies[1], this.movers);
      this.drawCopies(smooth, this.seenCopies[0], this.copies);
      for (const chunks of this.seenChunks) this.drawChunks(smooth, chunks, bound.uniforms.layer_bias);
    }
  }

  drawChunks(smooth, chunks, bias) {
    const gl = this.gl;
    if (!chunks.length) return;
    gl.bindVertexArray(this.solid);
    for (const layer of [0, 1, 2]) {
      if (bias) gl.uniform1f(bias, layer * 1.5e-6);
      this.standStill();
      let first = -1, end = -1;
      for (const chunk of chunks) {
        if (chunk.layer !== layer || chunk.smooth !== smooth || !chunk.count) continue;
        const moved = this.movedParts.get(chunk.part);
        if (moved) {
          this.turn(moved);
          gl.drawElements(gl.TRIANGLES, 3 * chunk.count, gl.UNSIGNED_INT, 12 * chunk.first);
          this.standStill();
          continue;
        }
        if (chunk.first === end) end += chunk.count;
        else {
          if (end > first) gl.drawElements(gl.TRIANGLES, 3 * (end - first), gl.UNSIGNED_INT, 12 * first);
          first = chunk.first;
          end = first + chunk.count;
        }
      }
      if (end > first) gl.drawElements(gl.TRIANGLES, 3 * (end - first), gl.UNSIGNED_INT, 12 * first);
    }
    if (bias) gl.uniform1f(bias, 0);
  }

  drawCopies(smooth, runs, from) {
    const gl = this.gl, a = this.pack.arrays;
    if (!runs.length) return;
    gl.bindVertexArray(this.model);
    gl.bindBuffer(gl.ARRAY_BUFFER, from);
    for (const place of [...ROWS, ID]) {
      gl.enableVertexAttribArray(place);
      gl.vertexAttribDivisor(place, 1);
    }
    for (const { shape, first, copies } of runs) {
      if ((smooth !== null && a.model_smooth[shape] !== smooth) || !a.model_count[shape]) continue;
      const at = 4 * ROW * first;
      ROWS.forEach((place, index) => gl.vertexAttribPointer(place, 4, gl.FLOAT, false, 4 * ROW, at + 16 * index));
      gl.vertexAttribIPointer(ID, 1, gl.UNSIGNED_INT, 4 * ROW, at + 48);
      gl.drawElementsInstanced(gl.TRIANGLES, 3 * a.model_count[shape], gl.UNSIGNED_INT, 12 * a.model_first[shape], copies);
    }
  }

  drawWater({ planes }) {
    const gl = this.gl, a = this.pack.arrays;
    gl.bindVertexArray(this.water);
    this.standStill();
    for (let k = 0; k < a.water_first.length; ++k) {
      if (planes.some((plane) => isOutside(plane, a.water_low, a.water_high, 3 * k))) continue;
      gl.drawElements(gl.TRIANGLES, 3 * a.water_count[k], gl.UNSIGNED_INT, 12 * a.water_first[k]);
    }
  }

  // Draws all that has not moved, coarsely, as a light sees it in texels of some size [m].
  drawStill(texel) {
    const a = this.pack.arrays, thin = this.pack.thin_m, chunks = [], shapes = [], rows = [];
    let level = 0;
    while (level < thin.length && thin[level] < 0.5 * texel) ++level;
    for (let k = 0; k < a.chunk_part.length; ++k) {
      if (a.chunk_part[k] === -2 || this.movedParts.has(a.chunk_part[k])) continue;
      chunks.push({ first: a.chunk_first[k], count: this.stout(k, level), layer: 0, smooth: 0, part: a.chunk_part[k] });
    }
    this.drawChunks(0, chunks, null);
    for (let row = 0; row < this.count; ++row) {
      if (this.hidden[row] || this.moves[row]) continue;
      shapes.push(this.shape(row, 2));
      rows.push(row);
    }
    this.drawCopies(null, this.stage(rows, shapes, this.copies), this.copies);
  }

  standStill() {
    const gl = this.gl;
    gl.vertexAttrib4f(3, 1, 0, 0, 0);
    gl.vertexAttrib4f(4, 0, 1, 0, 0);
    gl.vertexAttrib4f(5, 0, 0, 1, 0);
    gl.vertexAttribI4ui(ID, NEVER, 0, 0, 0);
  }

  turn(rows) {
    for (const k of [0, 1, 2]) this.gl.vertexAttrib4f(3 + k, rows[4 * k], rows[4 * k + 1], rows[4 * k + 2], rows[4 * k + 3]);
  }
}

const gap = (low, high, x) => Math.max(low - x, x - high, 0);

function isOutside(plane, low, high, b) {
  const x = plane[0] > 0 ? high[b] : low[b], y = plane[1] > 0 ? high[b + 1] : low[b + 1], z = plane[2] > 0 ? high[b + 2] : low[b + 2];
  return plane[0] * x + plane[1] * y + plane[2] * z + plane[3] < 0;
}
