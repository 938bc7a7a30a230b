/* <pd-document>: a source as it was read, with the places of values marked on it.

   Its property `content` says what to show:
     name, version, pages: [{number, width, height}], pictures, text, segments: [{start, end, from, until}],
     marks: [{field, title, about, tone, page, box, characters, seconds, chosen}], words, tools: {draw}
   It says `drawn` {field, page, box} when a place was drawn, `picked` {field, from, to} when text was selected.
   Rows of a form next to it (inside the same `.pd-beside`) carry `data-field`: looking at one shows its place. */
const PD_WIDTHS = [200, 700, 1100, 1600, 2400];

class PdDocument extends HTMLElement {
  #content = null;
  #page = 1;
  #zoom = 1;
  #field = "";
  #drawing = false;
  #parts = {};
  #resized = null;

  set content(value) {
    const before = this.#content;
    this.#content = value;
    if (!this.isConnected) return;
    const source = (one) => JSON.stringify([one?.name, one?.version, one?.pages]);
    if (source(before) !== source(value)) return this.#build();
    const first = value.marks.find((mark) => mark.page);
    if (before.record !== value.record && first) this.turn(first.page);
    this.#showMarks();
  }

  connectedCallback() {
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this);
    if (this.#content) this.#build();
  }

  disconnectedCallback() {
    this.#resized?.disconnect();
  }

