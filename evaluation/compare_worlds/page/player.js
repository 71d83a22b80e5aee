// Plays an episode and a dream of it side by side: strips of frames are cut up on canvases, the third shows the difference.
for (const player of document.querySelectorAll(".player")) {
  const told = JSON.parse(player.querySelector("script[type='application/json']").textContent);
  const one = (selector) => player.querySelector(selector);
  const [episodes, dreamers, button, scrub, readout, stage, plot] =
    [".episodes", ".dreamers", ".play", ".scrub input", ".readout", ".stage", ".scrub svg"].map(one);
  const rows = ["engine", "dream", "difference"];
  const cells = rows.map((row) => told.views.map((view) => {
    const [figure, canvas, caption] = ["figure", "canvas", "figcaption"].map((tag) => document.createElement(tag));
    [canvas.width, canvas.height] = [told.width, told.height];
    caption.textContent = told.views.length > 1 ? `${row}, ${view}` : row;
    figure.append(canvas, caption);
    stage.append(figure);
    return { caption, pen: canvas.getContext("2d", { willReadFrequently: true }) };
  }));
  let pictures = [null, null];
  let playing = 0;
  let loading = 0;
  const episode = () => told.episodes[episodes.value];
  const dream = () => episode().dreams[dreamers.value];
  const last = () => episode().frames - 1;

  const loaded = (source) => new Promise((done) => {
    const picture = new Image();
    picture.onload = () => done(picture);
    picture.src = source;
  });

  function show() {
    const moment = Math.min(Number(scrub.value), last());
    told.views.forEach((view, row) => {
      const data = pictures.map((picture, which) => {
        const pen = cells[which][row].pen;
        pen.drawImage(picture, moment * told.width, row * told.height, told.width, told.height, 0, 0, told.width, told.height);
        return pen.getImageData(0, 0, told.width, told.height).data;
      });
      const pen = cells[2][row].pen;
      const gap = pen.createImageData(told.width, told.height);
      for (let i = 0; i < gap.data.length; i += 4) {
        let most = 0;
        for (let c = 0; c < 3; c += 1) most = Math.max(most, Math.abs(data[0][i + c] - data[1][i + c]));
        const colour = told.palette[Math.min(255, Math.trunc(most * told.gain))];
        gap.data.set([...colour, 255], i);
      }
      pen.putImageData(gap, 0, 0);
    });
    const value = moment ? dream().curve[moment - 1] : null;
    const rival = moment && episode().yardstick ? episode().yardstick[moment - 1] : null;
    const number = (x) => (x === null || x === undefined ? "–" : x.toFixed(Math.abs(x) < 10 ? 2 : 1));
    readout.textContent = moment === 0
      ? "0.0 s: the last moment that was seen"
      : `${episode().times_s[moment].toFixed(1)} s: ${told.measure} ${number(value)}` +
        (rival !== null && dreamers.value !== told.yardstick ? `, ${told.yardstick} ${number(rival)}` : "");
    const now = plot.querySelector(".now");
    if (now) now.setAttribute("transform", `translate(${(100 * moment) / Math.max(last(), 1)} 0)`);
  }

  function draw() {
    const lines = [[episode().yardstick, told.colours[told.yardstick]], [dream().curve, told.colours[dreamers.value]]]
      .filter(([line]) => line);
    const values = lines.flatMap(([line]) => line).filter((x) => x !== null);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const x = (moment) => (100 * moment) / Math.max(last(), 1);
    const y = (value) => 36 - (32 * (value - low)) / (high - low || 1);
    const drawn = lines.map(([line, colour]) => {
      const points = line.map((v, i) => (v === null ? "" : `${x(i + 1)},${y(v)}`)).join(" ");
      return `<polyline class="c${colour % 8}" points="${points}"/>`;
    });
    if (dream().onset) drawn.push(`<line class="onset" x1="${x(dream().onset)}" x2="${x(dream().onset)}" y1="0" y2="40"/>`);
    plot.innerHTML = `${drawn.join("")}<line class="now" x1="0" x2="0" y1="0" y2="40"/>`;
    cells[1].forEach((cell, row) => {
      cell.caption.textContent = told.views.length > 1 ? `${dreamers.value}, ${told.views[row]}` : dreamers.value;
    });
  }

  async function choose() {
    const wanted = dreamers.value;
    dreamers.replaceChildren(...Object.keys(episode().dreams).map((label) => new Option(label, label)));
    if (wanted in episode().dreams) dreamers.value = wanted;
    scrub.max = last();
    const mine = (loading += 1);
    const found = await Promise.all([loaded(episode().truth), loaded(dream().strip)]);
    if (mine !== loading) return;
    pictures = found;
    draw();
    show();
    player.dataset.shown = `${episodes.value} ${dreamers.value}`;
  }

  function stop() {
    clearInterval(playing);
    playing = 0;
    button.textContent = "▶ Play";
  }

  button.addEventListener("click", () => {
    if (playing) return stop();
    if (Number(scrub.value) >= last()) scrub.value = 0;
    button.textContent = "❚❚ Pause";
    playing = setInterval(() => {
      scrub.value = Number(scrub.value) >= last() ? 0 : Number(scrub.value) + 1;
      show();
    }, 1000 * told.frame_s);
    return show();
  });
  scrub.addEventListener("input", () => { stop(); show(); });
  plot.addEventListener("click", (event) => {
    const box = plot.getBoundingClientRect();
    stop();
    scrub.value = Math.round((last() * (event.clientX - box.left)) / box.width);
    show();
  });
  episodes.addEventListener("change", choose);
  dreamers.addEventListener("change", choose);
  for (const button of document.querySelectorAll("[data-episode]")) {
    button.hidden = told.episodes.every((shown) => shown.id !== button.dataset.episode);
    button.addEventListener("click", () => {
      episodes.value = told.episodes.findIndex((shown) => shown.id === button.dataset.episode);
      choose();
      player.scrollIntoView({ behavior: "smooth", block: "start" });
    });
  }
  told.episodes.forEach((shown, index) => episodes.append(new Option(shown.name, index)));
  episodes.value = told.first;
  Object.keys(episode().dreams).forEach((label) => dreamers.append(new Option(label, label)));
  scrub.max = last();
  scrub.value = Math.ceil(last() / 2);
  choose();
}
