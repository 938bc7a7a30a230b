/* The palette beside the canvas: searched by typing, dragged onto a way, or added by a click. */
import { computed, h, ref } from "vue";
import { matching } from "./chooser.js";

export const Palette = {
  props: { offers: Array, said: Object },
  emits: ["add"],
  setup(props, { emit }) {
    const wanted = ref(""), folded = ref(localStorage.getItem("patchdeck-palette") === "folded");
    const found = computed(() => matching(props.offers, wanted.value));
    const fold = () => {
      folded.value = !folded.value;
      localStorage.setItem("patchdeck-palette", folded.value ? "folded" : "");
    };
    const icon = (name) => h("i", { class: "q-icon notranslate material-icons", "aria-hidden": true }, name);
    const tile = (one) =>
      h("button", {
        type: "button", class: ["pdc-offer", `pd-tone-${one.tone}`], draggable: true, key: one.uses, title: one.text, "data-testid": `palette-${one.uses}`,
        onClick: () => emit("add", one.uses),
        onDragstart: (event) => {
          event.dataTransfer.setData("application/x-patchdeck-step", one.uses);
          event.dataTransfer.effectAllowed = "copy";
        },
      }, [h("span", { class: "pd-icon pd-icon-small" }, icon(one.icon)), h("span", { class: "pdc-offer-title" }, one.title)]);
    return () =>
      h("aside", { class: ["pdc-palette", { "pdc-folded": folded.value }], "aria-label": props.said.palette }, [
        h("div", { class: "pdc-palette-head" }, [
          folded.value ? null : h("input", {
            class: "pdc-search", type: "search", value: wanted.value, placeholder: props.said.search, "aria-label": props.said.search, "data-testid": "canvas-search",
            onInput: (event) => (wanted.value = event.target.value),
          }),
          h("button", { type: "button", class: "pdc-fold", "aria-expanded": !folded.value, "aria-label": props.said.fold, title: props.said.fold, onClick: fold }, icon(folded.value ? "chevron_right" : "chevron_left")),
        ]),
        folded.value ? null : h("div", { class: "pdc-offers" }, found.value.length ? found.value.map(tile) : h("p", { class: "pdc-none" }, props.said.nothing)),
      ]);
  },
};
