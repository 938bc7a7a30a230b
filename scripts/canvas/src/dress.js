/* The looks of the canvas and of what it is made of, put into the page once. */
import core from "@vue-flow/core/dist/style.css";
import controls from "@vue-flow/controls/dist/style.css";
import minimap from "@vue-flow/minimap/dist/style.css";
import own from "./canvas.css";

export function dress() {
  if (document.getElementById("pdc-looks")) return;
  const looks = document.createElement("style");
  looks.id = "pdc-looks";
  looks.textContent = core + controls + minimap + own;
  document.head.append(looks);
}
