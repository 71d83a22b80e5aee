// Names over the heads of agents, and over things that have no shape in the scene.

const NEAR_M = 260, AGENTS_NEAR_M = 900;

export class Tags {
  constructor(layer, bodies) {
    Object.assign(this, { layer, bodies });
    this.tags = new Map();
  }

  // The names to show from now on: of agents, and of what has no shape.
  show(agents, shapeless) {
    const wanted = new Set([...agents, ...shapeless]);
    for (const [name, tag] of this.tags) {
      if (!wanted.has(name)) {
        tag.remove();
        this.tags.delete(name);
      }
    }
    for (const name of wanted) {
      if (this.tags.has(name)) continue;
      const tag = Object.assign(document.createElement("span"), { textContent: name, className: agents.includes(name) ? "agent" : "" });
      this.layer.append(tag);
      this.tags.set(name, tag);
    }
  }

  // Puts the tags where a view has their bodies; the layer is so large [CSS pixels].
  place({ clip, eye }, width, height) {
    for (const [name, tag] of this.tags) {
      const pose = this.bodies.pose(name);
      const at = pose && [pose[0], pose[1], pose[2] + this.bodies.height(name) + 0.35, 1];
      const seen = (row) => at.reduce((sum, value, column) => sum + value * clip[4 * column + row], 0);
      const depth = at ? seen(3) : -1;
      const far = at ? Math.hypot(at[0] - eye[0], at[1] - eye[1], at[2] - eye[2]) : Infinity;
      tag.hidden = depth <= 0.5 || far > (tag.className ? AGENTS_NEAR_M : NEAR_M);
      if (tag.hidden) continue;
      const x = ((seen(0) / depth) * 0.5 + 0.5) * width, y = (0.5 - (seen(1) / depth) * 0.5) * height;
      tag.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -100%)`;
    }
  }
}
