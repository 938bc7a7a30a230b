/* <pd-drop>: takes files by dropping, choosing or pasting, and sends each to the hub with a bar of its own.

   Its property `content`: {address, most, say}. It says `sending` for each file that is on its way, then `stored` {id}
   once the hub has it, or `missed`. */
class PdDrop extends HTMLElement {
  #content = null;
  #list = null;

  set content(value) {
    this.#content = value;
    if (this.isConnected && !this.#list) this.#build();
  }

  connectedCallback() {
    if (this.#content && !this.#list) this.#build();
    document.addEventListener("paste", this.#paste);
  }

  disconnectedCallback() {
    document.removeEventListener("paste", this.#paste);
  }

  #paste = (event) => {
    if (event.clipboardData?.files.length) this.#take(event.clipboardData.files);
  };

  #made(tag, classes, text = "") {
    const made = document.createElement(tag);
    made.className = classes;
    made.textContent = text;
    return made;
  }

  #build() {
    const { say } = this.#content;
    const area = this.#made("div", "pd-drop-area"), icon = this.#made("i", "q-icon notranslate material-icons", "upload_file");
    icon.setAttribute("aria-hidden", "true");
    const chooser = this.#made("input", "pd-sr");
    Object.assign(chooser, { type: "file", multiple: true, id: `${this.id}-chooser` });
    chooser.dataset.testid = "choose-files";
    const label = this.#made("label", "pd-drop-choose", say.choose);
    label.htmlFor = chooser.id;
    area.append(icon, this.#made("div", "pd-drop-title", say.drop), chooser, label, this.#made("p", "pd-muted pd-small", say.kinds));
    this.#list = this.#made("div", "pd-drop-list");
    this.#list.setAttribute("aria-live", "polite");
    chooser.addEventListener("change", () => {
      this.#take(chooser.files);
      chooser.value = "";
    });
    for (const name of ["dragenter", "dragover"]) area.addEventListener(name, (event) => this.#over(event, area, true));
    for (const name of ["dragleave", "drop"]) area.addEventListener(name, (event) => this.#over(event, area, false));
    area.addEventListener("drop", (event) => this.#take(event.dataTransfer.files));
    this.replaceChildren(area, this.#list);
  }

  #over(event, area, over) {
    event.preventDefault();
    area.classList.toggle("pd-drop-over", over);
  }

  #take(files) {
    for (const file of files) this.#send(file);
  }

  #send(file) {
    const { address, most, say } = this.#content;
    const row = this.#made("div", "pd-drop-row"), told = this.#made("span", "pd-muted pd-small pd-number", "0%");
    const bar = this.#made("progress", "pd-drop-bar");
    Object.assign(bar, { max: 1, value: 0 });
    bar.setAttribute("aria-label", file.name);
    row.append(this.#made("span", "pd-clip pd-strong", file.name), bar, told);
    this.#list.append(row);
    const refuse = (sentence) => {
      bar.remove();
      told.className = "pd-bad pd-small";
      told.textContent = sentence;
      row.classList.add("pd-drop-refused");
      const close = this.#made("button", "pd-doc-tool", "×");
      close.setAttribute("aria-label", say.close);
      close.addEventListener("click", () => row.remove());
      row.append(close);
    };
    if (file.size > most) return refuse(say.too_large);
    if (!file.size) return refuse(say.empty);
    const asked = new XMLHttpRequest();
    asked.open("POST", `${address}?name=${encodeURIComponent(file.name)}`);
    asked.setRequestHeader("X-CSRF-Token", pd.cookie("patchdeck_csrf"));
    asked.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    asked.upload.addEventListener("progress", (event) => {
      bar.value = event.loaded / event.total;
      told.textContent = `${Math.floor((event.loaded / event.total) * 100)}%`;
    });
    const miss = (sentence) => {
      refuse(sentence);
      this.dispatchEvent(new CustomEvent("missed"));
    };
    asked.addEventListener("error", () => miss(say.failed));
    asked.addEventListener("load", () => {
      const answer = this.#read(asked.responseText);
      if (asked.status >= 300) return miss(answer.detail || say.failed);
      row.remove();
      this.dispatchEvent(new CustomEvent("stored", { detail: { id: answer.id } }));
    });
    this.dispatchEvent(new CustomEvent("sending"));
    asked.send(file);
  }

  #read(text) {
    try {
      return JSON.parse(text);
    } catch {
      return {};
    }
  }
}
customElements.define("pd-drop", PdDrop);
