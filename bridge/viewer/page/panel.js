// The panel: who does what, the clock, the weather; buttons become wishes.

const find = (id) => document.getElementById(id);
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const SLIDERS = { time_of_day_h: hour, visibility_m: metres, wetness: percent, snow_cover: percent };
const WISH_MS = 120, HELD_MS = 900;

export class Panel {
  constructor(stream, camera) {
    Object.assign(this, { stream, camera });
    this.watched = "";
    this.driven = "";
    this.cards = new Map();
    this.held = 0;
    find("pause").onclick = () => stream.wish({ do: this.isPaused ? "run" : "pause" });
    find("step").onclick = () => stream.wish({ do: "step", ticks: 1 });
    find("reset").onclick = () => stream.wish({ do: "reset" });
    find("home").onclick = () => this.follow("");
    find("moment").oninput = () => this.seek();
    find("fold").onclick = () => {
      document.body.classList.toggle("folded");
      camera.changed = true;
    };
    find("speed").oninput = () => stream.wish({ do: "speed", factor: SPEEDS[find("speed").value] });
    find("traffic").onchange = () => {
      this.hold();
      stream.wish({ do: "traffic", on: find("traffic").checked });
    };
    for (const button of document.querySelectorAll("#words button")) {
      button.onclick = () => stream.wish({ do: "weather", weather: button.dataset.word });
    }
    for (const id of Object.keys(SLIDERS)) find(id).oninput = () => this.slide(id);
    find("lamps_lit").onchange = () => stream.wish({ do: "weather", lamps_lit: find("lamps_lit").checked });
    find("view").onchange = () => this.watch(find("view").value);
  }

  // What is there to see and to control.
  world({ name, prompt, engine, agents, cameras, may, span, tick_s }) {
    document.title = `${prompt || name} · simbridge`;
    find("name").textContent = prompt || name;
    find("engine").textContent = engine;
    document.body.classList.toggle("watches", !may.step);
    document.body.classList.toggle("drives", may.drive);
    find("weather").hidden = !may.edit;
    find("traffic-row").hidden = !may.traffic;
    find("film").hidden = !span;
    [find("moment").min, find("moment").max] = span ?? [0, 1];
    Object.assign(this, { span, tickS: tick_s });
    this.agents = agents;
    find("agents").replaceChildren();
    this.cards.clear();
    find("nobody").hidden = agents.length > 0;
    find("nobody").textContent = "Nobody acts here. Drag to look around.";
    for (const agent of agents) this.addCard(agent, may.drive);
    const options = ["", ...cameras].map((camera) => new Option(camera || "no picture", camera));
    find("view").replaceChildren(...options);
    const first = cameras.find((camera) => camera === `${agents[0]}/follow`) ?? "";
    this.watch(cameras.includes(this.watched) && this.watched ? this.watched : first);
    find("inset").hidden = cameras.length === 0;
  }

  addCard(name, drives) {
    const card = document.createElement("li");
    const title = Object.assign(document.createElement("b"), { textContent: name });
    const does = Object.assign(document.createElement("span"), { className: "does" });
    const failure = Object.assign(document.createElement("span"), { className: "failure" });
    const follow = Object.assign(document.createElement("button"), { textContent: "Follow" });
    const drive = Object.assign(document.createElement("button"), { textContent: "Drive" });
    const ride = Object.assign(document.createElement("button"), { textContent: "Ride" });
    follow.onclick = () => this.follow(this.camera.following === name ? "" : name);
    drive.onclick = () => this.drive(this.driven === name ? "" : name);
    ride.onclick = () => this.stream.wish({ do: "ride", agent: name });
    const row = document.createElement("div");
    row.append(follow, ...(drives ? [drive, ride] : []));
    card.append(title, does, failure, row);
    find("agents").append(card);
    this.cards.set(name, { card, does, failure, follow, drive, ride });
  }

  follow(name) {
    if (name) this.camera.follow(name, this.poseOf(name));
    else this.camera.goHome();
    this.mark();
  }

  // Takes the wheel of one agent, or lets go.
  drive(name) {
    this.stream.wish({ do: "drive", agent: this.driven, forward: 0, turn: 0, fast: false, ends: true });
    this.driven = name;
    if (name) this.follow(name);
    this.mark();
  }

  mark() {
    for (const [name, { card, follow, drive }] of this.cards) {
      card.classList.toggle("followed", name === this.camera.following);
      follow.textContent = name === this.camera.following ? "Let go" : "Follow";
      drive.textContent = name === this.driven ? "Hand back" : "Drive";
    }
    find("keys").hidden = !this.driven;
  }

  watch(camera) {
    this.watched = camera;
    find("view").value = camera;
    find("picture").hidden = true;
    find("inset").classList.toggle("waits", Boolean(camera));
    this.stream.wish({ do: "watch", camera });
  }

