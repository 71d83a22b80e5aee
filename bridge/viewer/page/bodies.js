// What moves: takes poses as they arrive and moves things smoothly from one to the next.

const SMOOTHLY_S = 0.25; // poses further apart than this are a jump
const JUMP_M = 6;
const ASTRIDE = new Set(["scooter", "bicycle"]); // classes of what one sits on

export class Bodies {
  constructor(pack, town) {
    this.town = town;
    this.rowOf = new Map(pack.placed.map((name, row) => [name, row]));
    this.partOf = new Map(pack.parts.map((name, part) => [name, part]));
    this.semanticOf = new Map(pack.assets.map(([name, , semantic]) => [name, semantic]));
    this.names = [];
    this.byName = new Map();
    this.moving = new Set();
    this.stale = false;
  }

  // The names that poses go by from now on; `assets` says what later ones are copies of.
  list(roster, names, assets) {
    this.roster = roster;
    const gone = new Set(this.byName.keys());
    this.names = names.map((name) => {
      gone.delete(name);
      const known = this.byName.get(name);
      if (!known || !this.isStill(known, assets[name])) this.byName.set(name, this.thing(name, assets[name]));
      const thing = this.byName.get(name);
      if (thing.row >= 0) this.town.hidden[thing.row] = 0;
      return thing;
    });
    for (const name of gone) {
      const { row } = this.byName.get(name);
      if (row >= 0) this.town.hidden[row] = 1;
      this.byName.delete(name);
    }
    this.moving.clear();
    this.stale = true;
  }

  // Whether a thing is what it was: its name may have gone to a copy of another asset.
  isStill({ name, row, part }, asset) {
    if (!asset) return true;
    const isIt = part >= 0 || (row >= 0 && this.town.isOf(row, asset));
    if (!isIt && row >= 0) this.town.hidden[row] = 1;
    if (!isIt) this.rowOf.delete(name);
    return isIt;
  }

  thing(name, asset) {
    if (asset && this.rowOf.has(name) && !this.town.isOf(this.rowOf.get(name), asset)) this.rowOf.delete(name);
    let row = this.rowOf.get(name) ?? -1;
    if (row < 0 && !this.partOf.has(name) && asset) {
      row = this.town.add(asset);
      if (row >= 0) this.rowOf.set(name, row);
    }
    return { name, row, part: this.partOf.get(name) ?? -1, pose: null, from: null, to: null, start: 0, lasts: 0 };
  }

  // Shows those who ride two-wheelers sitting, and everybody else standing; `agents` say what each rides.
  ride(agents) {
    for (const { name, riding } of agents) {
      const thing = this.byName.get(name), on = this.byName.get(riding)?.row ?? -1;
      if (!thing || thing.row < 0) continue;
      const astride = on >= 0 && ASTRIDE.has(this.town.pack.assets[this.town.asset[on]][2]);
      if (!this.town.sit(thing.row, astride)) continue;
      if (thing.pose) this.town.place(thing.row, thing.pose, 0);
      this.stale = true;
    }
  }

  // Takes poses (count, 7) of the names at `index` over, at a time of the page's clock [s].
  take(index, poses, now) {
    for (let k = 0; k < index.length; ++k) {
      const thing = this.names[index[k]], to = poses.slice(7 * k, 7 * k + 7);
      const far = thing.pose ? Math.hypot(to[0] - thing.pose[0], to[1] - thing.pose[1], to[2] - thing.pose[2]) : Infinity;
      const since = now - thing.start;
      thing.from = far < JUMP_M ? thing.pose.slice() : to;
      thing.lasts = far < JUMP_M && since < SMOOTHLY_S ? Math.max(since, 0.02) : far < JUMP_M ? 0.04 : 0;
      thing.to = to;
      thing.start = now;
      if (!thing.pose) thing.pose = to.slice();
      this.moving.add(thing);
    }
  }

  // Moves what moves to where it is now.
  advance(now) {
    this.now = now;
    for (const thing of this.moving) {
      const share = thing.lasts > 0 ? Math.min((now - thing.start) / thing.lasts, 1) : 1;
      blend(thing.pose, thing.from, thing.to, share);
      if (thing.row >= 0) {
        this.town.place(thing.row, thing.pose, 0);
        if (!this.town.moves[thing.row] && distance(thing.pose, thing.first ?? (thing.first = thing.pose.slice())) > 0.05) {
          this.town.moves[thing.row] = 1;
          this.stale = true;
        }
      } else if (thing.part >= 0 && (this.town.movedParts.has(thing.part) || isMoved(thing.pose))) {
        if (!this.town.movedParts.has(thing.part)) this.stale = true;
        this.town.movePart(thing.part, thing.pose, 0);
      }
      if (share === 1) this.moving.delete(thing);
      thing.moved = now;
    }
  }

  get isRestless() {
    return this.moving.size > 0;
  }

  // Whether somebody moves just now.
  hasMoved(name) {
    return this.byName.get(name)?.moved === this.now;
  }

  pose(name) {
    return this.byName.get(name)?.pose;
  }

  height(name) {
    const row = this.byName.get(name)?.row ?? -1;
    if (row < 0) return 1.8;
    return this.town.pack.arrays.asset_box[6 * this.town.figure[row] + 5] * this.town.scale[3 * row + 2];
  }
}

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const isMoved = (pose) => Math.hypot(pose[0], pose[1], pose[2], pose[4], pose[5], pose[6]) > 1e-5;

function blend(out, from, to, share) {
  const side = from[3] * to[3] + from[4] * to[4] + from[5] * to[5] + from[6] * to[6] < 0 ? -1 : 1;
  for (let k = 0; k < 3; ++k) out[k] = from[k] + (to[k] - from[k]) * share;
  for (let k = 3; k < 7; ++k) out[k] = from[k] * (1 - share) + side * to[k] * share;
  const size = Math.hypot(out[3], out[4], out[5], out[6]) || 1;
  for (let k = 3; k < 7; ++k) out[k] /= size;
}
