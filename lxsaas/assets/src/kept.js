// Files of drafts: localStorage holds texts only, so photos lie in IndexedDB under the same keys.
const NAME = "lxsaas-drafts";
const STORE = "files";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// A full or forbidden store costs the draft, not the page.
async function inStore(mode, work) {
  try {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, mode);
        const request = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request?.result);
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

export async function keptFiles(key) {
  return (await inStore("readonly", (store) => store.get(key)))?.files ?? [];
}

export function keepFiles(key, files) {
  return inStore("readwrite", (store) => (files.length ? store.put({ at: Date.now(), files }, key) : store.delete(key)));
}

export function dropFiles(key) {
  return inStore("readwrite", (store) => store.delete(key));
}

export function dropAllFiles() {
  return inStore("readwrite", (store) => store.clear());
}

export function dropFilesBefore(instant) {
  return inStore("readwrite", (store) => {
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (!(cursor.value.at >= instant)) cursor.delete();
      cursor.continue();
    };
  });
}
