/**
 * Seeded random numbers: sfc32, the 32-bit "small fast counter" generator of PractRand.
 *
 * State a, b, c and a counter n, all 32 bits. One draw:
 *     z = a + b + n;  n = n + 1;  a = b ^ (b >>> 9);  b = c + (c << 3);  c = rotate(c, 21) + z;  output z
 * Seeding: a = 0, b = seed, c = the seed's upper 32 bits (0 here), n = 1, then 12 draws are thrown away.
 * The same seed gives the same numbers in every browser: only 32-bit integer arithmetic is involved, and
 * `normal` adds Math.log, Math.cos and Math.sin, which browsers round alike to within one unit in the last place.
 *
 * Source: Chris Doty-Humphrey, PractRand (2010-), sfc32; Box & Muller (1958) for the normal numbers.
 */
export class Random {
  /** @param {number} seed an integer; only its lowest 32 bits count */
  constructor(seed) {
    this.a = 0;
    this.b = seed | 0;
    this.c = 0;
    this.n = 1;
    /** @type {number | null} the second number of the last Box–Muller pair */
    this.spare = null;
    for (let i = 0; i < 12; i++) this.integer();
  }

  /** @returns {number} an integer in [0, 2³²) */
  integer() {
    const z = (this.a + this.b + this.n) | 0;
    this.n = (this.n + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + z) | 0;
    return z >>> 0;
  }

  /** @returns {number} in [0, 1), with all 53 bits random: (27 high bits · 2²⁶ + 26 high bits) / 2⁵³ */
  uniform() {
    const high = this.integer() >>> 5;
    const low = this.integer() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** @returns {number} standard normal, by Box–Muller; 1 − uniform keeps the logarithm finite */
  normal() {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /**
   * @param {number} length
   * @param {number} [scale]
   * @returns {Float64Array} independent normal numbers with standard deviation `scale`
   */
  normals(length, scale = 1) {
    const values = new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = scale * this.normal();
    return values;
  }
}
