/** What whoever fits a meter has to know, where it is true of more than one family. */

/** @source Carlo Gavazzi EM100/ET100 and EM300/ET300 series communication protocols, measurement mode */
export const CARLO_GAVAZZI_MODE_B =
  "Export is counted in measurement mode B only; in mode A, which is the factory's of types PFA and X, import counts both directions.";

/** @source SunSpec Device Information Model Specification V1.1, 6.5.1: an accumulator of zero is not implemented */
export const SUNSPEC_NEW_COUNTER = "A counter that has never counted reads as absent, as SunSpec wants it.";
