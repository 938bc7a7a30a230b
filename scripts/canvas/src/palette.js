/* The palette beside the canvas: in groups that fold, searched by typing, dragged onto a way, or added by a click. */
import { computed, h, ref } from "vue";
import { matching } from "./chooser.js";

const FOLDED = "patchdeck-palette", OPEN = "patchdeck-palette-open";

/* Names with what has them, in the order in which they come first. */
function grouped(offers, key) {
  const found = new Map();
  for (const one of offers) found.set(one[key], [...(found.get(one[key]) ?? []), one]);
  return found;
}

export const Palette = {
  props: { offers: Array, said: Object },
  emits: ["add"],
  setup(props, { emit }) {
    const wanted = ref(""), folded = ref(localStorage.getItem(FOLDED) === "folded");
    const open = ref(JSON.parse(localStorage.getItem(OPEN) ?? "null") ?? [props.offers[0]?.group]);
    const found = computed(() => matching(props.offers, wanted.value));
    const groups = computed(() => [...grouped(props.offers, "group")]);
    const fold = () => {
      folded.value = !folded.value;
      localStorage.setItem(FOLDED, folded.value ? "folded" : "");
    };
    const turn = (group) => {
      open.value = open.value.includes(group) ? open.value.filter((one) => one !== group) : [...open.value, group];
      localStorage.setItem(OPEN, JSON.stringify(open.value));
    };
    const icon = (name) => h("i", { class: "q-icon notranslate material-icons", "aria-hidden": true }, name);
    const tile = (one, title) =>
      h("button", {
        type: "button", class: ["pdc-offer", `pd-tone-${one.tone}`], draggable: true, key: one.uses, title: one.text, "aria-label": one.title, "data-testid": `palette-${one.uses}`,
        onClick: () => emit("add", one.uses),
        onDragstart: (event) => {
          event.dataTransfer.setData("application/x-patchdeck-step", one.uses);
          event.dataTransfer.effectAllowed = "copy";
        },
      }, [h("span", { class: "pd-icon pd-icon-small" }, icon(one.icon)), h("span", { class: "pdc-offer-title" }, title)]);
    const services = (offers) =>
      [...grouped(offers, "service")].flatMap(([service, parts]) => [
        service ? h("div", { class: "pdc-service", key: `service ${service}` }, service) : null,
        ...parts.map((one) => tile(one, one.part)),
      ]);
    const group = ([name, offers]) => {
      const unfolded = open.value.includes(name);
      return h("section", { key: name, "aria-label": name }, [
        h("button", { type: "button", class: "pdc-group", "aria-expanded": unfolded, "data-testid": `palette-group ${name}`, onClick: () => turn(name) },
          [icon(unfolded ? "expand_more" : "chevron_right"), h("span", { class: "pdc-offer-title" }, name), h("span", { class: "pdc-number" }, offers.length)]),
        unfolded ? services(offers) : null,
      ]);
    };
    const body = () => {
      if (!wanted.value.trim()) return groups.value.map(group);
      return found.value.length ? found.value.map((one) => tile(one, one.title)) : h("p", { class: "pdc-none" }, props.said.nothing);
    };
    return () =>
      h("aside", { class: ["pdc-palette", { "pdc-folded": folded.value }], "aria-label": props.said.palette }, [
        h("div", { class: "pdc-palette-head" }, [
          folded.value ? null : h("input", {
            class: "pdc-search", type: "search", value: wanted.value, placeholder: props.said.search, "aria-label": props.said.search, "data-testid": "canvas-search",
            onInput: (event) => (wanted.value = event.target.value),
            onKeydown: (event) => event.key === "Enter" && wanted.value.trim() && found.value.length && emit("add", found.value[0].uses),
          }),
          h("button", { type: "button", class: "pdc-fold", "aria-expanded": !folded.value, "aria-label": props.said.fold, title: props.said.fold, onClick: fold }, icon(folded.value ? "chevron_right" : "chevron_left")),
        ]),
        folded.value ? null : h("div", { class: "pdc-offers" }, body()),
      ]);
  },
};
