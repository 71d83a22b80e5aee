// The conversation with the program that runs the town: messages in, wishes out, and a new try when it breaks off.

const TOWN = 0, POSES = 1, PICTURE = 2, LIGHT = 3, DREAM = 4;

export class Stream {
  // `hears` has a function for each message: town(chunks), told(message), poses(...), picture(...), dream(...), light(buffer), lost(), and has(), the digest of the town there is.
  constructor(hears) {
    this.hears = hears;
    this.isOpen = false;
    this.connect();
  }

  connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/stream?have=${this.hears.has()}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => { this.isOpen = true; };
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.hears.told(JSON.parse(data)) : this.take(data));
    socket.onclose = () => {
      this.isOpen = false;
      this.hears.lost();
      setTimeout(() => this.connect(), 1500);
    };
    this.socket = socket;
  }

  take(buffer) {
    const head = new DataView(buffer);
    const kind = head.getUint8(0);
    if (kind === TOWN) this.hears.town(new Uint8Array(buffer, 4));
    if (kind === LIGHT) this.hears.light(buffer, 4, head.getUint16(2, true));
    if (kind === POSES) {
      const count = head.getUint32(4, true), roster = head.getUint32(20, true);
      this.hears.poses(roster, new Int32Array(buffer, 24, count), new Float32Array(buffer, 24 + 4 * count, 7 * count));
    }
    if (kind === PICTURE || kind === DREAM) {
      const size = head.getUint32(4, true);
      const said = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
      const blob = new Blob([new Uint8Array(buffer, 8 + size)], { type: kind === DREAM ? "image/png" : "image/jpeg" });
      if (kind === DREAM) this.hears.dream(said, blob);
      else this.hears.picture(said, blob);
    }
  }

  wish(what) {
    if (this.isOpen) this.socket.send(JSON.stringify(what));
  }
}
