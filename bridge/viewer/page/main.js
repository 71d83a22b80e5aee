// Opens the town: waits for it, draws it, hands messages to what they concern.

import { Bodies } from "./bodies.js";
import { Camera } from "./camera.js";
import { open } from "./gl.js";
import { Keys } from "./keys.js";
import { Pacing } from "./pacing.js";
import { inflated, unpack } from "./pack.js";
import { Panel } from "./panel.js";
import { Picture } from "./picture.js";
import { Stream } from "./stream.js";
import { Tags } from "./tags.js";
import { Town } from "./town.js";

const canvas = document.getElementById("town");
const opened = open(canvas);
const waiting = { chunks: [], got: 0, size: 1, told: [], light: null, poses: [] };
let shown = null;
window.simbridge = { state: "loading" };

const stream = opened ? new Stream({ town: takeTown, told, poses, picture, dream, light, lost, has: () => shown?.digest ?? "" }) : null;
if (!opened) fail("This browser draws no WebGL 2. Try a newer one, or switch hardware acceleration on.");

function fail(text) {
  document.getElementById("loading").textContent = text;
  document.getElementById("loading").hidden = false;
  document.getElementById("nobody").textContent = "";
  window.simbridge.state = "failed";
}

// How far the loading is, in words and in a bar.
function loading(text, share) {
  document.getElementById("stage-of-loading").textContent = text;
  document.getElementById("nobody").textContent = `${text} …`;
  document.getElementById("progress").style.width = `${(100 * share).toFixed(0)}%`;
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
    if (!shown) loading("Loading the town", 0);
  } else if (shown) hear(message);
  else waiting.told.push(message);
}

function hear(message) {
  const { panel, bodies, tags } = shown;
  if (message.is === "world") {
    panel.world(message);
    shown.agents = message.agents;
    if (shown.isSeen) ready();
    tags.show(message.agents, []);
  } else if (message.is === "bodies") {
    bodies.list(message.roster, message.names, message.assets);
    const shapeless = bodies.names.filter((thing) => thing.row < 0 && thing.part < 0).map((thing) => thing.name);
    tags.show(shown.agents, shapeless);
  } else if (message.is === "status") {
    bodies.ride(message.agents);
    panel.status(message);
  } else if (message.is === "notice") panel.notice(message.text, message.ends_pictures);
}

async function takeTown(chunk) {
  waiting.chunks.push(chunk);
  waiting.got += chunk.length;
  const share = waiting.got / waiting.size;
  if (!shown) loading(share < 1 ? `Loading the town, ${(100 * share).toFixed(0)} %` : "Drawing the town", share);
  if (waiting.got < waiting.size || shown) return;
  try {
    await begin(unpack(await inflated(waiting.chunks)));
  } catch (error) {
    fail(`The town cannot be drawn: ${error.message}`);
    throw error;
  }
}

function light(buffer, start, sky) {
  if (!shown) {
    waiting.light = [buffer, start, sky];
    return;
  }
  const pack = unpack(buffer, start);
  shown.painter.light(pack);
  shown.panel.weather(pack, sky);
  shown.camera.changed = true;
}

function poses(roster, index, values) {
  if (!shown) waiting.poses.push([roster, index, values]);
  else if (roster === shown.bodies.roster) shown.bodies.take(index, values, performance.now() / 1000);
}

function picture(said, blob) {
  shown?.panel.picture(said, blob);
}

function dream(said, blob) {
  shown?.panel.dream(said, blob);
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
  shown = { pack, town, painter, camera, bodies, panel, tags, agents: [], digest: waiting.digest, keys: new Keys(panel, camera, stream), isSeen: false };
  shown.pacing = new Pacing(canvas, opened, shown);
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

let last = 0;

function frame(now) {
  requestAnimationFrame(frame);
  const seconds = Math.min((now - last) / 1000, 0.1);
  last = now;
  const { camera, bodies, painter, keys, pacing } = shown;
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
  pacing.frame(now, moved);
  if (pacing.frames && !shown.isSeen) {
    shown.isSeen = true;
    ready();
  }
}

// The audience is there: a recording may begin.
function ready() {
  stream.wish({ do: "ready" });
}
