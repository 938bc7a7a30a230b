/* Where steps were dragged to: a matter of looks, so it stays in this browser. */
export class Places {
  constructor(recipe) {
    this.key = "patchdeck-canvas-" + recipe;
    try {
      this.held = JSON.parse(localStorage.getItem(this.key)) ?? {};
    } catch {
      this.held = {};
    }
  }
  kept() {
    return this.held;
  }
  keep(moved) {
    for (const one of moved) this.held[one.id] = { x: one.position.x, y: one.position.y };
    localStorage.setItem(this.key, JSON.stringify(this.held));
  }
  forget() {
    this.held = {};
    localStorage.removeItem(this.key);
  }
}
