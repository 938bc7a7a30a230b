/* Narrowing many tiles to those that say every word that is typed, else to those that say most of them.

   A tile carries its words in `data-said`; what holds tiles carries `data-said-group` and goes when all of them do; what
   carries `data-said-none` is shown when nothing is left. */
const pdSearch = {
  narrow(room, text) {
    const words = (text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = words.map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
    const tiles = [...room.querySelectorAll("[data-said]")];
    const held = tiles.map((tile) => wanted.filter((word) => tile.dataset.said.includes(word)).length);
    const most = Math.max(0, ...held);
    tiles.forEach((tile, number) => tile.classList.toggle("hidden", held[number] !== most || (wanted.length > 0 && !most)));
    for (const group of room.querySelectorAll("[data-said-group]")) group.classList.toggle("hidden", !group.querySelector("[data-said]:not(.hidden)"));
    room.querySelector("[data-said-none]")?.classList.toggle("hidden", wanted.length === 0 || most > 0);
  },
};

/* <pd-offers>: what can come into a recipe, in groups, with a field that narrows it.

   Its property `content`: {groups: [{title, offers: [{uses, title, text, icon, tone, said}]}], say: {search, nothing}}.
   It says `chosen` {uses}, once. */
class PdOffers extends HTMLElement {
  #content = null;

  set content(value) {
    this.#content = value;
    if (this.isConnected && !this.firstChild) this.#build();
  }

  connectedCallback() {
    if (this.#content && !this.firstChild) this.#build();
  }

  #build() {
    const { groups, say } = this.#content;
    const search = pdPlaces.element("input", "pd-input", {
      type: "text", placeholder: say.search, "aria-label": say.search, autocomplete: "off", "data-autofocus": "", "data-testid": "palette-search",
    });
    const none = pdPlaces.element("p", "pd-muted hidden", { role: "status", "data-said-none": "" }, say.nothing);
    const room = pdPlaces.element("div", "pd-palette-groups", {}, ...groups.map((group) => this.#group(group)), none);
    search.addEventListener("input", () => pdSearch.narrow(this, search.value));
    this.replaceChildren(search, room);
    search.focus();
  }

  #group({ title, offers }) {
    const tiles = pdPlaces.element("div", "pd-palette", {}, ...offers.map((offer) => this.#tile(offer)));
    return pdPlaces.element("div", "", { "data-said-group": "" }, pdPlaces.element("h3", "pd-palette-group", {}, title), tiles);
  }

  #tile({ uses, title, text, icon, tone, said }) {
    const picture = pdPlaces.element("i", "q-icon notranslate material-icons", { "aria-hidden": "true" }, icon);
    const words = pdPlaces.element("div", "pd-grow", {}, pdPlaces.element("div", "pd-strong", {}, title), pdPlaces.element("div", "pd-soft pd-small", {}, text));
    const made = pdPlaces.element(
      "button", "pd-card pd-row pd-cols-icon pd-row-button", { type: "button", "data-testid": `offer-${uses}`, "data-said": said },
      pdPlaces.element("div", `pd-icon pd-icon-small pd-tone-${tone}`, {}, picture), words,
    );
    made.addEventListener("click", () => this.#choose(uses));
    return made;
  }

  /* A second click of the same hand is no second choice. */
  #choose(uses) {
    if (!this.#content) return;
    this.#content = null;
    this.dispatchEvent(new CustomEvent("chosen", { detail: { uses } }));
  }
}
customElements.define("pd-offers", PdOffers);
