import { mountAll } from "/browser/explorers/index.js";

window.mountAll = mountAll;
mountAll();
