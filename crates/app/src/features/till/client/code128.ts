/**
 * Code 128 (ISO/IEC 15417), set B: the sale's number as bars, so that a
 * refund can begin with a scan.
 *
 * Owns: the encoding. Must not know: receipts.
 */

/** Widths of bar, space, bar, space, bar, space for the values 0 to 105, then stop. */
const PATTERNS =
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232";
const STOP = "2331112";
const START_B = 104;
const CHECK_MODULUS = 103;

export interface Bars {
  width: number;
  /** An SVG path, one unit high. */
  path: string;
}

export function valuesOf(text: string): number[] {
  const values = [...text].map((character) => character.charCodeAt(0) - 32);
  if (values.some((value) => value < 0 || value > 94)) throw new RangeError("set B has printable ASCII only");
  const check = values.reduce((sum, value, at) => sum + value * (at + 1), START_B) % CHECK_MODULUS;
  return [START_B, ...values, check];
}

export function code128(text: string): Bars {
  const widths = valuesOf(text).map((value) => PATTERNS.slice(value * 6, value * 6 + 6)).join("") + STOP;
  let at = 0;
  let path = "";
  [...widths].forEach((digit, index) => {
    const width = Number(digit);
    if (index % 2 === 0) path += `M${at} 0h${width}v1h-${width}z`;
    at += width;
  });
  return { width: at, path };
}
