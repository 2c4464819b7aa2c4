// Photos of a form: taken or chosen, made smaller on the phone, shown, kept with the draft until they are sent.
import { keepFiles, keptFiles } from "./kept.js";

const SIDE = 1600;
const QUALITY = 0.8;
const THUMB = 240;

// Gives back how many photos of the draft are there again; a form without a draft (no key) keeps none.
export async function attachPhotos(form, key) {
  const box = form.querySelector("[data-photos]");
  if (!box || box.lxPhotos) return 0;
  const photos = new Photos(box, key);
  box.lxPhotos = photos;
  // Whoever sends the form waits for this: what is still being made smaller belongs to it.
  form.lxReady = photos.restore();
  form.addEventListener("reset", () => photos.set([]));
  box.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    // Chosen once more, a file input forgets what it held.
    const chosen = Array.from(event.target.files);
    form.lxReady = form.lxReady.then(() => photos.add(chosen)).catch(() => 0);
    if (event.target !== photos.input) event.target.value = "";
  });
  return form.lxReady;
}

class Photos {
  constructor(box, key) {
    this.box = box;
    this.key = key;
    this.input = box.querySelector("[data-photos-input]");
    this.list = box.querySelector("[data-photos-list]");
    this.files = [];
  }

  async restore() {
    const kept = this.key ? await keptFiles(this.key) : [];
    // Not kept anew: that would make an old draft young.
    if (kept.length) await this.show(kept);
    return kept.length;
  }

  async add(chosen) {
    const limit = Number(this.box.dataset.photos);
    const files = [...this.files];
    for (const file of chosen) {
      if (files.length < limit) files.push(await smaller(file));
    }
    this.box.querySelector("[data-photos-full]").hidden = this.files.length + chosen.length <= limit;
    await this.set(files);
  }

  async set(files) {
    await this.show(files);
    if (this.key) await keepFiles(this.key, files);
  }

  // The form sends what its input holds; the draft keeps the same.
  async show(files) {
    this.files = files;
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    this.input.files = transfer.files;
    this.list.replaceChildren(...(await Promise.all(files.map((file, place) => this.item(file, place)))));
  }

  async item(file, place) {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "lx-link-button";
    remove.textContent = `${this.box.dataset.remove} ${place + 1}`;
    remove.addEventListener("click", () => this.set(this.files.filter((other) => other !== file)));
    item.append((await thumbnail(file)) ?? document.createTextNode(file.name), remove);
    return item;
  }
}

async function thumbnail(file) {
  const drawn = await draw(file, THUMB);
  if (drawn) drawn.setAttribute("aria-hidden", "true");
  return drawn;
}

// A photo of a camera is ten times as large as what is kept of it; what cannot be drawn is sent as it is.
async function smaller(file) {
  const drawn = await draw(file, SIDE);
  const blob = drawn && (await new Promise((resolve) => drawn.toBlob(resolve, "image/jpeg", QUALITY)));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

async function draw(file, side) {
  if (!file.type.startsWith("image/") || !self.createImageBitmap) return null;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(side / Math.max(bitmap.width, bitmap.height), 1);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(Math.round(bitmap.width * scale), 1);
    canvas.height = Math.max(Math.round(bitmap.height * scale), 1);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}
