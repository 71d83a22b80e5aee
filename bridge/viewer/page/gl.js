// WebGL 2 without ceremony: the context, programs from files, buffers, textures.

// A context, and whether a graphics card draws: a software rasteriser is asked for less.
export function open(canvas) {
  const probe = document.createElement("canvas").getContext("webgl2");
  if (!probe) return null;
  const named = probe.getExtension("WEBGL_debug_renderer_info");
  const renderer = named ? probe.getParameter(named.UNMASKED_RENDERER_WEBGL) : "";
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  const isFast = !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
  const gl = canvas.getContext("webgl2", {
    antialias: isFast, alpha: false, powerPreference: "high-performance", preserveDrawingBuffer: false,
  });
  return gl && { gl, isFast, renderer };
}

// Sources of shaders by file name.
export async function sources(names) {
  const texts = await Promise.all(names.map(async (name) => {
    const answer = await fetch(name);
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
    return answer.text();
  }));
  return Object.fromEntries(names.map((name, index) => [name, texts[index]]));
}

// A linked program; its uniforms are found by name, its samplers sit on the units given, the frame's block at 0.
export function program(gl, files, vertex, fragment, defines, units) {
  const head = `#version 300 es\n${Object.entries(defines).map(([name, value]) => `#define ${name} ${value}\n`).join("")}`;
  const made = gl.createProgram();
  const parts = [
    [gl.VERTEX_SHADER, `${head}${files["frame.glsl"]}${files[vertex]}`, vertex],
    [gl.FRAGMENT_SHADER, `${head}#define FRAGMENT 1\n${files["frame.glsl"]}${files[fragment]}`, fragment],
  ];
  for (const [kind, source, name] of parts) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(`${name}: ${gl.getShaderInfoLog(shader)}`);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(`${vertex}, ${fragment}: ${gl.getProgramInfoLog(made)}`);
  const block = gl.getUniformBlockIndex(made, "Frame");
  if (block !== gl.INVALID_INDEX) gl.uniformBlockBinding(made, block, 0);
  gl.useProgram(made);
  const uniforms = {};
  for (let k = 0; k < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); ++k) {
    const { name } = gl.getActiveUniform(made, k);
    uniforms[name] = gl.getUniformLocation(made, name);
    if (name in units) gl.uniform1i(uniforms[name], units[name]);
  }
  return { program: made, uniforms };
}

export function buffer(gl, target, content, usage = gl.STATIC_DRAW) {
  const made = gl.createBuffer();
  gl.bindBuffer(target, made);
  gl.bufferData(target, content, usage);
  return made;
}

// A texture on its unit. `layout` is [internal format, format, type]; three sizes make a volume, or an array.
export function texture(gl, unit, target, layout, size, content, { filter = gl.LINEAR, repeats = false, mipmaps = 0, between = gl.LINEAR_MIPMAP_LINEAR } = {}) {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(target, made);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  const wrap = repeats ? gl.REPEAT : gl.CLAMP_TO_EDGE;
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, wrap);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, wrap);
  gl.texParameteri(target, gl.TEXTURE_WRAP_R, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, mipmaps ? between : filter);
  if (mipmaps) gl.texParameteri(target, gl.TEXTURE_MAX_LEVEL, mipmaps);
  if (size.length === 3) gl.texImage3D(target, 0, layout[0], ...size, 0, layout[1], layout[2], content);
  else gl.texImage2D(target, 0, layout[0], ...size, 0, layout[1], layout[2], content);
  if (mipmaps) gl.generateMipmap(target);
  return made;
}

// A frame that takes depth into a texture of its own.
export function depthTarget(gl, unit, side, compares) {
  const layout = [gl.DEPTH_COMPONENT24, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT];
  const made = texture(gl, unit, gl.TEXTURE_2D, layout, [side, side], null, { filter: compares ? gl.LINEAR : gl.NEAREST });
  if (compares) gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_COMPARE_MODE, gl.COMPARE_REF_TO_TEXTURE);
  const frame = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, made, 0);
  gl.drawBuffers([gl.NONE]);
  gl.readBuffer(gl.NONE);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  return { frame, texture: made, side };
}