  status({ tick, time_s, paused, ended, speed, rate, watching, trouble, agents, traffic }) {
    this.isPaused = paused;
    find("pause").textContent = !paused ? "Pause" : !this.span ? "Run" : ended ? "Replay" : "Play";
    find("clock").textContent = `${clock(time_s)} · tick ${tick}`;
    find("rate").textContent = ended ? "ended" : paused ? "paused" : `${rate.toFixed(rate < 10 ? 1 : 0)}× real time`;
    if (this.span && performance.now() - this.held > HELD_MS) this.showMoment(tick);
    find("speed").value = Math.max(SPEEDS.indexOf(speed), 0);
    find("speed-is").textContent = `${speed}×`;
    find("watching").textContent = watching > 1 ? `${watching} are watching` : "";
    if (performance.now() - this.held > HELD_MS) find("traffic").checked = traffic !== "off";
    find("traffic-is").textContent = traffic === "coming" ? "is coming …" : "";
    find("trouble").textContent = trouble;
    find("trouble").hidden = !trouble;
    for (const { name, doing, failure, riding, holding } of agents) {
      const card = this.cards.get(name);
      if (!card) continue;
      const also = [riding && `rides ${riding}`, holding.length && `holds ${holding.join(", ")}`].filter(Boolean);
      card.does.textContent = [doing || (also.length ? "" : "idle"), ...also].filter(Boolean).join(" · ");
      card.failure.textContent = failure;
      card.ride.textContent = riding ? "Dismount" : "Ride";
    }
  }

  // The weather as it is now, on the sliders (but not under the hand that moves one).
  weather(light, sky) {
    this.sky = sky;
    this.markInset();
    for (const button of document.querySelectorAll("#words button")) {
      button.classList.toggle("is", button.dataset.word === light.weather);
    }
    for (const [id, say] of Object.entries(SLIDERS)) {
      if (performance.now() - this.held > HELD_MS) find(id).value = id === "visibility_m" ? Math.log10(light[id]) : light[id];
      find(`${id}-is`).textContent = say(light[id]);
    }
    find("lamps_lit").checked = light.lamps_lit;
  }

  // For a moment, what is under the hand is not moved by what is heard.
  hold() {
    this.held = performance.now();
  }

  showMoment(tick) {
    find("moment").value = tick;
    find("moment-is").textContent = `${clock((tick - this.span[0]) * this.tickS)} / ${clock((this.span[1] - this.span[0]) * this.tickS)}`;
  }

  // Shows a recording from where the slider is dragged to.
  seek() {
    this.hold();
    this.showMoment(Number(find("moment").value));
    this.seeking ??= setTimeout(() => {
      this.seeking = undefined;
      this.stream.wish({ do: "seek", tick: Number(find("moment").value) });
    }, WISH_MS);
  }

  slide(id) {
    this.hold();
    const value = Number(find(id).value);
    const meant = id === "visibility_m" ? 10 ** value : value;
    find(`${id}-is`).textContent = SLIDERS[id](meant);
    this.asked = { ...this.asked, [id]: meant };
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.stream.wish({ do: "weather", ...this.asked });
      this.asked = {};
    }, WISH_MS);
  }

  // Until a picture under the present sky is there, the inset says that one is on its way.
  markInset() {
    find("inset").classList.toggle("waits", Boolean(this.watched) && this.pictured !== `${this.watched} ${this.sky}`);
  }

  picture({ camera, tick, sky }, blob) {
    if (camera !== this.watched) return;
    this.pictured = `${camera} ${sky}`;
    this.markInset();
    const image = find("picture"), old = image.src;
    image.src = URL.createObjectURL(blob);
    image.hidden = false;
    image.title = `tick ${tick}`;
    if (old) URL.revokeObjectURL(old);
  }

  // What a world model had imagined, under what the engine showed at that moment.
  dream({ model, agent, horizon_s, psnr_db, trust, trouble }, blob) {
    find("dream").hidden = false;
    find("dream-of").textContent = trouble || `${model} of ${agent}, ${horizon_s.toFixed(1)} s after it looked`;
    const sure = trust === null ? "" : ` · trust ${percent(trust)}`;
    find("dream-is").textContent = trouble ? "" : `${psnr_db.toFixed(1)} dB${sure}`;
    const image = find("dream-picture"), old = image.src;
    image.hidden = Boolean(trouble);
    if (trouble) return;
    image.src = URL.createObjectURL(blob);
    if (old) URL.revokeObjectURL(old);
  }

  notice(text, endsPictures) {
    if (endsPictures) this.watch("");
    const line = Object.assign(document.createElement("p"), { textContent: text });
    find("notices").append(line);
    setTimeout(() => line.remove(), 7000);
  }
}

function hour(value) {
  const minutes = Math.round(value * 60) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function metres(value) {
  return value < 1000 ? `${Math.round(value)} m` : `${(value / 1000).toFixed(1)} km`;
}

function percent(value) {
  return `${Math.round(100 * value)} %`;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${Math.floor((seconds - whole) * 10)}`;
}
