/* <pd-grid>: rows that are gone through and changed by keyboard or mouse, after the grid pattern of WAI-ARIA.

   Its property `content`: {label, columns: [{name, kind, sort}], rows: [{id, cells, locked, wrong}], from, total, editable,
   say}. `wrong` maps a column's number to what was typed and why it was refused.
   It says `changed` {row, column, text}, `sorted` {column}, `chosen` {rows}, `looked` {row}, `undone` {}. */
class PdGrid extends HTMLElement {
  #content = null;
  #chosen = new Set();
  #at = { row: 0, column: 0 };
  #editing = null;
  #table = null;

  set content(value) {
    this.#content = value;
    const there = new Set(value.rows.map((row) => row.id));
    const before = this.#chosen.size;
    this.#chosen = new Set([...this.#chosen].filter((id) => there.has(id)));
    if (before !== this.#chosen.size) this.#tell("chosen", { rows: [...this.#chosen] });
    if (this.isConnected) this.#draw();
  }

  connectedCallback() {
    if (!this.#content || this.#table) return;
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("mousedown", (event) => this.#press(event));
    this.addEventListener("focusin", (event) => this.#focused(this.#cell(event.target)));
    this.addEventListener("dblclick", (event) => this.#begin(this.#cell(event.target)));
    this.#draw();
  }

  /* Drawn anew as a whole; who was typing goes on typing. */
  #draw() {
    const focused = this.contains(document.activeElement);
    const typed = this.#editing && { ...this.#editing, text: this.#editing.field.value };
    const scrolled = this.firstElementChild && [this.firstElementChild.scrollLeft, this.firstElementChild.scrollTop];
    this.#editing = null;
    const { label, columns, rows, total, editable } = this.#content;
    const box = this.#made("div", "pd-grid-box"), table = this.#made("table", "pd-grid");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", label);
    table.setAttribute("aria-rowcount", total + 1);
    table.setAttribute("aria-colcount", columns.length + (editable ? 2 : 1));
    if (!editable) table.setAttribute("aria-readonly", "true");
    const head = table.createTHead(), body = table.createTBody();
    head.append(this.#head(columns));
    rows.forEach((row, number) => body.append(this.#row(row, number)));
    box.append(table);
    this.replaceChildren(box);
    this.#table = table;
    if (scrolled) [box.scrollLeft, box.scrollTop] = scrolled;
    this.#at.row = Math.min(this.#at.row, rows.length);
    this.#at.column = Math.min(this.#at.column, this.#width() - 1);
    this.#place(focused && !typed);
    const row = typed ? rows.findIndex((one) => one.id === typed.id) : -1;
    if (row >= 0) {
      this.#at = { row: row + 1, column: typed.column };
      this.#place(false);
      this.#begin(this.#current(), typed.text);
    }
  }

  #head(columns) {
    const row = document.createElement("tr");
    row.setAttribute("aria-rowindex", 1);
    if (this.#content.editable) row.append(this.#tick(null));
    columns.forEach((column, number) => {
      const cell = this.#made("th", `pd-kind-${column.kind}`, column.name);
      cell.scope = "col";
      cell.setAttribute("aria-sort", { asc: "ascending", desc: "descending" }[column.sort] ?? "none");
      cell.title = this.#content.say.sort;
      cell.dataset.sort = number;
      row.append(cell);
    });
    const last = this.#made("th", "pd-grid-look");
    last.append(this.#made("span", "pd-sr", this.#content.say.history));
    last.scope = "col";
    row.append(last);
    return row;
  }

  #row(row, number) {
    const { columns, from, editable, say } = this.#content;
    const line = document.createElement("tr");
    line.dataset.row = row.id;
    line.setAttribute("aria-rowindex", from + number + 2);
    if (editable) line.setAttribute("aria-selected", this.#chosen.has(row.id));
    if (editable) line.append(this.#tick(row, from + number + 1));
    columns.forEach((column, place) => {
      const wrong = row.wrong?.[place];
      const cell = this.#made("td", `pd-kind-${column.kind}`, wrong ? wrong[0] : row.cells[place]);
      cell.dataset.column = place;
      if (wrong) {
        cell.classList.add("pd-wrong");
        cell.setAttribute("aria-invalid", "true");
        cell.title = wrong[1];
        cell.setAttribute("aria-description", wrong[1]);
      }
      if (row.locked?.includes(place)) cell.setAttribute("aria-readonly", "true");
      line.append(cell);
    });
    const look = this.#made("td", "pd-grid-look");
    const button = this.#made("button", "pd-doc-tool", "↺");
    button.type = "button";
    button.tabIndex = -1;
    button.setAttribute("aria-label", `${say.history} ${from + number + 1}`);
    button.title = say.history;
    button.addEventListener("click", () => this.#tell("looked", { row: row.id }));
    look.append(button);
    line.append(look);
    return line;
  }

  #tick(row, number) {
    const { rows, say } = this.#content;
    const cell = this.#made(row ? "td" : "th", "pd-grid-tick"), box = document.createElement("input");
    box.type = "checkbox";
    box.tabIndex = -1;
    box.checked = row ? this.#chosen.has(row.id) : rows.length > 0 && this.#chosen.size === rows.length;
    box.setAttribute("aria-label", row ? `${say.choose} ${number}` : say.choose_all);
    box.addEventListener("change", () => this.#choose(row ? [row.id] : rows.map((one) => one.id), box.checked));
    cell.append(box);
    return cell;
  }

  #choose(ids, chosen) {
    for (const id of ids) this.#chosen[chosen ? "add" : "delete"](id);
    for (const line of this.#table.tBodies[0].rows) {
      const has = this.#chosen.has(line.dataset.row);
      line.setAttribute("aria-selected", has);
      line.querySelector("input").checked = has;
    }
    this.#table.tHead.querySelector("input").checked = this.#chosen.size === this.#content.rows.length;
    this.#tell("chosen", { rows: [...this.#chosen] });
  }

  #key(event) {
    if (this.#editing) return this.#typing(event);
    const { key } = event, wide = this.#width() - 1, high = this.#content.rows.length, far = event.ctrlKey || event.metaKey;
    if (far && key.toLowerCase() === "z") {
      event.preventDefault();
      return this.#tell("undone", {});
    }
    const { row, column } = this.#at;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [far ? 0 : row, 0], End: [far ? high : row, wide], PageUp: [row - 10, column], PageDown: [row + 10, column],
    };
    const cell = this.#current();
    if (moves[key]) this.#go(...moves[key]);
    else if (key === "Enter" || key === "F2" || key === " ") this.#act(cell);
    else if ((key === "Delete" || key === "Backspace") && this.#may(cell)) this.#change(cell, "");
    else if (key.length === 1 && !far && !event.altKey && this.#may(cell)) this.#begin(cell, key);
    else return;
    event.preventDefault();
  }

  #act(cell) {
    const inner = cell.querySelector("input, button");
    if (cell.dataset.sort !== undefined) this.#tell("sorted", { column: Number(cell.dataset.sort) });
    else if (inner) inner.click();
    else this.#begin(cell);
  }

  #press(event) {
    const cell = this.#cell(event.target);
    if (!cell || this.#editing?.cell === cell) return;
    if (this.#editing) this.#end(true);
    const row = cell.parentElement.parentElement === this.#table.tHead ? 0 : cell.parentElement.sectionRowIndex + 1;
    this.#at = { row, column: cell.cellIndex };
    this.#place(true);
    if (!event.target.closest("input, button")) event.preventDefault();
    if (cell.dataset.sort !== undefined) this.#tell("sorted", { column: Number(cell.dataset.sort) });
  }

  /* Who comes to a cell by other ways than our keys goes on from there. */
  #focused(cell) {
    if (!cell || this.#editing) return;
    const row = cell.parentElement.parentElement === this.#table.tHead ? 0 : cell.parentElement.sectionRowIndex + 1;
    this.#at = { row, column: cell.cellIndex };
    this.#place(false);
  }

  #may(cell) {
    return this.#content.editable && cell?.dataset.column !== undefined && cell.getAttribute("aria-readonly") !== "true";
  }

  #begin(cell, text) {
    if (!this.#may(cell) || this.#editing) return;
    const field = this.#made("input", "pd-grid-field");
    field.value = text ?? cell.textContent;
    field.setAttribute("aria-label", this.#content.columns[cell.dataset.column].name);
    field.setAttribute("autocomplete", "off");
    if (this.#content.columns[cell.dataset.column].kind === "number") field.inputMode = "decimal";
    this.#editing = { cell, field, id: cell.parentElement.dataset.row, column: cell.cellIndex, before: cell.textContent };
    cell.replaceChildren(field);
    field.focus();
    if (text === undefined) field.select();
    field.addEventListener("blur", () => setTimeout(() => this.#editing?.field === field && document.activeElement !== field && this.#end(true)));
  }

  #typing(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.#end(false);
    else if (event.key === "Enter") this.#end(true, [event.shiftKey ? -1 : 1, 0]);
    else if (event.key === "Tab") this.#end(true, [0, event.shiftKey ? -1 : 1]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #end(keep, [down, right] = [0, 0]) {
    const { cell, field, before } = this.#editing, text = field.value, focused = document.activeElement === field;
    this.#editing = null;
    cell.textContent = keep ? text : before;
    if (keep && text !== before) this.#change(cell, text);
    if (focused) this.#go(this.#at.row + down, this.#at.column + right);
  }

  #change(cell, text) {
    cell.textContent = text;
    cell.classList.remove("pd-wrong");
    this.#tell("changed", { row: cell.parentElement.dataset.row, column: Number(cell.dataset.column), text });
  }

  #go(row, column) {
    this.#at = {
      row: Math.max(0, Math.min(row, this.#content.rows.length)), column: Math.max(0, Math.min(column, this.#width() - 1)),
    };
    this.#place(true);
  }

  #place(focus) {
    const cell = this.#current();
    // The cell in focus must not lose its place in the order of tabs for a moment: the browser would take the focus away.
    cell.tabIndex = 0;
    for (const other of this.#table.querySelectorAll(":is(td, th)[tabindex]")) if (other !== cell) other.removeAttribute("tabindex");
    if (!focus) return;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #current() {
    return this.#table.rows[this.#at.row].cells[this.#at.column];
  }

  #width() {
    return this.#table.rows[0].cells.length;
  }

  #cell(target) {
    return target.closest?.("td, th");
  }

  #made(tag, classes, text = "") {
    const made = document.createElement(tag);
    made.className = classes;
    made.textContent = text;
    return made;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
customElements.define("pd-grid", PdGrid);
