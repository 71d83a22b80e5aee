// The eye of the page: orbits a place, flies over the town, or follows somebody.

import { add, clamp, cross, frustum, minus, perspective, times, unit, yaw } from "./vectors.js";

const FOV_Y = 0.72, NEAR = 0.4, FAR = 9000;
const LOWEST = -0.1, STEEPEST = 1.5;
const STEADY = 1e-3; // moves [m] and turns [rad] below are none
const BEHIND_M = 8, UPWARDS = 0.2;

export class Camera {
  constructor(canvas, outlook, groundAt) {
    this.groundAt = groundAt;
    this.changed = true;
    this.following = "";
    this.aside = 0; // part of the picture's width that the panel covers on the right
    this.look(outlook.eye, outlook.target);
    this.home = outlook;
    this.listen(canvas);
  }

  // Looks from a place at another.
  look(eye, target) {
    const back = minus(eye, target);
    this.target = [...target];
    this.away = Math.hypot(...back);
    this.pitch = Math.asin(clamp(back[2] / this.away, -1, 1));
    this.bearing = Math.atan2(back[1], back[0]);
    this.changed = true;
  }

  goHome() {
    this.following = "";
    this.look(this.home.eye, this.home.target);
  }

  // Follows somebody: from behind, until dragged; "" lets go.
  follow(name, pose) {
    this.following = name;
    if (!name || !pose) return;
    this.target = above(pose);
    this.away = BEHIND_M;
    this.pitch = UPWARDS;
    this.heading = yaw(pose);
    this.bearing = this.heading + Math.PI;
    this.changed = true;
  }

  // Keeps up with whoever is followed, and turns with them; calm after small turns.
  keepUp(pose, seconds) {
    const target = above(pose);
    const turn = Math.atan2(Math.sin(yaw(pose) - this.heading), Math.cos(yaw(pose) - this.heading));
    const share = turn * Math.min(1, 2.5 * seconds);
    if (Math.hypot(...minus(target, this.target)) < STEADY && Math.abs(share) < STEADY) return;
    this.target = target;
    this.heading += share;
    this.bearing += share;
    this.changed = true;
  }

  get eye() {
    const flat = Math.cos(this.pitch) * this.away;
    const eye = add(this.target, [Math.cos(this.bearing) * flat, Math.sin(this.bearing) * flat, Math.sin(this.pitch) * this.away]);
    eye[2] = Math.max(eye[2], this.groundAt(eye[0], eye[1]) + 0.6);
    return eye;
  }

  // What shaders and culling need, for a picture of so many pixels.
  view(width, height) {
    const centred = this.eye, forward = unit(minus(this.target, centred));
    const right = unit(cross(forward, [0, 0, 1])), up = cross(right, forward);
    const tanY = Math.tan(FOV_Y / 2) * (width < height ? 1.4 : 1), tanX = (tanY * width) / height;
    const eye = add(centred, times(right, this.aside * tanX * this.away)); // the target is in the middle of what is free
    return {
      eye, right, up, forward, tanX, tanY, width, height, pixel: (2 * tanY) / height,
      clip: perspective(eye, right, up, forward, tanX, tanY, NEAR, FAR),
      planes: frustum(eye, right, up, forward, tanX, tanY),
    };
  }

  pan(x, y) {
    const scale = this.away * 0.0012, side = [-Math.sin(this.bearing), Math.cos(this.bearing), 0];
    const ahead = [-Math.cos(this.bearing), -Math.sin(this.bearing), 0];
    this.following = "";
    this.target = add(this.target, add(times(side, -x * scale), times(ahead, y * scale)));
    const ground = this.groundAt(this.target[0], this.target[1]);
    this.target[2] += (ground + 2 - this.target[2]) * 0.15;
    this.changed = true;
  }

  orbit(x, y) {
    this.bearing -= x * 0.005;
    this.pitch = clamp(this.pitch + y * 0.005, LOWEST, STEEPEST);
    this.changed = true;
  }

  zoom(steps) {
    this.away = clamp(this.away * Math.exp(steps), 1.5, 2500);
    this.changed = true;
  }

  listen(canvas) {
    const fingers = new Map();
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const spread = () => {
        const [a, b] = [...fingers.values()];
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
      };
      const wide = fingers.size === 2 ? spread() : 0;
      const x = event.clientX - before[0], y = event.clientY - before[1];
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 2) {
        this.zoom(Math.log(wide / Math.max(spread(), 1)));
        this.pan(x / 2, y / 2);
      } else if (event.buttons & 2 || event.shiftKey) this.pan(x, y);
      else this.orbit(x, y);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(clamp(event.deltaY, -240, 240) * 0.0012);
    }, { passive: false });
  }
}

const above = (pose) => [pose[0], pose[1], pose[2] + 1.4];
