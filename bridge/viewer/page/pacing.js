// When to draw, and how finely: a graphics card draws every change at once; a software rasteriser draws coarsely while the
// view moves, keeps a sharp picture of what stands still as soon as it rests, and then only draws over that what moves.

const SCREEN_MS = 22, MEANT_MS = 55; // intervals of a screen's own; what a frame may take in software
const LEAST_SCALE = 0.4; // parts of the screen's pixels that are drawn while the view moves
const STILL_MS = 300; // a view that rests so long is drawn sharply
const SHARP_MS = 450, SHARPEST_MS = 2500, SHARPEST_AFTER_MS = 1600; // what that may take at once, and later
const RIPPLE_MS = 1500, RIPPLE_SHARE = 10; // waves are drawn anew no more often than that, and in so small a part of the time
const RAIN_MS = 110, OVER_MS = 90, CORNERS = 0.4;
const PANEL_PX = 308, NARROW_PX = 720; // what the panel covers, but on narrow screens; see style.css
const FIRST_FRAMES = 3; // tell nothing: programs are compiled then

export class Pacing {
  constructor(canvas, { gl, isFast }, shown) {
    Object.assign(this, { canvas, gl, isFast, shown });
    this.scale = isFast ? 1 : 0.6;
    this.most = 1; // share of the pixels that what moves can be drawn over in time
    this.drawn = this.rested = this.spent = this.spentOver = this.frames = 0;
    this.kept = null;
  }

  // Draws what has changed since the last frame, if anything has.
  frame(now, moved) {
    const { camera, painter } = this.shown;
    if (this.isFast) {
      if (camera.changed || moved || painter.isRestless) this.paint(now);
    } else if (camera.changed) {
      this.kept = null;
      this.rested = now;
      this.paint(now);
    } else if (!this.kept || !this.fits(this.kept)) {
      this.kept = null;
      if (now - this.rested > STILL_MS) this.keep(now, SHARP_MS);
      else if (moved) this.paint(now);
    } else this.rest(now, moved);
  }

  // A view that rests.
  rest(now, moved) {
    const { painter } = this.shown, { kept } = this;
    const since = now - kept.at, waves = Math.max(moved ? 3 * RIPPLE_MS : RIPPLE_MS, RIPPLE_SHARE * kept.took);
    if (this.spentOver > OVER_MS && kept.share > this.scale) {
      this.most = Math.max(0.8 * kept.share, this.scale);
      this.spentOver = 0;
      this.keep(now, kept.meant);
    } else if (kept.meant < SHARPEST_MS && since > SHARPEST_AFTER_MS && kept.share < this.most) this.keep(now, SHARPEST_MS);
    else if (painter.hasWaves && since > waves) this.keep(now, kept.meant);
    else if (moved || (painter.isAirRestless && now - this.drawn > RAIN_MS)) this.paintOver(now);
  }

  // The picture's size for a share of the screen's pixels.
  size(share) {
    const { clientWidth, clientHeight } = this.canvas, dense = Math.min(devicePixelRatio, 2) * share;
    return [Math.max(Math.round(clientWidth * dense), 16), Math.max(Math.round(clientHeight * dense), 16)];
  }

  fits({ share, view }) {
    const [width, height] = this.size(share);
    return view.width === width && view.height === height;
  }

  view(share) {
    const [width, height] = this.size(share);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const isCovered = this.canvas.clientWidth > NARROW_PX && !document.body.classList.contains("folded");
    this.shown.camera.aside = isCovered ? PANEL_PX / this.canvas.clientWidth : 0;
    return this.shown.camera.view(width, height);
  }

  // One whole picture; learns from how long it takes.
  paint(now) {
    const { camera, painter } = this.shown, began = performance.now(), view = this.view(this.scale);
    camera.changed = false;
    painter.draw(view, now / 1000);
    const took = this.isFast ? now - this.drawn : this.finished(began);
    this.done(view);
    if (took > 2000 || this.frames <= FIRST_FRAMES) return;
    this.spent = this.spent ? this.spent * 0.7 + took * 0.3 : took;
    const wanted = this.scale * Math.sqrt(this.isFast ? (this.spent < SCREEN_MS ? 1.1 : 40 / this.spent) : MEANT_MS / Math.max(this.spent, 1));
    if (Math.abs(wanted / this.scale - 1) > 0.15 || wanted > 1) this.scale = Math.min(Math.max(wanted, LEAST_SCALE), 1);
  }

  // Keeps what stands still, as sharply as it can be drawn in that time.
  keep(now, meant) {
    const { painter } = this.shown, began = performance.now();
    const [known, spent] = this.kept ? [this.kept.share, this.kept.took] : [this.scale, Math.max(this.spent, 1)];
    const finer = Math.sqrt(Math.max((meant / spent - CORNERS) / (1 - CORNERS), 0)); // corners cost the same in every size
    const share = Math.min(Math.max(known * finer, this.scale), this.most);
    const view = this.view(share);
    painter.keep(view, now / 1000);
    painter.drawOver(view, now / 1000);
    this.kept = { view, share, meant, took: this.finished(began), at: performance.now() };
    this.done(view);
  }

  // Draws what moves, and the rain, over what was kept.
  paintOver(now) {
    const began = performance.now();
    this.shown.painter.drawOver(this.kept.view, now / 1000);
    const took = this.finished(began);
    this.spentOver = this.spentOver ? this.spentOver * 0.8 + took * 0.2 : took;
    this.done(this.kept.view);
  }

  // Waits until a software rasteriser is done; how long it took [ms].
  finished(began) {
    if (!this.isFast) this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - began;
  }

  done(view) {
    this.shown.tags.place(view, this.canvas.clientWidth, this.canvas.clientHeight);
    this.drawn = performance.now();
    this.frames += 1;
    const { frames, scale, spent, spentOver, kept } = this;
    Object.assign(window.simbridge, { frames, scale, frame_ms: spent, over_ms: spentOver, kept_share: kept?.share ?? 0, kept_ms: kept?.took ?? 0 });
  }
}
