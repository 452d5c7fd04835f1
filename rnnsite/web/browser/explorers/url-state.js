/**
 * The setting of one explorer: typed parameters, kept in the page's address so that a lecturer can link a setting.
 *
 * Each parameter is written as `prefix.name=value`. The address bar holds only what differs from the page's own
 * setting; the link to copy holds everything, and so outlives a change of the page.
 */

/**
 * @typedef {object} Parameter
 * @property {number | string | boolean} value what it is unless the page or the address says otherwise
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step] numbers are rounded to a multiple of it, counted from min
 * @property {string[]} [choices]
 * @property {RegExp} [pattern] of a text that is not one of a few
 */

/** @typedef {Record<string, any>} Values */

/**
 * @param {Parameter} parameter @param {unknown} given from JSON or from an address
 * @returns {number | string | boolean | undefined} undefined when it cannot be read as this parameter
 */
function read(parameter, given) {
  if (typeof parameter.value === "boolean") {
    return [true, "true", "1", "on"].includes(/** @type {any} */ (given)) ? true
      : [false, "false", "0", "off"].includes(/** @type {any} */ (given)) ? false : undefined;
  }
  if (parameter.choices) return parameter.choices.includes(String(given)) ? String(given) : undefined;
  if (parameter.pattern) return parameter.pattern.test(String(given)) ? String(given) : undefined;
  const number = String(given).trim() === "" ? NaN : Number(given);
  if (!Number.isFinite(number)) return undefined;
  const { min = -Infinity, max = Infinity, step } = parameter;
  const clamped = Math.min(max, Math.max(min, number));
  if (!step) return clamped;
  const origin = Number.isFinite(min) ? min : 0;
  return Number((origin + Math.round((clamped - origin) / step) * step).toFixed(10));
}

/** How long one control must rest before what it showed counts as "the setting before". */
const PAUSE = 1500;

export class UrlState {
  /**
   * @param {string} prefix
   * @param {Record<string, Parameter>} parameters
   * @param {Values} options the page's own setting; an unknown name or a value that cannot be read throws
   */
  constructor(prefix, parameters, options) {
    this.prefix = prefix;
    this.parameters = parameters;
    /** @type {Values} */
    this.initial = {};
    for (const [name, parameter] of Object.entries(parameters)) this.initial[name] = parameter.value;
    for (const [name, given] of Object.entries(options)) {
      if (!(name in parameters)) throw new Error(`Explorer option "${name}" is unknown: expected one of ${Object.keys(parameters).join(", ")}.`);
      const value = read(parameters[name], given);
      if (value === undefined) throw new Error(`Explorer option "${name}" cannot be ${JSON.stringify(given)}.`);
      this.initial[name] = value;
    }
    /** @type {Values} */
    this.values = { ...this.initial };
    const query = new URLSearchParams(location.search);
    for (const [name, parameter] of Object.entries(parameters)) {
      const given = query.get(`${prefix}.${name}`);
      const value = given === null ? undefined : read(parameter, given);
      if (value !== undefined) this.values[name] = value; // a mistyped link still opens, on the page's own setting
    }
    /** @type {Values | null} the setting before the control now in hand was touched */
    this.previous = null;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.path = location.pathname;
    this.lastKey = "";
    this.lastTime = -Infinity;
    this.timer = 0;
  }

  /**
   * @param {Values} changes
   * @param {string} [key] which control: changes by one control in quick succession keep one `previous`
   */
  set(changes, key = Object.keys(changes).join()) {
    const next = { ...this.values };
    for (const [name, given] of Object.entries(changes)) next[name] = read(this.parameters[name], given) ?? next[name];
    if (Object.keys(next).every((name) => next[name] === this.values[name])) return;
    const now = performance.now();
    if (key !== this.lastKey || now - this.lastTime > PAUSE) this.previous = this.values;
    this.lastKey = key;
    this.lastTime = now;
    this.values = next;
    for (const listener of this.listeners) listener();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.write(), 250);
  }

  reset() {
    this.set(this.initial, "reset");
    this.previous = null;
    for (const listener of this.listeners) listener();
  }

  /** @param {boolean} everything @returns {URL} the page's address with this setting in its query */
  address(everything) {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(this.values)) {
      const key = `${this.prefix}.${name}`;
      if (everything || value !== this.initial[name]) url.searchParams.set(key, String(value));
      else url.searchParams.delete(key);
    }
    return url;
  }

  /** Writes the setting into the address bar, unless the reader has gone on to another page meanwhile. */
  write() {
    clearTimeout(this.timer);
    if (location.pathname === this.path) history.replaceState(history.state, "", this.address(false));
  }

  destroy() {
    clearTimeout(this.timer);
    this.listeners.clear();
  }
}
