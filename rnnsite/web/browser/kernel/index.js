/** The kernel: recurrent cells forward and backward, and the small systems the explorers draw. No imports from outside. */
export { activations } from "./activations.js";
export { cliffLoss, cliffSurface, descend } from "./cliff.js";
export { elmanBackward, elmanForward } from "./elman.js";
export { gruBackward, gruForward } from "./gru.js";
export { fate, fixedPoints, logisticMap, orbit, sigmoidMap, tanhMap } from "./iterated-map.js";
export { leakyUnit, leftOfFirst } from "./leaky-unit.js";
export { lstmBackward, lstmForward } from "./lstm.js";
export { rowNorms } from "./matrix.js";
export { deedOf, memoryCell } from "./memory-cell.js";
export { listen, readOut, reservoir, ridge } from "./reservoir.js";
export { Random } from "./rng.js";
export { randomWithRadius, spectralRadius } from "./spectral-radius.js";
export { ALPHABET, encodeText, nextProbabilities, readText, textModel, textStep, blankState, writeOn } from "./text-model.js";
export { addingBatch, addingGradient, BASELINE, clipFactor, identityNetwork, streams, testAdding, trainAdding } from "./train-adding.js";
