/* <pd-parts>: the parts of a page, as a list and where they stand on its picture; the numbers are the same in both.

   Its property `content`: {image, width, height, parts: [{number, value, text, box: [left, top, width, height]}], say}.
   It says `chosen` {number}. Tab leads from the list to the same part on the picture, arrows to other parts. */
class PdParts extends HTMLElement {
  #content = null;
  #said = "";
  #rows = new Map();
  #boxes = new Map();

  /* What is the same stays as it is, with what is pointed at. */
  set content(value) {
    const said = JSON.stringify(value);
    if (said === this.#said) return;
    this.#said = said;
    this.#content = value;
    if (this.isConnected) this.#build();
  }

  connectedCallback() {
    if (this.#content) this.#build();
  }

  #build() {
    const { parts, say } = this.#content;
    const search = pdPlaces.element("input", "pd-input", { type: "search", placeholder: say.find, "aria-label": say.find, "data-testid": "find-part" });
    const list = pdPlaces.element("ul", "pd-parts-list", { "aria-label": say.list, "data-testid": "parts" });
    const none = pdPlaces.element("p", "pd-muted pd-small", { role: "status" });
    list.append(...parts.map((part) => pdPlaces.element("li", "", {}, this.#row(part))));
    search.addEventListener("input", () => this.#filter(search.value.trim().toLowerCase(), none));
    this.replaceChildren(pdPlaces.element("div", "pd-parts-side", {}, search, none, list), this.#picture());
    this.#walk(list, this.#rows);
    this.#filter("", none);
  }

  #row(part) {
    const words = pdPlaces.element("span", "pd-parts-words", {}, pdPlaces.element("span", "pd-parts-text", {}, part.text), pdPlaces.element("code", "", {}, part.value));
    if (!part.box) words.append(pdPlaces.element("span", "pd-muted pd-small", {}, this.#content.say.absent));
    const made = this.#button("pd-parts-row", part, `part-${part.value}`);
    made.append(pdPlaces.element("span", "pd-parts-number pd-number", {}, String(part.number)), words);
    this.#rows.set(part.number, made);
    return made;
  }

  #picture() {
    const { image, width, height, parts, say } = this.#content;
    const sheet = pdPlaces.element("div", "pd-parts-sheet"), shown = parts.filter((part) => part.box);
    const picture = pdPlaces.element("img", "", { src: image, alt: say.picture, width, height, draggable: "false" });
    const broken = pdPlaces.element("p", "pd-parts-broken", {}, say.broken);
    picture.addEventListener("error", () => sheet.classList.add("pd-parts-missing"));
    sheet.append(picture, broken, ...shown.map((part) => this.#box(part)));
    /* What is small lies above what is around it. */
    const area = ({ box }) => box[2] * box[3];
    [...shown].sort((one, other) => area(other) - area(one)).forEach((part, index) => (this.#boxes.get(part.number).style.zIndex = index + 1));
    this.#walk(sheet, this.#boxes);
    return pdPlaces.element("div", "pd-parts-picture", { role: "group", "aria-label": say.boxes, "data-testid": "parts-picture" }, sheet);
  }

  #box(part) {
    const { width, height, parts, say } = this.#content, [left, top, across, down] = part.box;
    const made = this.#button("pd-parts-box", part, `box-${part.value}`);
    const within = (one) => one !== part && one.box && one.box[0] >= left && one.box[1] >= top && one.box[0] + one.box[2] <= left + across && one.box[1] + one.box[3] <= top + down;
    if (!parts.some(within)) made.classList.add("pd-parts-leaf");
    made.setAttribute("aria-label", say.part.replace("{number}", part.number).replace("{text}", part.text));
    Object.assign(made.style, { left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`, width: `${(100 * across) / width}%`, height: `${(100 * down) / height}%` });
    made.append(pdPlaces.element("span", "pd-parts-tag", { "aria-hidden": "true" }, String(part.number)));
    this.#boxes.set(part.number, made);
    return made;
  }

  #button(classes, part, name) {
    const made = pdPlaces.element("button", classes, { type: "button", tabindex: "-1", "data-testid": name, "data-number": part.number });
    made.addEventListener("click", () => this.dispatchEvent(new CustomEvent("chosen", { detail: { number: part.number } })));
    for (const name of ["focus", "pointerenter"]) made.addEventListener(name, () => this.#show(part.number, made));
    return made;
  }

  /* Both sides show the part; the side that was not pointed at brings it into view. */
  #show(number, from) {
    for (const shown of this.querySelectorAll(".pd-parts-on")) shown.classList.remove("pd-parts-on");
    for (const [made, room] of [[this.#rows.get(number), ".pd-parts-list"], [this.#boxes.get(number), ".pd-parts-picture"]]) {
      made?.classList.add("pd-parts-on");
      if (made) this.#reach(made);
      if (made && made !== from) this.#reveal(made, made.closest(room));
    }
  }

  /* Scrolls the one room, and not what stands around it. */
  #reveal(made, room) {
    const inner = made.getBoundingClientRect(), outer = room.getBoundingClientRect(), gap = 12;
    if (inner.left < outer.left + gap) room.scrollLeft -= outer.left + gap - inner.left;
    else if (inner.right > outer.right - gap) room.scrollLeft += Math.min(inner.right - outer.right + gap, inner.left - outer.left - gap);
    if (inner.top < outer.top + gap) room.scrollTop -= outer.top + gap - inner.top;
    else if (inner.bottom > outer.bottom - gap) room.scrollTop += Math.min(inner.bottom - outer.bottom + gap, inner.top - outer.top - gap);
  }

  /* The part that was shown last is reached by Tab, the others by the arrows. */
  #walk(room, made) {
    const seen = () => [...made.values()].filter((one) => !one.closest("[hidden]"));
    room.addEventListener("keydown", (event) => {
      const all = seen(), at = all.indexOf(document.activeElement);
      const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (next === undefined || at < 0) return;
      event.preventDefault();
      all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
    });
  }

  #reach(made) {
    for (const one of made.classList.contains("pd-parts-row") ? this.#rows.values() : this.#boxes.values()) one.tabIndex = one === made ? 0 : -1;
  }

  #filter(wanted, none) {
    const { parts, say } = this.#content;
    let found = 0;
    for (const { number, value, text } of parts) {
      const fits = value.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted);
      this.#rows.get(number).parentElement.hidden = !fits;
      if (this.#boxes.has(number)) this.#boxes.get(number).hidden = !fits;
      found += fits;
    }
    none.textContent = found ? "" : say.none;
    for (const made of [this.#rows, this.#boxes]) {
      const seen = [...made.values()].filter((one) => !one.closest("[hidden]"));
      if (seen.length && !seen.some((one) => one.tabIndex === 0)) this.#reach(seen[0]);
    }
  }
}
customElements.define("pd-parts", PdParts);
