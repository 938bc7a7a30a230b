/* <pd-fields>: the fields that a step's values can use, as a tree with one sample's values. A click writes a field where
   the cursor last was, dragging drops it anywhere in a value, Shift replaces the whole value.

   Its property `content`: {sources, lists, sample, samples, title, say}. `lists` names the lists that the step goes
   through: {list: {name, rowed}}. It says `taken` {target, within, inner} and `sample` {by}. */
class PdFields extends HTMLElement {
  #content = null;
  #said = "";
  #drawn = "";
  #pressed = false;
  #open = new Map();
  #search = "";
  static last = null;
  static dragged = null;

  /* What is the same stays as it is: a button must not go away between pressing and letting go. */
  set content(value) {
    const said = JSON.stringify(value);
    if (said === this.#said) return;
    this.#said = said;
    this.#content = value;
    if (this.isConnected && !this.#pressed) this.#build();
  }

  connectedCallback() {
    if (this.#content) this.#build();
    this.addEventListener("pointerdown", () => (this.#pressed = true));
    for (const name of ["pointerup", "pointercancel", "dragend"])
      this.addEventListener(name, () => setTimeout(() => {
        this.#pressed = false;
        if (this.#drawn !== this.#said) this.#build();
      }));
  }

  #made(tag, classes, text = "") {
    const made = document.createElement(tag);
    made.className = classes;
    made.textContent = text;
    return made;
  }

  #icon(name) {
    const icon = this.#made("i", "q-icon notranslate material-icons", name);
    icon.setAttribute("aria-hidden", "true");
    return icon;
  }

  #build() {
    this.#drawn = this.#said;
    const focused = this.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const { say, samples } = this.#content;
    const top = this.#made("div", "pd-fields-top"), tree = this.#made("div", "pd-fields-tree");
    const search = this.#made("input", "pd-input");
    Object.assign(search, { type: "search", value: this.#search, placeholder: say.find });
    search.setAttribute("aria-label", say.find);
    search.dataset.testid = search.dataset.key = "find-field";
    search.addEventListener("input", () => {
      this.#search = search.value;
      this.#fill(tree);
    });
    if (samples) top.append(this.#samples());
    else top.append(this.#made("p", "pd-muted pd-small", say.absent));
    top.append(search);
    tree.setAttribute("role", "group");
    tree.setAttribute("aria-label", say.fields);
    this.#fill(tree);
    this.replaceChildren(top, tree);
    if (focused) this.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #samples() {
    const { say, sample, samples, title } = this.#content;
    const box = this.#made("div", "pd-fields-sample"), told = this.#made("span", "pd-small pd-grow", title);
    told.setAttribute("role", "status");
    const turn = (by, icon, label, on) => {
      const made = this.#made("button", "pd-fields-turn");
      made.type = "button";
      made.disabled = !on;
      made.dataset.testid = made.dataset.key = by < 0 ? "sample-previous" : "sample-next";
      made.setAttribute("aria-label", label);
      made.append(this.#icon(icon));
      made.addEventListener("click", () => this.dispatchEvent(new CustomEvent("sample", { detail: { by } })));
      return made;
    };
    box.append(told, turn(-1, "chevron_left", say.previous, sample > 0), turn(1, "chevron_right", say.next, sample < samples - 1));
    return box;
  }

  #fill(tree) {
    const wanted = this.#search.trim().toLowerCase();
    const rows = this.#content.sources.map((source) => this.#node(source.field, source.name, 0, wanted, source.title || source.name)).filter(Boolean);
    tree.replaceChildren(...(rows.length ? rows : [this.#made("p", "pd-muted pd-small", this.#content.say.nothing_found)]));
  }

  #fits(field, wanted) {
    return !wanted || field.name.toLowerCase().includes(wanted) || field.fields.some((one) => this.#fits(one, wanted));
  }

  #node(field, key, depth, wanted, title) {
    if (!this.#fits(field, wanted)) return null;
    const box = this.#made("div", "pd-fields-node"), row = this.#made("div", "pd-fields-row");
    const open = wanted ? true : (this.#open.get(key) ?? depth < 2);
    if (field.fields.length) {
      const toggle = this.#made("button", "pd-fields-turn");
      toggle.type = "button";
      toggle.dataset.key = `toggle ${key}`;
      toggle.setAttribute("aria-expanded", String(open));
      toggle.setAttribute("aria-label", title);
      toggle.append(this.#icon(open ? "expand_more" : "chevron_right"));
      toggle.addEventListener("click", () => {
        this.#open.set(key, !open);
        this.#build();
      });
      row.append(toggle);
    } else row.append(this.#made("span", "pd-fields-gap"));
    row.append(this.#item(field, key, title));
    box.append(row);
    if (field.fields.length && open) {
      const inner = this.#made("div", "pd-fields-inner");
      inner.append(...field.fields.map((one) => this.#node(one, `${key}.${one.name}`, depth + 1, field.name.toLowerCase().includes(wanted) ? "" : wanted, one.name)).filter(Boolean));
      box.append(inner);
    }
    return box;
  }

  #item(field, key, title) {
    const { say } = this.#content;
    const item = this.#made("button", "pd-fields-item");
    item.type = "button";
    item.draggable = true;
    item.dataset.key = `field ${key}`;
    item.dataset.testid = `field-of-${key}`;
    const value = field.elements !== null && field.elements !== undefined ? say.list.replace("{number}", field.elements) : field.fields.length ? "" : field.text;
    item.append(this.#made("span", "pd-fields-name", title), this.#made("span", "pd-fields-value", value));
    item.addEventListener("click", (event) => this.#insert(field, event.shiftKey));
    item.addEventListener("dragstart", (event) => {
      PdFields.dragged = { element: this, field };
      event.dataTransfer.setData("text/plain", field.template);
      event.dataTransfer.effectAllowed = "copy";
      document.body.classList.add("pd-dragging");
    });
    item.addEventListener("dragend", () => document.body.classList.remove("pd-dragging"));
    return item;
  }

  /* Where the cursor last was, else the first value that takes templates. */
  #target() {
    const room = this.closest(".pd-step-form") ?? document;
    const last = PdFields.last, mark = last?.dataset.testid;
    if (last?.isConnected && room.contains(last)) return last;
    return (mark && room.querySelector(`[data-takes][data-testid="${CSS.escape(mark)}"]`)) || room.querySelector("[data-takes]");
  }

  #insert(field, whole) {
    const target = this.#target();
    if (!target) return;
    const known = target === PdFields.last;
    target.focus();
    if (whole || (!known && /^\s*(\{\{[^}]*\}\})?\s*$/.test(target.value))) target.select();
    else if (!known) target.setSelectionRange(target.value.length, target.value.length);
    this.write(target, field);
  }

  /* The element's own field where the step goes through the list, else the field of the whole list. */
  write(target, field) {
    const through = this.#content.lists[field.within];
    const fits = through && (!through.rowed || target.dataset.rowed);
    const text = fits ? `{{ ${through.name}${field.inner.startsWith("[") ? "" : "."}${field.inner} }}` : field.template;
    document.execCommand("insertText", false, text);
    if (field.within && !fits) this.#tell(target, field);
  }

  #tell(target, field) {
    const detail = { target: Number(target.dataset.takes), within: field.within, inner: field.inner };
    setTimeout(() => this.dispatchEvent(new CustomEvent("taken", { detail })), 250);
  }

  static filter(id, text) {
    const target = document.querySelector(`[data-takes="${id}"]`);
    if (!target) return;
    target.focus();
    const at = target.selectionStart, end = target.value.indexOf("}}", Math.max(0, at - 1)), last = target.value.lastIndexOf("}}");
    const place = end >= 0 ? end : last;
    if (place < 0) return;
    const start = target.value[place - 1] === " " ? place - 1 : place;
    target.setSelectionRange(start, start);
    document.execCommand("insertText", false, ` | ${text}`);
  }

  /* On a narrow page the fields come up from below; what is being written stays above them. */
  static uncover(target, room) {
    const sheet = room.querySelector(".pd-fields-room")?.getBoundingClientRect(), field = target.getBoundingClientRect();
    const covered = sheet && sheet.top < field.bottom && sheet.bottom > field.top && sheet.left < field.right && sheet.right > field.left;
    if (covered) (target.closest(".pd-pair, .pd-form-field, .pd-condition") ?? target).scrollIntoView({ block: "start" });
  }

  /* The fields may still be on their way; who has gone on elsewhere by then stays there. */
  static find(id, at = document.activeElement, until = performance.now() + 60000) {
    const target = document.querySelector(`[data-takes="${id}"]`), room = target?.closest(".pd-step-form");
    if (!room || document.activeElement !== at) return;
    PdFields.last = target;
    room.classList.add("pd-looking");
    const search = room.querySelector("[data-testid=find-field]");
    if (search) search.focus();
    else if (performance.now() < until) setTimeout(() => PdFields.find(id, at, until), 100);
  }
}
customElements.define("pd-fields", PdFields);
document.addEventListener("focusin", (event) => {
  const takes = event.target.dataset?.takes, room = event.target.closest?.(".pd-step-form");
  if (takes) PdFields.last = event.target;
  if (takes || event.target.closest?.(".pd-fields-room")) room?.classList.add("pd-looking");
  else if (!event.target.closest?.(".pd-preview")) room?.classList.remove("pd-looking");
  if (takes && room) requestAnimationFrame(() => PdFields.uncover(event.target, room));
});
document.addEventListener("drop", (event) => {
  const dragged = PdFields.dragged, target = event.target;
  PdFields.dragged = null;
  if (!dragged || !target.dataset?.takes) return;
  event.preventDefault();
  /* The browser puts the cursor where the pointer is when a text is dragged over a field. */
  const whole = event.shiftKey || /^\s*\{\{[^}]*\}\}\s*$/.test(target.value);
  target.focus();
  if (whole) target.select();
  dragged.element.write(target, dragged.field);
});
