// The photo's field of a product: what was chosen is shown at once, and a telephone's
// large photo is made small before it travels over a shop's slow connection.
//
// It owns the field's frame and the file in its input. Without it the file goes as it
// is, and the server says whether it may. Invariant: what cannot be read here is left
// for the server to judge, which alone decides.

/** Above it a photo is made small before it is sent. */
const BYTES_SENT_MAX = 1024 * 1024;
/** More than the server keeps. */
const SIDE_SENT_MAX = 1600;
/** Twice the frame's, for fine screens. */
const PREVIEW_SIDE = 192;
const QUALITY = 0.85;

export interface Sides {
  width: number;
  height: number;
}

/** The sides at which a picture fits a square, its proportions kept; never larger. */
export function fitted({ width, height }: Sides, side: number): Sides {
  const longest = Math.max(width, height);
  if (longest <= side) return { width, height };
  return { width: Math.max(1, Math.round((width * side) / longest)), height: Math.max(1, Math.round((height * side) / longest)) };
}

/** The square in a picture's middle, from which a preview is drawn. */
export function middle({ width, height }: Sides): Sides & { x: number; y: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}

function canvasOf(sides: Sides): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } | null {
  const canvas = document.createElement("canvas");
  canvas.width = sides.width;
  canvas.height = sides.height;
  const context = canvas.getContext("2d");
  return context === null ? null : { canvas, context };
}

/** A drawing rather than an address: the policy of the page allows pictures of the server only. */
function preview(bitmap: ImageBitmap): HTMLCanvasElement | null {
  const drawing = canvasOf({ width: PREVIEW_SIDE, height: PREVIEW_SIDE });
  const from = middle(bitmap);
  drawing?.context.drawImage(bitmap, from.x, from.y, from.width, from.height, 0, 0, PREVIEW_SIDE, PREVIEW_SIDE);
  return drawing?.canvas ?? null;
}

async function smaller(file: File, bitmap: ImageBitmap): Promise<File | null> {
  const sides = fitted(bitmap, SIDE_SENT_MAX);
  const drawing = canvasOf(sides);
  if (drawing === null) return null;
  // A JPEG has no transparency; the server puts white below as well.
  drawing.context.fillStyle = "#fff";
  drawing.context.fillRect(0, 0, sides.width, sides.height);
  drawing.context.drawImage(bitmap, 0, 0, sides.width, sides.height);
  const blob = await new Promise<Blob | null>((done) => drawing.canvas.toBlob(done, "image/jpeg", QUALITY));
  if (blob === null || blob.size >= file.size) return null;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

function put(input: HTMLInputElement, file: File): void {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
}

export function mount(element: HTMLElement): () => void {
  const input = element.querySelector<HTMLInputElement>("input[type=file]");
  const frame = element.querySelector<HTMLElement>("[data-photo-frame]");
  const remove = element.querySelector<HTMLInputElement>("input[name=quitar_foto]");
  if (input === null || frame === null) return () => undefined;
  const before = [...frame.childNodes];
  const show = async (): Promise<void> => {
    const file = input.files?.[0];
    frame.replaceChildren(...before);
    if (file === undefined) return;
    if (remove !== null) remove.checked = false;
    // Turned upright by what the photo says of itself, as the server does.
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (bitmap === null || input.files?.[0] !== file) return;
    const drawing = preview(bitmap);
    if (drawing !== null) frame.replaceChildren(drawing);
    const lighter = file.size > BYTES_SENT_MAX ? await smaller(file, bitmap) : null;
    if (lighter !== null && input.files[0] === file) put(input, lighter);
    bitmap.close();
  };
  const onChange = (): void => void show();
  input.addEventListener("change", onChange);
  return () => input.removeEventListener("change", onChange);
}
