// Which version of a split a call goes to. versions: [{id, percentage, ...}, ...]

// FNV-1a with a final mix, as a number from 0 to 100: the same key always falls on the same place of the split.
function placeOf(key) {
  let hash = 2166136261;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 16777619);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 42949672.96;
}

function overridden(script, versions, header) {
  for (const [, name, id] of header.matchAll(/([\w*.-]+)\s*=\s*"([^"]*)"/g)) {
    if (name === script) return versions.find((version) => version.id === id);
  }
}

// The version at a place from 0 to 100.
export function versionAt(versions, place) {
  let last = versions[0];
  for (const version of versions) {
    if (version.percentage === 0) continue;
    if (place < version.percentage) return version;
    place -= version.percentage;
    last = version;
  }
  return last;
}

// `headers` may be missing: what is called without a request has none.
export function chosen(script, versions, headers) {
  const overrides = headers?.get("cloudflare-workers-version-overrides") ?? null;
  if (overrides !== null) {
    const version = overridden(script, versions, overrides);
    if (version !== undefined) return version;
  }
  if (versions.length === 1) return versions[0];
  const key = headers?.get("cloudflare-workers-version-key") ?? null;
  return versionAt(versions, key === null ? Math.random() * 100 : placeOf(key));
}
