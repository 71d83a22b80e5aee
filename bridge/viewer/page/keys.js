// The keyboard: W A S D and arrows drive an agent, or move the eye over the town when nobody is driven.

const AGAIN_MS = 150;
const TYPES = new Set(["INPUT", "SELECT", "TEXTAREA"]);

export class Keys {
  constructor(panel, camera, stream) {
    Object.assign(this, { panel, camera, stream });
    this.down = new Set();
    addEventListener("keydown", (event) => this.press(event));
    addEventListener("keyup", (event) => this.release(event));
    addEventListener("blur", () => this.down.clear());
    setInterval(() => this.tell(), AGAIN_MS);
  }

  press(event) {
    if ((TYPES.has(event.target.tagName) && event.target.type !== "range") || event.ctrlKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key === " ") document.getElementById("pause").click();
    else if (key === ".") document.getElementById("step").click();
    else if (key === "h") this.panel.follow("");
    else if (key === "e" && this.panel.driven) this.stream.wish({ do: "ride", agent: this.panel.driven });
    else if (key === "escape") this.panel.drive("");
    else if (!"wasdqr".includes(key) && !key.startsWith("arrow") && key !== "shift") return;
    if (key !== "shift") event.preventDefault();
    const isNew = !this.down.has(key);
    this.down.add(key);
    if (isNew) this.tell();
  }

  release(event) {
    this.down.delete(event.key.toLowerCase());
    this.tell();
  }

  pull(plus, arrowPlus, less, arrowLess) {
    const held = (key, arrow) => Number(this.down.has(key) || this.down.has(arrow));
    return held(plus, arrowPlus) - held(less, arrowLess);
  }

  // Says again where the driver steers, so that an agent stops when its driver is gone.
  tell() {
    if (!this.panel.driven) return;
    const wish = {
      do: "drive", agent: this.panel.driven, fast: this.down.has("shift"),
      forward: this.pull("w", "arrowup", "s", "arrowdown"), turn: this.pull("a", "arrowleft", "d", "arrowright"),
    };
    this.stream.wish(wish);
  }

  // Moves the eye, so many seconds long.
  fly(seconds) {
    if (this.panel.driven || !this.down.size) return;
    const ahead = this.pull("w", "arrowup", "s", "arrowdown"), side = this.pull("d", "arrowright", "a", "arrowleft");
    if (ahead || side) this.camera.pan(-side * seconds * 700, ahead * seconds * 700);
    if (this.down.has("q")) this.camera.orbit(-seconds * 250, 0);
    if (this.down.has("r")) this.camera.orbit(seconds * 250, 0);
  }
}
