/* Places of values: drawn over a page, marked in a text, and given by people who drag or select. */
const pdPlaces = {
  SVG: "http://www.w3.org/2000/svg",

  element(tag, classes = "", attributes = {}, ...children) {
    const made = document.createElement(tag);
    if (classes) made.className = classes;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  },

  tool(icon, label, name, click) {
    const picture = pdPlaces.element("i", "q-icon notranslate material-icons", { "aria-hidden": "true" }, icon);
    const made = pdPlaces.element("button", "pd-doc-tool", { type: "button", "aria-label": label, title: label, "data-testid": name }, picture);
    made.addEventListener("click", click);
    return made;
  },

  rectangle([left, top, right, bottom], classes, margin) {
    const made = document.createElementNS(pdPlaces.SVG, "rect");
    const sides = { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
    for (const [name, value] of Object.entries(sides)) made.setAttribute(name, Math.max(value, 0));
    if (classes) made.setAttribute("class", classes);
    return made;
  },

  /* A box on a page that leads to its field; the first is reached by Tab, the others by the arrows. */
  box(mark, index, acts) {
    const group = document.createElementNS(pdPlaces.SVG, "g"), about = `${mark.title}: ${mark.about}`;
    group.setAttribute("class", `pd-mark pd-tone-${mark.tone} pd-mark-${mark.tone}`);
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", index ? "-1" : "0");
    group.setAttribute("aria-label", about);
    group.dataset.mark = mark.field;
    const title = document.createElementNS(pdPlaces.SVG, "title");
    title.textContent = about;
    group.append(pdPlaces.rectangle(mark.box, "", 1.5), title);
    pdPlaces.listen(group, mark.field, acts);
    group.addEventListener("click", () => acts.open(mark.field));
    group.addEventListener("keydown", (event) => pdPlaces.key(event, mark.field, acts));
    return group;
  },

  listen(element, field, acts) {
    element.addEventListener("pointerenter", () => acts.glance(field));
    element.addEventListener("pointerleave", () => acts.glance(""));
  },

  key(event, field, acts) {
    const marks = [...event.currentTarget.parentElement.querySelectorAll(".pd-mark")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") acts.open(field);
    else if (step) marks[(marks.indexOf(event.currentTarget) + step + marks.length) % marks.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  },

  /* Fills a box with the characters `from` to `to` of a text; of marks that overlap the shortest is on top. */
  fill(box, text, marks, [from, to], acts) {
    const within = marks.filter((mark) => mark.characters && mark.characters[0] < to && mark.characters[1] > from);
    const all = [from, to, ...within.flatMap((mark) => mark.characters)];
    const edges = [...new Set(all)].filter((one) => one >= from && one <= to).sort((a, b) => a - b);
    const length = (mark) => mark.characters[1] - mark.characters[0];
    box.replaceChildren();
    for (let index = 0; index + 1 < edges.length; index++) {
      const [start, end] = [edges[index], edges[index + 1]];
      const over = within.filter((mark) => mark.characters[0] <= start && mark.characters[1] >= end);
      const made = pdPlaces.piece(text.slice(start, end), over.sort((a, b) => length(a) - length(b))[0], acts);
      made.dataset.from = start;
      box.append(made);
    }
  },

  piece(text, mark, acts) {
    const made = document.createElement(mark ? "mark" : "span");
    made.textContent = text;
    if (!mark) return made;
    made.className = `pd-mark pd-tone-${mark.tone} pd-mark-${mark.tone}`;
    made.dataset.mark = mark.field;
    made.title = `${mark.title}: ${mark.about}`;
    pdPlaces.listen(made, mark.field, acts);
    made.addEventListener("click", () => getSelection().isCollapsed && acts.open(mark.field));
    return made;
  },

  /* Lets people drag a box on a page: with the mouse at any time, with a finger once it is allowed. */
  draw(sheet, svg, view) {
    let from = null, shape = null;
    const at = (event) => {
      const room = sheet.getBoundingClientRect(), page = view.page(), clip = (one) => Math.min(Math.max(one, 0), 1);
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
      const elsewhere = event.pointerType !== "mouse" || event.target.closest("[data-mark]");
      if (event.button || (elsewhere && !view.allowed())) return;
      from = at(event);
      sheet.setPointerCapture(event.pointerId);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!from) return;
      shape?.remove();
      shape = pdPlaces.rectangle(box(event), "pd-drawn", 0);
      svg.append(shape);
    });
    sheet.addEventListener("pointerup", (event) => {
      if (!from) return;
      const drawn = box(event);
      end();
      if (drawn[2] - drawn[0] >= 3 && drawn[3] - drawn[1] >= 3) view.drawn(drawn.map((one) => Math.round(one * 100) / 100));
    });
    sheet.addEventListener("pointercancel", end);
  },

  /* Returns the characters that are selected in a box, null when there are none. */
  picked(box) {
    const chosen = getSelection();
    if (chosen.isCollapsed || !box.contains(chosen.anchorNode) || !box.contains(chosen.focusNode)) return null;
    const place = (node, offset) => {
      const piece = (node.nodeType === 3 ? node.parentElement : node).closest("[data-from]");
      return Number(piece?.dataset.from ?? NaN) + (node.nodeType === 3 ? offset : 0);
    };
    const ends = [place(chosen.anchorNode, chosen.anchorOffset), place(chosen.focusNode, chosen.focusOffset)];
    ends.sort((a, b) => a - b);
    return ends.some(Number.isNaN) || ends[1] <= ends[0] ? null : ends;
  },

  clock(seconds) {
    return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  },

  /* The row of a field in the form beside a view. */
  row(view, field) {
    return view.closest(".pd-beside")?.querySelector(`[data-field="${CSS.escape(field)}"]`);
  },

  /* The view beside a row of a form, and the row's field. */
  view(target) {
    const row = target.closest?.("[data-field]");
    return row && [row.closest(".pd-beside")?.querySelector("pd-document"), row.dataset.field];
  },
};

document.addEventListener("focusin", (event) => {
  const found = pdPlaces.view(event.target);
  found?.[0]?.choose(found[1]);
});
document.addEventListener("mouseover", (event) => {
  const found = pdPlaces.view(event.target);
  if (found) found[0]?.glance(found[1]);
  else for (const one of document.querySelectorAll("pd-document")) if (!one.contains(event.target)) one.glance("");
});
