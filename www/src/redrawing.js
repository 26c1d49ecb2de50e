// When views of a network are drawn anew: once its weights have changed, one view a frame, each at its own pace.

export class Redrawing {
  #views;
  #network = null;

  /** `views` are { draw, every }: a view's function, and the fewest milliseconds between two of its calls. */
  constructor(views) {
    this.#views = views.map((view) => ({ ...view, version: -1, time: 0 }));
    requestAnimationFrame((now) => this.#frame(now));
  }

  /** Follows another network's weights, or none (null). */
  follow(network) {
    this.#network = network;
    this.drawAll();
  }

  /** Draws all views again, even if the weights stay the same. */
  drawAll() {
    for (const view of this.#views) view.version = -1;
  }

  /** Ends the waiting of all views. */
  hurry() {
    for (const view of this.#views) view.time = 0;
  }

  #frame(now) {
    if (this.#network !== null) {
      const { version } = this.#network;
      const due = this.#views.find((view) => view.version !== version && now - view.time >= view.every);
      if (due !== undefined) {
        due.version = version;
        due.time = now;
        due.draw();
      }
    }
    requestAnimationFrame((later) => this.#frame(later));
  }
}
