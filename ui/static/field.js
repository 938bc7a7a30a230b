/* <pd-input>: one value that can be corrected in place. What is typed is never lost when the page around it is drawn again.

   Its property `content`: {kind: "text" | "long" | "choice" | "number", value, label, options, locked, hint, described}.
   It says `corrected` {value} when a person has given another value: on Enter, on leaving, on choosing. */
class PdInput extends HTMLElement {
  #content = null;
  #field = null;
  #told = null;

  set content(value) {
    const before = this.#content;
    this.#content = value;
    this.#told = null;
    if (!this.isConnected) return;
    if (!this.#field || before.kind !== value.kind || before.locked !== value.locked) this.#build();
    else if (before.value !== value.value) this.#field.value = value.value;
  }

  connectedCallback() {
    if (this.#content && !this.#field) this.#build();
  }

  #build() {
    const { kind, label, locked, hint, options } = this.#content;
    const field = document.createElement({ long: "textarea", choice: "select" }[kind] ?? "input");
    field.className = "pd-input";
    field.setAttribute("aria-label", label);
    if (hint) field.setAttribute("placeholder", hint);
    if (kind === "number") field.setAttribute("inputmode", "decimal");
    if (kind === "long") field.rows = Math.min(6, Math.max(2, Math.ceil(this.#content.value.length / 48), this.#content.value.split("\n").length));
    field.setAttribute("spellcheck", "false");
    field.setAttribute("autocomplete", "off");
    for (const option of kind === "choice" ? this.#choices(options ?? []) : []) field.append(option);
    if (locked) field.setAttribute(kind === "choice" ? "disabled" : "readonly", "");
    field.value = this.#content.value;
    field.addEventListener("change", () => this.#changed());
    field.addEventListener("keydown", (event) => this.#key(event));
    this.#field = field;
    this.replaceChildren(field);
  }

  #choices(options) {
    return [["", "–"], ...options].map(([value, label]) => new Option(label, value));
  }

  #changed() {
    if (this.#field.value === this.#content.value || this.#field.value === this.#told) return;
    this.#told = this.#field.value;
    this.dispatchEvent(new CustomEvent("corrected", { detail: { value: this.#field.value } }));
  }

  #key(event) {
    if (event.key === "Escape") {
      this.#field.value = this.#content.value;
      const row = this.closest("[data-field]");
      if (row?.tabIndex === 0) row.focus();
      else this.#field.blur();
    } else if (event.key === "Enter" && !event.isComposing && (this.#content.kind !== "long" || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#changed();
      pd.next(this, event.shiftKey ? -1 : 1);
    }
  }
}

/* Goes from one value to the next one of the same form, or to the end of it. */
pd.next = (from, step = 1) => {
  const rows = from.closest(".pd-first-fields") ? pd.rows() : [];
  if (rows.length) {
    const row = rows[rows.findIndex((one) => one.contains(from)) + step];
    return (row ?? document.querySelector("[data-key=a]"))?.focus();
  }
  const form = from.closest(".pd-fields");
  const all = [...(form?.querySelectorAll("pd-input") ?? [])].filter((one) => one.offsetParent);
  const next = all[all.indexOf(from) + step];
  if (next) next.querySelector(".pd-input").focus();
  else form?.querySelector("[data-after]")?.focus();
};
/* Reviewing by keyboard: fields are gone through as rows, E begins to type, Escape ends it. */
pd.rows = () => [...document.querySelectorAll(".pd-first-fields [data-field]")].filter((one) => one.offsetParent);
pd.begin_fields = () => {
  for (const row of pd.rows()) row.tabIndex = 0;
  if (document.activeElement === document.body) pd.rows()[0]?.focus({ preventScroll: true });
};
pd.edit = () => {
  const rows = pd.rows(), field = (rows.find((row) => row.contains(document.activeElement)) ?? rows[0])?.querySelector(".pd-input");
  field?.focus();
  field?.select?.();
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], .q-dialog, .q-menu")) return;
  if (event.key === "Enter" && event.target.matches(".pd-first-fields [data-field]")) {
    const rows = pd.rows();
    (rows[rows.indexOf(event.target) + (event.shiftKey ? -1 : 1)] ?? document.querySelector("[data-key=a]"))?.focus();
    event.preventDefault();
    return;
  }
  const button = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase() && !one.disabled && one.offsetParent);
  if (!button || document.querySelector(".q-dialog")) return;
  event.preventDefault();
  button.click();
});
customElements.define("pd-input", PdInput);