  #say(key, values = {}) {
    return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), this.#content.say[key] ?? "");
  }

  /* Building */
  #build() {
    const { pages, segments } = this.#content;
    this.#parts = {};
    this.#page = Math.min(Math.max(this.#page, 1), pages.length || 1);
    const first = this.#content.marks.find((mark) => mark.page);
    if (first && !this.#field) this.#page = first.page;
    this.replaceChildren();
    if (pages.length) this.#buildPages();
    else if (segments.length) this.#buildTranscript();
    else this.#buildText();
    this.#showMarks();
  }

  #buildPages() {
    const { pages, tools } = this.#content;
    const bar = pdPlaces.element("div", "pd-doc-bar", { role: "toolbar", "aria-label": this.#say("toolbar") });
    const place = pdPlaces.element("span", "pd-doc-place pd-number", { "aria-live": "polite", "data-testid": "page-number" });
    const zoom = pdPlaces.element("span", "pd-doc-place pd-number");
    if (pages.length > 1) {
      bar.append(pdPlaces.tool("chevron_left", this.#say("before"), "page-before", () => this.turn(this.#page - 1)), place);
      bar.append(pdPlaces.tool("chevron_right", this.#say("after"), "page-after", () => this.turn(this.#page + 1)));
    } else bar.append(place);
    bar.append(pdPlaces.element("span", "pd-doc-gap"));
    bar.append(pdPlaces.tool("remove", this.#say("smaller"), "zoom-out", () => this.zoom(this.#zoom / 1.25)), zoom);
    bar.append(pdPlaces.tool("add", this.#say("larger"), "zoom-in", () => this.zoom(this.#zoom * 1.25)));
    bar.append(pdPlaces.tool("fit_screen", this.#say("fit"), "zoom-fit", () => this.zoom(1)));
    if (tools.draw) {
      const draw = pdPlaces.tool("highlight_alt", this.#say("draw"), "draw-place", () => this.#allowDrawing(!this.#drawing));
      draw.setAttribute("aria-pressed", "false");
      bar.append(draw);
      this.#parts.draw = draw;
    }
    const image = pdPlaces.element("img", "", { alt: "", draggable: "false" });
    image.addEventListener("error", () => sheet.classList.add("pd-doc-missing"));
    image.addEventListener("load", () => sheet.classList.remove("pd-doc-missing", "pd-doc-waits"));
    const marks = document.createElementNS(pdPlaces.SVG, "svg");
    marks.setAttribute("role", "group");
    const missing = pdPlaces.element("p", "pd-doc-none", {}, this.#say("no_picture"));
    const sheet = pdPlaces.element("div", "pd-doc-sheet pd-doc-waits", {}, image, marks, missing);
    const stage = pdPlaces.element("div", "pd-doc-stage", { tabindex: "0", role: "region", "aria-label": this.#say("stage", { name: this.#content.name }) }, sheet);
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    const body = pdPlaces.element("div", "pd-doc-body");
    Object.assign(this.#parts, { place, zoom, image, svg: marks, sheet, stage });
    if (pages.length > 1) body.append(this.#thumbs());
    body.append(stage);
    this.append(bar, body);
    this.#listenForDrawing(sheet);
    this.#fit();
  }

  #thumbs() {
    const strip = pdPlaces.element("div", "pd-doc-thumbs", { role: "tablist", "aria-label": this.#say("pages"), "aria-orientation": "vertical" });
    this.#parts.thumbs = this.#content.pages.map((page) => {
      const picture = pdPlaces.element("img", "", { src: this.#address(page.number, PD_WIDTHS[0]), alt: "", loading: "lazy" });
      picture.style.aspectRatio = `${page.width} / ${page.height}`;
      const label = this.#say("page", { page: page.number });
      const made = pdPlaces.element("button", "pd-doc-thumb", { type: "button", role: "tab", "aria-label": label, "data-testid": `thumb-${page.number}` }, picture, pdPlaces.element("span", "pd-number", {}, String(page.number)));
      made.addEventListener("click", () => this.turn(page.number));
      strip.append(made);
      return made;
    });
    return strip;
  }

  #buildText() {
    const text = pdPlaces.element("div", "pd-doc-text", { tabindex: "0", role: "region", "aria-label": this.#say("stage", { name: this.#content.name }) });
    text.addEventListener("mouseup", () => this.#picked(text));
    this.#parts.text = text;
    this.append(text);
  }

  #buildTranscript() {
    const list = pdPlaces.element("ol", "pd-doc-transcript", { tabindex: "0", "aria-label": this.#say("transcript") });
    this.#parts.lines = this.#content.segments.map((one) => {
      const time = pdPlaces.element("button", "pd-doc-time pd-number", { type: "button", "aria-label": this.#say("play", { time: pdPlaces.clock(one.start) }) }, pdPlaces.clock(one.start));
      time.addEventListener("click", () => this.#play(one.start));
      const words = pdPlaces.element("span", "pd-grow");
      list.append(pdPlaces.element("li", "", {}, time, words));
      return words;
    });
    if (this.#content.sound) {
      const audio = pdPlaces.element("audio", "", { controls: "", preload: "none", src: this.#content.sound, "aria-label": this.#say("sound") });
      this.#parts.audio = audio;
      this.append(audio);
    }
    list.addEventListener("mouseup", () => this.#picked(list));
    this.#parts.list = list;
    this.append(list);
  }

  /* Pages */
  #address(number, width) {
    return this.#content.pictures.replace("{page}", number).replace("{width}", width);
  }

  turn(number) {
    if (number < 1 || number > this.#content.pages.length || number === this.#page) return;
    this.#page = number;
    this.#parts.stage.scrollTo({ top: 0 });
    this.#parts.sheet.classList.add("pd-doc-waits");
    this.#fit();
    this.#showMarks();
  }

  zoom(factor) {
    const stage = this.#parts.stage, before = this.#zoom;
    this.#zoom = Math.min(Math.max(factor, 0.4), 6);
    const middle = [stage.scrollLeft + stage.clientWidth / 2, stage.scrollTop + stage.clientHeight / 2];
    this.#fit();
    stage.scrollTo(middle[0] * this.#zoom / before - stage.clientWidth / 2, middle[1] * this.#zoom / before - stage.clientHeight / 2);
  }

  #fit() {
    const { stage, sheet, image, place, zoom, svg } = this.#parts;
    if (!stage || !stage.clientWidth) return;
    const page = this.#content.pages[this.#page - 1];
    const room = Math.max(stage.clientWidth - 24, 120);
    const width = Math.round(room * this.#zoom);
    sheet.style.width = `${width}px`;
    sheet.style.aspectRatio = `${page.width} / ${page.height}`;
    svg.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
    sheet.style.setProperty("--pt", `${page.width / width}px`);
    const wanted = PD_WIDTHS.slice(1).find((one) => one >= width * Math.min(devicePixelRatio, 2)) ?? PD_WIDTHS.at(-1);
    const address = this.#address(this.#page, wanted);
    if (image.getAttribute("src") !== address) image.setAttribute("src", address);
    place.textContent = this.#say("place", { page: this.#page, pages: this.#content.pages.length });
    zoom.textContent = `${Math.round(this.#zoom * 100)}%`;
    this.#parts.thumbs?.forEach((one, index) => {
      one.setAttribute("aria-selected", String(index + 1 === this.#page));
      if (index + 1 === this.#page) one.parentElement.scrollTo({ top: one.offsetTop - one.parentElement.clientHeight / 2 + one.clientHeight / 2 });
    });
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(this.#zoom * (event.deltaY < 0 ? 1.12 : 1 / 1.12));
  }

  #key(event) {
    const acts = {
      PageDown: () => this.turn(this.#page + 1), PageUp: () => this.turn(this.#page - 1),
      "+": () => this.zoom(this.#zoom * 1.25), "-": () => this.zoom(this.#zoom / 1.25), 0: () => this.zoom(1),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  /* Marks */
  #showMarks() {
    if (this.#parts.svg) this.#showBoxes();
    else if (this.#parts.list) this.#content.segments.forEach((one, index) => this.#fill(this.#parts.lines[index], one.from, one.until));
    else this.#fill(this.#parts.text, 0, this.#content.text.length);
    this.#emphasise();
  }

  #showBoxes() {
    const { svg } = this.#parts;
    svg.replaceChildren();
    for (const word of this.#content.words?.[this.#page] ?? []) svg.append(pdPlaces.rectangle(word, "pd-word", 0));
    const shown = this.#content.marks.filter((mark) => mark.page === this.#page && mark.box);
    svg.setAttribute("aria-label", this.#say("marks", { number: shown.length }));
    shown.forEach((mark, index) => svg.append(pdPlaces.box(mark, index, this.#acts)));
  }

  get #acts() {
    return { open: (field) => this.#open(field), glance: (field) => this.#glance(field) };
  }

  #fill(box, from, to) {
    pdPlaces.fill(box, this.#content.text, this.#content.marks, [from, to], this.#acts);
  }

  /* Between form and picture */
  choose(field, scroll = true) {
    this.#field = field;
    const mark = this.#content?.marks.find((one) => one.field === field && (one.box || one.characters));
    if (mark?.page && mark.page !== this.#page) this.turn(mark.page);
    this.#emphasise();
    if (mark && scroll) this.#reveal();
  }

  glance(field) {
    for (const one of this.querySelectorAll("[data-mark]")) one.classList.toggle("pd-glanced", Boolean(field) && one.dataset.mark === field);
  }

  #emphasise() {
    for (const one of this.querySelectorAll("[data-mark]")) one.classList.toggle("pd-chosen", one.dataset.mark === this.#field);
    const chosen = this.#parts.svg?.querySelector(".pd-chosen");
    if (chosen) chosen.parentElement.append(chosen);
  }

  #reveal() {
    const chosen = this.querySelector("[data-mark].pd-chosen"), stage = this.#parts.stage ?? this.#parts.text ?? this.#parts.list;
    if (!chosen || !stage) return;
    const box = chosen.getBoundingClientRect(), room = stage.getBoundingClientRect();
    const inside = box.top > room.top + 20 && box.bottom < room.bottom - 20 && box.left > room.left && box.right < room.right;
    if (inside) return;
    const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    stage.scrollBy({ top: box.top + box.height / 2 - room.top - room.height / 2, left: box.left + box.width / 2 - room.left - room.width / 2, behavior: smooth });
    if (stage === this.#parts.list && this.#parts.audio) this.#parts.audio.currentTime = this.#content.marks.find((one) => one.field === this.#field)?.seconds?.[0] ?? 0;
  }

  #glance(field) {
    this.glance(field);
    for (const one of this.closest(".pd-beside")?.querySelectorAll(".pd-glanced[data-field]") ?? []) one.classList.remove("pd-glanced");
    if (field) pdPlaces.row(this, field)?.classList.add("pd-glanced");
  }

  #open(field) {
    this.choose(field, false);
    const row = pdPlaces.row(this, field);
    const inside = row?.matches("input, textarea, select, [tabindex]") ? row : row?.querySelector("input, textarea, select, [tabindex]");
    inside?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  #play(seconds) {
    if (!this.#parts.audio) return;
    this.#parts.audio.currentTime = seconds;
    this.#parts.audio.play();
  }

  /* Giving a place */
  #allowDrawing(allowed) {
    this.#drawing = allowed;
    this.#parts.draw?.setAttribute("aria-pressed", String(allowed));
    this.#parts.sheet.classList.toggle("pd-doc-draws", allowed);
  }

  #listenForDrawing(sheet) {
    if (!this.#content.tools.draw) return;
    pdPlaces.draw(sheet, this.#parts.svg, {
      allowed: () => this.#drawing,
      page: () => this.#content.pages[this.#page - 1],
      drawn: (box) => {
        this.#allowDrawing(false);
        this.#tell("drawn", { field: this.#field, page: this.#page, box });
      },
    });
  }

  #picked(box) {
    const ends = this.#content.tools.draw && pdPlaces.picked(box);
    if (ends) this.#tell("picked", { field: this.#field, from: ends[0], to: ends[1] });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("pd-document", PdDocument);
