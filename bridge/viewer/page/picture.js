// Draws the town: textures, programs, shadows of the sun, and the passes of a frame.

import { buffer, depthTarget, program, sources, texture } from "./gl.js";
import { orthographic } from "./vectors.js";

const UNITS = ["materials", "tiles", "sky_map", "soft_sky_map", "ground_color", "ground_height", "ground_material",
  "lamp_light", "lamp_color", "sun_depth", "canopy", "tops", "air_map", "layer_color", "layer_depth"];
const UNIT = Object.fromEntries(UNITS.map((name, index) => [name, index]));
const SHADERS = ["frame.glsl", "town.vert", "town.frag", "plain.vert", "plain.frag", "water.frag", "sky.frag", "screen.vert", "air.frag",
  "depth.vert", "depth.frag", "canopy.frag", "halo.vert", "halo.frag", "layer.frag"];
const FRAME_FLOATS = 32 + 4 * 20;
const CANOPY = 512;

export class Picture {
  static async open(gl, isFast, pack, town) {
    return new Picture(gl, isFast, pack, town, await sources(SHADERS));
  }

  constructor(gl, isFast, pack, town, files) {
    Object.assign(this, { gl, pack, town });
    this.shadowSide = isFast ? 4096 : 2048;
    const order = (name) => pack.patterns.indexOf(name);
    const defines = {
      CLOUD_TILE: `${pack.patterns.length}.0`, WATER_TILE: `${order("water")}.0`, CANOPY_TOP_M: pack.canopy_top_m.toFixed(1),
      FOLIAGE: order("foliage"), ASPHALT: order("asphalt"), PAVING: order("paving"), COBBLE: order("cobble"),
      GLASS: order("glass"), CURTAIN: order("curtain-wall"), ...(isFast ? { FINE: 1 } : {}),
    };
    const make = (vertex, fragment, more = {}) => program(gl, files, vertex, fragment, { ...defines, ...more }, UNIT);
    const looks = isFast ? "town" : "plain";
    this.programs = {
      flat: make(`${looks}.vert`, `${looks}.frag`), smooth: make(`${looks}.vert`, `${looks}.frag`, { SMOOTH: 1 }),
      water: make("town.vert", "water.frag"), sky: make("screen.vert", "sky.frag"), air: make("screen.vert", "air.frag"),
      depth: make("depth.vert", "depth.frag"), canopy: make("screen.vert", "canopy.frag"), halo: make("halo.vert", "halo.frag"),
      layer: make("screen.vert", "layer.frag"),
    };
    this.upload(isFast ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR_MIPMAP_NEAREST);
    this.halos = this.lampSquares();
    this.frame = new Float32Array(FRAME_FLOATS);
    this.block = buffer(gl, gl.UNIFORM_BUFFER, this.frame, gl.DYNAMIC_DRAW);
    gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.block);
    this.shadow = depthTarget(gl, UNIT.sun_depth, this.shadowSide, true);
    this.none = gl.createVertexArray();
    this.makeCanopy();
    this.isShadowStale = true;
  }

  upload(between) {
    const gl = this.gl, a = this.pack.arrays;
    const rgba = [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE];
    const flat = (name, layout, array, more) => texture(gl, UNIT[name], gl.TEXTURE_2D, layout, [array.shape[1], array.shape[0]], array, more);
    texture(gl, UNIT.materials, gl.TEXTURE_2D, [gl.RGBA32UI, gl.RGBA_INTEGER, gl.UNSIGNED_INT], [a.materials.shape[0], 1], a.materials, { filter: gl.NEAREST });
    texture(gl, UNIT.tiles, gl.TEXTURE_2D_ARRAY, rgba, [a.tiles.shape[2], a.tiles.shape[1], a.tiles.shape[0]], a.tiles, { repeats: true, mipmaps: 6, between });
    flat("ground_color", rgba, a.ground_color);
    const isSmooth = gl.getExtension("OES_texture_float_linear");
    flat("ground_height", isSmooth ? [gl.R32F, gl.RED, gl.FLOAT] : [gl.R16F, gl.RED, gl.FLOAT], a.ground_height);
    flat("ground_material", [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT], a.ground_material, { filter: gl.NEAREST });
    const [levels, rows, cols] = a.lamp_light.shape;
    texture(gl, UNIT.lamp_light, gl.TEXTURE_3D, rgba, [cols, rows, levels], a.lamp_light);
    flat("lamp_color", rgba, a.lamp_color);
    const grey = [gl.R8, gl.RED, gl.UNSIGNED_BYTE];
    this.airs = { rain: flat("air_map", grey, a.rain, { repeats: true }), snow: flat("air_map", grey, a.snow, { repeats: true }) };
  }

  // A square a lamp, for the glow around it.
  lampSquares() {
    const gl = this.gl, a = this.pack.arrays, made = gl.createVertexArray();
    gl.bindVertexArray(made);
    const bind = (place, size, content, divisor) => {
      buffer(gl, gl.ARRAY_BUFFER, content);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, 0, 0);
      gl.vertexAttribDivisor(place, divisor);
    };
    bind(0, 2, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), 0);
    bind(1, 3, a.lamp_heads, 1);
    bind(2, 3, a.lamp_colors, 1);
    gl.bindVertexArray(null);
    return { array: made, count: a.lamp_heads.shape[0] };
  }

  // Takes the light of an hour and its weather over.
  light(pack) {
    const gl = this.gl, rgba = [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE];
    for (const [name, array] of [["sky_map", pack.arrays.sky], ["soft_sky_map", pack.arrays.soft_sky]]) {
      if (this[name]) gl.deleteTexture(this[name]);
      this[name] = texture(gl, UNIT[name], gl.TEXTURE_2D, rgba, [array.shape[1], array.shape[0]], array);
    }
    this.sky = pack;
    this.isShadowStale = true;
  }

  // How high things stand everywhere, from a picture from straight above.
  makeCanopy() {
    const gl = this.gl, { low, high } = this.town, [x, y, width, depth] = this.pack.terrain;
    const target = depthTarget(gl, UNIT.tops, CANOPY, false);
    const corners = [[x, y, low[2]], [x + width, y + depth, high[2]]];
    const scale = [0, 1, 2].map((k) => 2 / (corners[1][k] - corners[0][k]));
    const matrix = new Float32Array(16);
    [scale[0], scale[1], -scale[2], 1].forEach((value, k) => { matrix[5 * k] = value; });
    [0, 1, 2].forEach((k) => { matrix[12 + k] = (-matrix[5 * k] * (corners[0][k] + corners[1][k])) / 2; });
    this.drawDepth(target, matrix, 1.0);
    const made = texture(gl, UNIT.canopy, gl.TEXTURE_2D, [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE], [CANOPY, CANOPY], null);
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, made, 0);
    gl.viewport(0, 0, CANOPY, CANOPY);
    gl.disable(gl.DEPTH_TEST);
    const { program: used, uniforms } = this.programs.canopy;
    gl.useProgram(used);
    gl.uniform2f(uniforms.heights, low[2], high[2]);
    gl.uniform2f(uniforms.texel, 1 / CANOPY, 1 / CANOPY);
    gl.uniform2f(uniforms.metres, width, depth);
    gl.bindVertexArray(this.none);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.deleteFramebuffer(frame);
    gl.deleteFramebuffer(target.frame);
  }

  drawDepth(target, matrix, texel) {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, 0, target.side, target.side);
    gl.enable(gl.DEPTH_TEST);
    gl.depthMask(true);
    gl.clearDepth(1);
    gl.clear(gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.POLYGON_OFFSET_FILL);
    gl.polygonOffset(1.2, 4);
    const { program: used, uniforms } = this.programs.depth;
    gl.useProgram(used);
    gl.uniformMatrix4fv(uniforms.seen_from_world, false, matrix);
    this.town.drawStill(texel);
    gl.disable(gl.POLYGON_OFFSET_FILL);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  shade() {
    const { matrix, texel } = orthographic(this.sky.sun, this.town.low, this.town.high);
    this.sunFromWorld = matrix;
    this.texel = texel / this.shadowSide;
    this.drawDepth(this.shadow, matrix, this.texel);
    this.isShadowStale = false;
  }

  // One picture of a view (see camera.js), so many seconds into the weather.
  draw(view, seconds) {
    this.begin(view, seconds);
    this.town.see(view);
    this.drawWorld(view);
    this.drawAir();
  }

  // Draws what stands still in a view, to be kept; `drawOver` then shows it.
  keep(view, seconds) {
    const gl = this.gl;
    if (this.kept?.width !== view.width || this.kept?.height !== view.height) this.makeLayer(view);
    this.begin(view, seconds);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.kept.frame);
    this.town.see(view, { moving: false });
    this.drawWorld(view);
    gl.depthMask(true);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  // One picture of the view that was kept, with what moves as it is now: cheap, however large it is.
  drawOver(view, seconds) {
    const gl = this.gl;
    this.begin(view, seconds);
    this.town.see(view, { still: false });
    for (const [name, made] of [["layer_color", this.kept.color], ["layer_depth", this.kept.depth]]) {
      gl.activeTexture(gl.TEXTURE0 + UNIT[name]);
      gl.bindTexture(gl.TEXTURE_2D, made);
    }
    this.use("layer");
    gl.depthFunc(gl.ALWAYS);
    gl.bindVertexArray(this.none);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.depthFunc(gl.LEQUAL);
    for (const name of ["layer_color", "layer_depth"]) { // so that the layer can be drawn into again
      gl.activeTexture(gl.TEXTURE0 + UNIT[name]);
      gl.bindTexture(gl.TEXTURE_2D, null);
    }
    this.town.draw((smooth) => this.use(smooth ? "smooth" : "flat"));
    gl.depthMask(false);
    this.drawAir();
  }

  makeLayer({ width, height }) {
    const gl = this.gl;
    if (this.kept) {
      gl.deleteFramebuffer(this.kept.frame);
      gl.deleteTexture(this.kept.color);
      gl.deleteTexture(this.kept.depth);
    }
    const filter = gl.NEAREST, frame = gl.createFramebuffer();
    const color = texture(gl, UNIT.layer_color, gl.TEXTURE_2D, [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE], [width, height], null, { filter });
    const depth = texture(gl, UNIT.layer_depth, gl.TEXTURE_2D, [gl.DEPTH_COMPONENT24, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT], [width, height], null, { filter });
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, color, 0);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depth, 0);
    for (const name of ["layer_color", "layer_depth"]) {
      gl.activeTexture(gl.TEXTURE0 + UNIT[name]);
      gl.bindTexture(gl.TEXTURE_2D, null);
    }
    this.kept = { frame, color, depth, width, height };
  }

  use(name) {
    this.gl.useProgram(this.programs[name].program);
    return this.programs[name];
  }

  begin(view, seconds) {
    const gl = this.gl;
    if (this.isShadowStale) this.shade();
    this.write(view, seconds);
    gl.viewport(0, 0, view.width, view.height);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    gl.depthMask(true);
  }

  // Whatever of the town is seen, the water and the sky.
  drawWorld(view) {
    const gl = this.gl;
    gl.clear(gl.DEPTH_BUFFER_BIT);
    this.town.draw((smooth) => this.use(smooth ? "smooth" : "flat"));
    this.use("water");
    this.town.drawWater(view);
    gl.depthMask(false);
    gl.bindVertexArray(this.none);
    this.use("sky");
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  // The glow of lamps, and rain or snow, over everything.
  drawAir() {
    const gl = this.gl, s = this.sky;
    if (s.lamps_lit && this.halos.count) {
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE);
      this.use("halo");
      gl.bindVertexArray(this.halos.array);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.halos.count);
      gl.disable(gl.BLEND);
    }
    if (s.rain > 0 || s.snowfall > 0) {
      gl.disable(gl.DEPTH_TEST);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
      const { uniforms } = this.use("air");
      gl.uniform1f(uniforms.rain_tan, this.pack.rain_tan);
      gl.activeTexture(gl.TEXTURE0 + UNIT.air_map);
      gl.bindTexture(gl.TEXTURE_2D, s.rain > 0 ? this.airs.rain : this.airs.snow);
      gl.bindVertexArray(this.none);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
      gl.disable(gl.BLEND);
    }
    gl.depthMask(true);
  }

  // Whether pictures of a view that stands still differ from one moment to the next.
  get isRestless() {
    return this.isAirRestless || this.hasWaves;
  }

  get isAirRestless() {
    return this.sky.rain > 0 || this.sky.snowfall > 0;
  }

  get hasWaves() {
    return this.pack.arrays.water_first.length > 0;
  }

  write(view, seconds) {
    const s = this.sky, p = this.pack, [tx, ty, tw, th] = p.terrain, [lx, ly, lw, lh] = p.lamp_map, a = s.ambient;
    const scaled = (axis, tan) => axis.map((value) => value * tan);
    this.frame.set([
      ...view.clip, ...this.sunFromWorld,
      ...view.eye, view.pixel,
      ...scaled(view.right, view.tanX), seconds,
      ...scaled(view.up, view.tanY), 0,
      ...view.forward, 0,
      view.width, view.height, 1 / view.width, 1 / view.height,
      ...s.sun, s.is_moon ? 1 : 0,
      ...s.sun_color, this.shadowSide,
      ...s.real_sun, s.overcast,
      a[0], a[1], a[2], 0, a[3], a[4], a[5], 0, a[6], a[7], a[8], 0, a[9], a[10], a[11], 0,
      ...s.haze_away, s.fog_per_m,
      ...s.haze_sun, s.fog_depth_m,
      s.rain, s.snowfall, s.snow_cover, s.wetness,
      s.night, s.glow, s.lamp_gain * p.lamp_lux, this.texel,
      tx, ty, 1 / tw, 1 / th,
      lx, ly, 1 / lw, 1 / lh,
      ...s.wind, s.sky_brightest, s.sky_scale,
      s.exposure, s.saturation, p.lamp_levels, p.first_water,
    ]);
    const gl = this.gl;
    gl.bindBuffer(gl.UNIFORM_BUFFER, this.block);
    gl.bufferSubData(gl.UNIFORM_BUFFER, 0, this.frame);
  }
}
