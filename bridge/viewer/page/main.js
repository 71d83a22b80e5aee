// Opens the town: waits for it, draws it, hands messages to what they concern.

import { Bodies } from "./bodies.js";
import { Camera } from "./camera.js";
import { open } from "./gl.js";
import { Keys } from "./keys.js";
import { inflated, unpack } from "./pack.js";
import { Panel } from "./panel.js";
import { Picture } from "./picture.js";
import { Stream } from "./stream.js";
import { Tags } from "./tags.js";
import { Town } from "./town.js";

const MEANT_MS = 40, VSYNC_MS = 22; // what a frame may take; intervals below the second are a screen's own
const LEAST_SCALE = 0.32; // parts of the screen's pixels that are drawn while things move
const STILL_MS = 350, SHARPER = 2; // a picture that stands still so long is drawn once more, sharper
const RIPPLE_MS = 400; // rain and waves alone are drawn no more often on a software rasteriser

const canvas = document.getElementById("town");
const opened = open(canvas);
const waiting = { chunks: [], got: 0, size: 1, told: [], light: null, poses: [] };
let shown = null;
window.simbridge = { state: "loading" };

const stream = opened ? new Stream({ town: takeTown, told, poses, picture, light, lost, has: () => shown?.digest ?? "" }) : null;
if (!opened) fail("This browser draws no WebGL 2. Try a newer one, or switch hardware acceleration on.");

function fail(text) {
  document.getElementById("loading").textContent = text;
  document.getElementById("loading").hidden = false;
  window.simbridge.state = "failed";
}

function lost() {
  if (!shown) waiting.chunks = [], waiting.got = 0;
  document.body.classList.add("lost");
}

function told(message) {
  document.body.classList.remove("lost");
  if (message.is === "town") {
    waiting.size = message.bytes;
    waiting.chunks = [];
    waiting.got = 0;
    if (shown && shown.digest !== message.digest) location.reload();
    waiting.digest = message.digest;
  } else if (shown) hear(message);
  else waiting.told.push(message);
}

function hear(message) {
  const { panel, bodies, tags } = shown;
  if (message.is === "world") {
    panel.world(message);
    shown.agents = message.agents;
    tags.show(message.agents);
  } else if (message.is === "bodies") {
    bodies.list(message.roster, message.names, message.assets);
    const shapeless = bodies.names.filter((thing) => thing.row < 0 && thing.part < 0).map((thing) => thing.name);
    tags.show([...shown.agents, ...shapeless]);
  } else if (message.is === "status") panel.status(message);
  else if (message.is === "notice") panel.notice(message.text);
}

async function takeTown(chunk) {
  waiting.chunks.push(chunk);
  waiting.got += chunk.length;
  const share = waiting.got / waiting.size;
  document.getElementById("progress").style.width = `${(100 * share).toFixed(0)}%`;
  if (waiting.got < waiting.size || shown) return;
  try {
    await begin(unpack(await inflated(waiting.chunks)));
  } catch (error) {
    fail(`The town cannot be drawn: ${error.message}`);
    throw error;
  }
}

function light(buffer, start) {
  if (!shown) {
    waiting.light = [buffer, start];
    return;
  }
  const pack = unpack(buffer, start);
  shown.painter.light(pack);
  shown.panel.weather(pack);
  shown.camera.changed = true;
}

function poses(roster, index, values) {
  if (!shown) waiting.poses.push([roster, index, values]);
  else if (roster === shown.bodies.roster) shown.bodies.take(index, values, performance.now() / 1000);
}

function picture(said, blob) {
  shown?.panel.picture(said, blob);
}

async function begin(pack) {
  const { gl, isFast, renderer } = opened;
  const town = new Town(gl, pack);
  const painter = await Picture.open(gl, isFast, pack, town);
  const camera = new Camera(canvas, pack.outlook, ground(pack));
  const bodies = new Bodies(pack, town);
  const panel = new Panel(stream, camera);
  panel.poseOf = (name) => bodies.pose(name);
  const tags = new Tags(document.getElementById("tags"), bodies);
  shown = { pack, town, painter, camera, bodies, panel, tags, agents: [], digest: waiting.digest, keys: new Keys(panel, camera, stream) };
  waiting.told.forEach(hear);
  waiting.poses.forEach((some) => poses(...some));
  light(...waiting.light);
  Object.assign(waiting, { chunks: [], told: [], poses: [], light: null });
  window.simbridge = { state: "shown", renderer, shown, frames: 0, frame_ms: 0, loaded_ms: performance.now() };
  document.getElementById("loading").hidden = true;
  requestAnimationFrame(frame);
}

// The ground's height [m] at a place, from the terrain the page has.
function ground({ terrain: [x0, y0, width, depth], arrays: { ground_height: heights } }) {
  const [rows, cols] = heights.shape;
  return (x, y) => {
    const column = Math.min(Math.max(Math.round(((x - x0) / width) * (cols - 1)), 0), cols - 1);
    const row = Math.min(Math.max(Math.round(((y - y0) / depth) * (rows - 1)), 0), rows - 1);
    return heights[row * cols + column];
  };
}

let scale = opened?.isFast ? 1 : 0.6, last = 0, drawn = 0, spent = 0, isSharp = false;

function frame(now) {
  requestAnimationFrame(frame);
  const seconds = Math.min((now - last) / 1000, 0.1);
  last = now;
  const { camera, bodies, painter, keys } = shown;
  const moved = bodies.isRestless;
  bodies.advance(now / 1000);
  keys.fly(seconds);
  const pose = camera.following && bodies.pose(camera.following);
  if (pose && bodies.hasMoved(camera.following)) camera.keepUp(pose, seconds);
  if (bodies.stale) {
    painter.isShadowStale = true;
    bodies.stale = false;
    camera.changed = true;
  }
  if (document.hidden) return;
  if (camera.changed || moved) paint(now, scale);
  else if (now - drawn > STILL_MS && !isSharp) paint(now, Math.min(1, scale * SHARPER), true);
  else if (painter.isRestless && (opened.isFast || now - drawn > Math.max(RIPPLE_MS, 4 * spent))) paint(now, isSharp ? Math.min(1, scale * SHARPER) : scale, isSharp);
}

// Draws one picture with so many pixels a screen's pixel, and learns from how long it takes.
function paint(now, share, sharp = opened.isFast) {
  const { camera, painter, tags } = shown, { gl } = opened;
  const began = performance.now();
  const dense = Math.min(devicePixelRatio, 2) * share;
  const width = Math.max(Math.round(canvas.clientWidth * dense), 16), height = Math.max(Math.round(canvas.clientHeight * dense), 16);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const view = camera.view(width, height);
  camera.changed = false;
  painter.draw(view, now / 1000);
  tags.place(view, canvas.clientWidth, canvas.clientHeight);
  if (!opened.isFast) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits until it is drawn
  const took = opened.isFast ? now - drawn : performance.now() - began;
  if (took < 2000 && (opened.isFast || share === scale)) {
    spent = spent ? spent * 0.7 + took * 0.3 : took;
    const wanted = scale * Math.sqrt(opened.isFast && spent < VSYNC_MS ? 1.1 : MEANT_MS / Math.max(spent, 1));
    if (Math.abs(wanted / scale - 1) > 0.15 || wanted > 1) scale = Math.min(Math.max(wanted, LEAST_SCALE), 1);
  }
  isSharp = sharp;
  drawn = performance.now();
  Object.assign(window.simbridge, { frames: window.simbridge.frames + 1, frame_ms: spent, scale, last_ms: took });
}
