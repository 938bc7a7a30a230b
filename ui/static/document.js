/* <pd-document>: a source as it was read, with the places of values marked on it.

   Its property `content` says what to show:
     name, version, pages: [{number, width, height}], pictures, text, segments: [{start, end, from, until}],
     marks: [{field, title, about, tone, page, box, characters, seconds, chosen}], words, tools: {draw}
   It says `drawn` {field, page, box} when a place was drawn, `picked` {field, from, to} when text was selected.
   Rows of a form next to it (inside the same `.pd-beside`) carry `data-field`: looking at one shows its place. */
const PD_WIDTHS = [200, 700, 1100, 1600, 2400];
const PD_SVG = "http://www.w3.org/2000/svg";

class PdDocument extends HTMLElement {
  #content = null;
  #page = 1;
  #zoom = 1;
  #field = "";
  #drawing = false;
  #parts = {};

  set content(value) {
    const before = this.#content;
    this.#content = value;
    if (!this.isConnected) return;
    if (!before || !this.#same(before, value)) return this.#build();
    const first = value.marks.find((mark) => mark.page);
    if (before.record !== value.record && first) this.turn(first.page);
    this.#showMarks();
  }

  get content() {
    return this.#content;
  }

  connectedCallback() {
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this);
    if (this.#content) this.#build();
  }

  disconnectedCallback() {
    this.#resized?.disconnect();
  }

  #resized = null;

  #same(before, now) {
    const shape = (one) => JSON.stringify([one.name, one.version, one.pages]);
    return shape(before) === shape(now);
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

  #element(tag, classes = "", attributes = {}, ...children) {
    const made = document.createElement(tag);
    if (classes) made.className = classes;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  #tool(icon, label, name, click) {
    const made = this.#element("button", "pd-doc-tool", { type: "button", "aria-label": label, title: label, "data-testid": name });
    made.append(this.#element("i", "q-icon notranslate material-icons", { "aria-hidden": "true" }, icon));
    made.addEventListener("click", click);
    return made;
  }

  #buildPages() {
    const { pages, tools } = this.#content;
    const bar = this.#element("div", "pd-doc-bar", { role: "toolbar", "aria-label": this.#say("toolbar") });
    const place = this.#element("span", "pd-doc-place pd-number", { "aria-live": "polite", "data-testid": "page-number" });
    const zoom = this.#element("span", "pd-doc-place pd-number");
    if (pages.length > 1) {
      bar.append(this.#tool("chevron_left", this.#say("before"), "page-before", () => this.turn(this.#page - 1)), place);
      bar.append(this.#tool("chevron_right", this.#say("after"), "page-after", () => this.turn(this.#page + 1)));
    } else bar.append(place);
    bar.append(this.#element("span", "pd-doc-gap"));
    bar.append(this.#tool("remove", this.#say("smaller"), "zoom-out", () => this.zoom(this.#zoom / 1.25)), zoom);
    bar.append(this.#tool("add", this.#say("larger"), "zoom-in", () => this.zoom(this.#zoom * 1.25)));
    bar.append(this.#tool("fit_screen", this.#say("fit"), "zoom-fit", () => this.zoom(1)));
    if (tools.draw) {
      const draw = this.#tool("highlight_alt", this.#say("draw"), "draw-place", () => this.#allowDrawing(!this.#drawing));
      draw.setAttribute("aria-pressed", "false");
      bar.append(draw);
      this.#parts.draw = draw;
    }
    const image = this.#element("img", "", { alt: "", draggable: "false" });
    image.addEventListener("error", () => sheet.classList.add("pd-doc-missing"));
    image.addEventListener("load", () => sheet.classList.remove("pd-doc-missing", "pd-doc-waits"));
    const marks = document.createElementNS(PD_SVG, "svg");
    marks.setAttribute("role", "group");
    const missing = this.#element("p", "pd-doc-none", {}, this.#say("no_picture"));
    const sheet = this.#element("div", "pd-doc-sheet pd-doc-waits", {}, image, marks, missing);
    const stage = this.#element("div", "pd-doc-stage", { tabindex: "0", role: "region", "aria-label": this.#say("stage", { name: this.#content.name }) }, sheet);
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    const body = this.#element("div", "pd-doc-body");
    Object.assign(this.#parts, { place, zoom, image, svg: marks, sheet, stage });
    if (pages.length > 1) body.append(this.#thumbs());
    body.append(stage);
    this.append(bar, body);
    this.#listenForDrawing(sheet);
    this.#fit();
  }

  #thumbs() {
    const strip = this.#element("div", "pd-doc-thumbs", { role: "tablist", "aria-label": this.#say("pages"), "aria-orientation": "vertical" });
    this.#parts.thumbs = this.#content.pages.map((page) => {
      const picture = this.#element("img", "", { src: this.#address(page.number, PD_WIDTHS[0]), alt: "", loading: "lazy" });
      picture.style.aspectRatio = `${page.width} / ${page.height}`;
      const label = this.#say("page", { page: page.number });
      const made = this.#element("button", "pd-doc-thumb", { type: "button", role: "tab", "aria-label": label, "data-testid": `thumb-${page.number}` }, picture, this.#element("span", "pd-number", {}, String(page.number)));
      made.addEventListener("click", () => this.turn(page.number));
      strip.append(made);
      return made;
    });
    return strip;
  }

  #buildText() {
    const text = this.#element("div", "pd-doc-text", { tabindex: "0", role: "region", "aria-label": this.#say("stage", { name: this.#content.name }) });
    text.addEventListener("mouseup", () => this.#picked(text));
    this.#parts.text = text;
    this.append(text);
  }

  #buildTranscript() {
    const list = this.#element("ol", "pd-doc-transcript", { tabindex: "0", "aria-label": this.#say("transcript") });
    this.#parts.lines = this.#content.segments.map((one) => {
      const time = this.#element("button", "pd-doc-time pd-number", { type: "button", "aria-label": this.#say("play", { time: clock(one.start) }) }, clock(one.start));
      time.addEventListener("click", () => this.#play(one.start));
      const words = this.#element("span", "pd-grow");
      list.append(this.#element("li", "", {}, time, words));
      return words;
    });
    if (this.#content.sound) {
      const audio = this.#element("audio", "", { controls: "", preload: "none", src: this.#content.sound, "aria-label": this.#say("sound") });
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
    for (const word of this.#content.words?.[this.#page] ?? []) svg.append(this.#rectangle(word, "pd-word", 0));
    const shown = this.#content.marks.filter((mark) => mark.page === this.#page && mark.box);
    svg.setAttribute("aria-label", this.#say("marks", { number: shown.length }));
    shown.forEach((mark, index) => svg.append(this.#group(mark, index)));
  }

  #group(mark, index) {
    const group = document.createElementNS(PD_SVG, "g");
    group.setAttribute("class", `pd-mark pd-tone-${mark.tone} pd-mark-${mark.tone}`);
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", index ? "-1" : "0");
    group.setAttribute("aria-label", `${mark.title}: ${mark.about}`);
    group.dataset.mark = mark.field;
    group.append(this.#rectangle(mark.box, "", 1.5));
    const title = document.createElementNS(PD_SVG, "title");
    title.textContent = `${mark.title}: ${mark.about}`;
    group.append(title);
    group.addEventListener("click", () => this.#open(mark.field));
    group.addEventListener("pointerenter", () => this.#glance(mark.field));
    group.addEventListener("pointerleave", () => this.#glance(""));
    group.addEventListener("keydown", (event) => this.#markKey(event, mark));
    return group;
  }

  #rectangle([left, top, right, bottom], classes, margin) {
    const made = document.createElementNS(PD_SVG, "rect");
    const sides = { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
    for (const [name, value] of Object.entries(sides)) made.setAttribute(name, Math.max(value, 0));
    if (classes) made.setAttribute("class", classes);
    return made;
  }

  #markKey(event, mark) {
    const marks = [...this.#parts.svg.querySelectorAll(".pd-mark")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") this.#open(mark.field);
    else if (step) marks[(marks.indexOf(event.currentTarget) + step + marks.length) % marks.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* Fills a box with the characters `from` to `to` of the text, those of marks inside <mark>. */
  #fill(box, from, to) {
    const text = this.#content.text, marks = this.#content.marks.filter((mark) => mark.characters && mark.characters[0] < to && mark.characters[1] > from);
    const edges = [...new Set([from, to, ...marks.flatMap((mark) => mark.characters)])].filter((one) => one >= from && one <= to).sort((a, b) => a - b);
    box.replaceChildren();
    for (let index = 0; index + 1 < edges.length; index++) {
      const [start, end] = [edges[index], edges[index + 1]], over = marks.filter((mark) => mark.characters[0] <= start && mark.characters[1] >= end);
      const mark = over.sort((a, b) => (a.characters[1] - a.characters[0]) - (b.characters[1] - b.characters[0]))[0];
      const piece = text.slice(start, end);
      const made = mark ? this.#inText(mark, piece) : document.createElement("span");
      if (!mark) made.textContent = piece;
      made.dataset.from = start;
      box.append(made);
    }
  }

  #inText(mark, piece) {
    const made = this.#element("mark", `pd-mark pd-tone-${mark.tone} pd-mark-${mark.tone}`, { "data-mark": mark.field, title: `${mark.title}: ${mark.about}` }, piece);
    made.addEventListener("click", () => getSelection().isCollapsed && this.#open(mark.field));
    made.addEventListener("pointerenter", () => this.#glance(mark.field));
    made.addEventListener("pointerleave", () => this.#glance(""));
    return made;
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
    if (field) rowOf(this, field)?.classList.add("pd-glanced");
  }

  #open(field) {
    this.choose(field, false);
    const row = rowOf(this, field);
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
    let from = null, shape = null;
    const at = (event) => {
      const room = sheet.getBoundingClientRect(), page = this.#content.pages[this.#page - 1], clip = (one) => Math.min(Math.max(one, 0), 1);
      return [clip((event.clientX - room.left) / room.width) * page.width, clip((event.clientY - room.top) / room.height) * page.height];
    };
    const box = (event) => {
      const to = at(event);
      return [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
    };
    const end = () => {
      shape?.remove();
      from = shape = null;
    };
    sheet.addEventListener("pointerdown", (event) => {
      if (event.button || (event.pointerType !== "mouse" && !this.#drawing) || (event.target.closest("[data-mark]") && !this.#drawing)) return;
      from = at(event);
      sheet.setPointerCapture(event.pointerId);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!from) return;
      shape?.remove();
      shape = this.#rectangle(box(event), "pd-drawn", 0);
      this.#parts.svg.append(shape);
    });
    sheet.addEventListener("pointerup", (event) => {
      if (!from) return;
      const drawn = box(event);
      end();
      if (drawn[2] - drawn[0] < 3 || drawn[3] - drawn[1] < 3) return;
      this.#allowDrawing(false);
      this.#tell("drawn", { field: this.#field, page: this.#page, box: drawn.map((one) => Math.round(one * 100) / 100) });
    });
    sheet.addEventListener("pointercancel", end);
  }

  #picked(box) {
    const chosen = getSelection();
    if (!this.#content.tools.draw || chosen.isCollapsed || !box.contains(chosen.anchorNode) || !box.contains(chosen.focusNode)) return;
    const place = (node, offset) => Number((node.nodeType === 3 ? node.parentElement : node).closest("[data-from]")?.dataset.from ?? NaN) + (node.nodeType === 3 ? offset : 0);
    const ends = [place(chosen.anchorNode, chosen.anchorOffset), place(chosen.focusNode, chosen.focusOffset)].sort((a, b) => a - b);
    if (ends.some(Number.isNaN) || ends[1] <= ends[0]) return;
    this.#tell("picked", { field: this.#field, from: ends[0], to: ends[1] });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function rowOf(view, field) {
  return view.closest(".pd-beside")?.querySelector(`[data-field="${CSS.escape(field)}"]`);
}

function viewOf(target) {
  const row = target.closest?.("[data-field]");
  return row && [row.closest(".pd-beside")?.querySelector("pd-document"), row.dataset.field];
}

document.addEventListener("focusin", (event) => {
  const found = viewOf(event.target);
  found?.[0]?.choose(found[1]);
});
document.addEventListener("mouseover", (event) => {
  const found = viewOf(event.target);
  if (found) found[0]?.glance(found[1]);
  else for (const one of document.querySelectorAll("pd-document")) if (!one.contains(event.target)) one.glance("");
});
customElements.define("pd-document", PdDocument);
