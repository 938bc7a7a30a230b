/* A list to choose from by typing: steps to add, commands, steps to find. And the list of keys. */
import { computed, h, nextTick, onMounted, ref, watch } from "vue";

/* What has every typed word, else what has most of them; first by how early its name has the first one. */
export function matching(entries, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
  if (!words.length) return entries;
  const held = entries.map((one) => [`${one.label ?? one.title} `.toLowerCase(), `${one.sub ?? ""} ${one.text ?? ""} ${one.uses ?? ""} ${one.group ?? ""} ${one.also ?? ""}`.toLowerCase(), one]);
  const counted = held.map(([name, rest, one]) => [name, words.filter((word) => name.includes(word) || rest.includes(word)).length, one]);
  const most = Math.max(1, ...counted.map(([, number]) => number));
  return counted
    .filter(([, number]) => number === most)
    .sort(([one], [other]) => (one.indexOf(words[0]) + 1000) % 1000 - (other.indexOf(words[0]) + 1000) % 1000)
    .map(([, , one]) => one);
}

const icon = (name) => h("i", { class: "q-icon notranslate material-icons", "aria-hidden": true }, name);

export const Chooser = {
  props: { entries: Array, label: String, hint: String, empty: String },
  emits: ["close"],
  setup(props, { emit }) {
    const wanted = ref(""), at = ref(0), field = ref(null), list = ref(null);
    const found = computed(() => matching(props.entries, wanted.value));
    watch(found, () => (at.value = 0));
    onMounted(() => field.value.focus());
    const go = (way) => {
      at.value = (at.value + way + found.value.length) % (found.value.length || 1);
      nextTick(() => list.value?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
    };
    const pressed = (event) => {
      event.stopPropagation();
      const act = { ArrowDown: () => go(1), ArrowUp: () => go(-1), Enter: () => found.value[at.value]?.act(), Escape: () => emit("close"), Tab: () => go(event.shiftKey ? -1 : 1) }[event.key];
      if (act) {
        event.preventDefault();
        act();
      }
    };
    return () =>
      h("div", { class: "pdc-shade", onMousedown: (event) => event.target === event.currentTarget && emit("close") }, [
        h("div", { class: "pdc-chooser", role: "dialog", "aria-modal": true, "aria-label": props.label, onKeydown: pressed }, [
          h("input", {
            ref: field, class: "pdc-search", value: wanted.value, placeholder: props.hint, role: "combobox", "aria-expanded": true, "aria-controls": "pdc-list",
            "aria-activedescendant": found.value.length ? `pdc-entry-${at.value}` : undefined, "aria-label": props.label, "data-testid": "chooser-search",
            onInput: (event) => (wanted.value = event.target.value),
          }),
          h("div", { id: "pdc-list", ref: list, class: "pdc-list", role: "listbox", "aria-label": props.label },
            found.value.length
              ? found.value.map((one, place) =>
                  h("div", {
                    id: `pdc-entry-${place}`, key: one.key, role: "option", "aria-selected": place === at.value, class: ["pdc-entry", `pd-tone-${one.tone ?? "mute"}`],
                    "data-testid": `choose-${one.key}`, onClick: () => one.act(), onMousemove: () => (at.value = place),
                  }, [
                    h("span", { class: "pd-icon pd-icon-small" }, icon(one.icon)),
                    h("span", { class: "pdc-entry-words" }, [h("span", { class: "pdc-entry-title" }, one.label), one.sub ? h("span", { class: "pdc-sub" }, one.sub) : null]),
                    one.keys ? h("kbd", one.keys) : null,
                  ]))
              : h("p", { class: "pdc-none" }, props.empty)),
        ]),
      ]);
  },
};

export const KeyList = {
  props: { keys: Array, said: Object },
  emits: ["close"],
  setup(props, { emit }) {
    const box = ref(null);
    onMounted(() => box.value.focus());
    return () =>
      h("div", { class: "pdc-shade", onMousedown: (event) => event.target === event.currentTarget && emit("close") },
        h("div", { class: "pdc-chooser pdc-keys", ref: box, tabindex: -1, role: "dialog", "aria-modal": true, "aria-label": props.said.keys, "data-testid": "key-list",
          onKeydown: (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) emit("close"); } }, [
          h("h2", props.said.keys),
          h("dl", props.keys.flatMap(([keys, what]) => [h("dt", keys.map((one) => h("kbd", one))), h("dd", what)])),
        ]));
  },
};
