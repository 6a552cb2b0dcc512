// Cloudflare's TypeScript SDK walks through the local edge and says "done". An answer that is not as it
// should be ends it with an AssertionError.
//
// Environment: API_URL, TOKEN, ACCOUNT, NAME (of the Worker and of all that it makes).

import assert from "node:assert/strict";

import Cloudflare, { toFile } from "cloudflare";

const { API_URL, TOKEN, ACCOUNT, NAME } = process.env;
const sdk = new Cloudflare({ apiToken: TOKEN, baseURL: API_URL, maxRetries: 0 });
const at = { account_id: ACCOUNT };
const script = { ...at, script_name: NAME };

// As text: of an object the SDK 7.3.0 makes a field a member, `metadata[main_module]`, where the API wants JSON.
const metadata = JSON.stringify({ main_module: "index.js", compatibility_date: "2026-01-01" });
const code = (says) => `export default { fetch() { return new Response(${JSON.stringify(says)}); } };`;
const file = (says) => toFile(Buffer.from(code(says)), "index.js", { type: "application/javascript+module" });

const all = async (list) => {
  const found = [];
  for await (const one of list) found.push(one);
  return found;
};

const text = async (response) => (typeof response === "string" ? response : await response.text());

async function who() {
  assert.equal((await sdk.user.get()).email, "developer@localhost");
  assert.equal((await sdk.accounts.get(at)).id, ACCOUNT);
  assert.deepEqual((await all(sdk.accounts.list())).map(({ id }) => id), [ACCOUNT]);
  assert.deepEqual((await all(sdk.memberships.list())).map(({ status }) => status), ["accepted"]);
  assert.equal((await sdk.user.tokens.verify()).status, "active");
}

async function scripts() {
  const { scripts } = sdk.workers;
  // The SDK 7.3.0 names the form that it sends "application/javascript"; without that name it is a form.
  const asForm = { headers: { "Content-Type": null } };
  const made = await scripts.update(NAME, { ...at, metadata, files: [await file("one")] }, asForm);
  assert.equal(made.id, NAME);
  assert.ok((await all(scripts.list(at))).some(({ id }) => id === NAME));
  assert.match(await text(await scripts.get(NAME, at)), /one/);
  assert.match(await text(await scripts.content.get(NAME, at)), /one/);
  assert.deepEqual((await scripts.settings.edit(NAME, { ...at, tags: ["mine"] })).tags, ["mine"]);
  assert.deepEqual((await scripts.settings.get(NAME, at)).tags, ["mine"]);
  const settings = { bindings: [{ name: "GREETING", type: "plain_text", text: "hello" }] };
  await scripts.scriptAndVersionSettings.edit(NAME, { ...at, settings: JSON.stringify(settings) });
  const [binding] = (await scripts.scriptAndVersionSettings.get(NAME, at)).bindings;
  assert.equal(binding.text, "hello");

  await scripts.subdomain.create(NAME, { ...at, enabled: true, previews_enabled: true });
  assert.equal((await scripts.subdomain.get(NAME, at)).previews_enabled, true);
  await scripts.schedules.update(NAME, { ...at, body: [{ cron: "0 3 * * *" }] });
  assert.equal((await scripts.schedules.get(NAME, at)).schedules[0].cron, "0 3 * * *");
  const tail = await scripts.tail.create(NAME, at);
  assert.equal((await scripts.tail.get(NAME, at)).id, tail.id);
  await scripts.tail.delete(tail.id, script);
}

async function versions() {
  const { versions, deployments } = sdk.workers.scripts;
  const second = await versions.create(NAME, { ...at, metadata, files: [await file("two")] });
  assert.equal((await versions.get(second.id, script)).number, second.number);
  const [latest, before] = await all(versions.list(NAME, { ...at, per_page: 1 }));
  assert.equal(latest.id, second.id);
  const made = await deployments.create(NAME, {
    ...at,
    strategy: "percentage",
    versions: [
      { version_id: latest.id, percentage: 10 },
      { version_id: before.id, percentage: 90 },
    ],
  });
  assert.equal((await deployments.get(made.id, script)).versions.length, 2);
  await deployments.create(NAME, {
    ...at,
    strategy: "percentage",
    versions: [{ version_id: latest.id, percentage: 100 }],
  });
  await deployments.delete(made.id, script);
}

async function secrets() {
  const { secrets } = sdk.workers.scripts;
  await secrets.update(NAME, { ...at, name: "TOKEN", text: "a text", type: "secret_text" });
  assert.equal((await secrets.get("TOKEN", script)).name, "TOKEN");
  await secrets.bulkUpdate(NAME, { ...at, secrets: { OTHER: { name: "OTHER", text: "x", type: "secret_text" } } });
  assert.deepEqual((await all(secrets.list(NAME, at))).map(({ name }) => name), ["OTHER", "TOKEN"]);
  await secrets.delete("TOKEN", script);
}

async function kv() {
  const { namespaces } = sdk.kv;
  const { id } = await namespaces.create({ ...at, title: NAME });
  const inside = { ...at, namespace_id: id };
  assert.equal((await namespaces.update(id, { ...at, title: `${NAME}-kv` })).title, `${NAME}-kv`);
  assert.equal((await namespaces.get(id, at)).id, id);
  await namespaces.values.update("a/b", { ...inside, value: "text", metadata: JSON.stringify({ by: "sdk" }) });
  assert.equal(await text(await namespaces.values.get("a/b", inside)), "text");
  assert.deepEqual(await namespaces.metadata.get("a/b", inside), { by: "sdk" });
  await namespaces.bulkUpdate(id, { ...at, body: [{ key: "x", value: "1" }] });
  assert.deepEqual((await all(namespaces.keys.list(id, at))).map(({ name }) => name), ["a/b", "x"]);
  assert.deepEqual((await namespaces.bulkGet(id, { ...at, keys: ["x"] })).values, { x: "1" });
  await namespaces.bulkDelete(id, { ...at, body: ["x"] });
  await namespaces.values.delete("a/b", inside);
  assert.ok((await all(namespaces.list(at))).some((one) => one.id === id));
  await namespaces.delete(id, at);
}

async function r2() {
  const { buckets } = sdk.r2;
  assert.equal((await buckets.create({ ...at, name: NAME })).name, NAME);
  assert.equal((await buckets.get(NAME, at)).name, NAME);
  assert.ok((await buckets.list(at)).buckets.some(({ name }) => name === NAME));
  assert.equal((await buckets.domains.managed.update(NAME, { ...at, enabled: true })).enabled, true);
  assert.equal((await buckets.domains.managed.list(NAME, at)).enabled, true);
  await buckets.delete(NAME, at);
}

async function d1() {
  const { database } = sdk.d1;
  const { uuid } = await database.create({ ...at, name: NAME });
  await all(database.query(uuid, { ...at, sql: "CREATE TABLE t (a); INSERT INTO t VALUES (1)" }));
  const { bookmark } = await database.timeTravel.getBookmark(uuid, at);
  const [asked] = await all(database.raw(uuid, { ...at, sql: "SELECT a FROM t" }));
  assert.deepEqual(asked.results, { columns: ["a"], rows: [[1]] });
  await all(database.query(uuid, { ...at, sql: "DROP TABLE t" }));
  await database.timeTravel.restore(uuid, { ...at, bookmark });
  assert.equal((await database.get(uuid, at)).num_tables, 1);
  assert.ok((await all(database.list(at))).some(({ name }) => name === NAME));
  assert.equal((await database.export(uuid, { ...at, output_format: "polling" })).status, "complete");
  await database.delete(uuid, at);
}

async function queues() {
  const { queue_id } = await sdk.queues.create({ ...at, queue_name: NAME });
  await sdk.queues.edit(queue_id, { ...at, settings: { delivery_delay: 0 } });
  await sdk.queues.consumers.create(queue_id, { ...at, type: "http_pull" });
  await sdk.queues.messages.push(queue_id, { ...at, body: "one", content_type: "text" });
  const { messages } = await sdk.queues.messages.pull(queue_id, { ...at, batch_size: 10 });
  const acks = messages.map(({ lease_id }) => ({ lease_id }));
  assert.equal((await sdk.queues.messages.ack(queue_id, { ...at, acks })).ackCount, 1);
  assert.equal((await all(sdk.queues.consumers.list(queue_id, at))).length, 1);
  assert.equal((await sdk.queues.get(queue_id, at)).queue_name, NAME);
  assert.ok((await all(sdk.queues.list(at))).some((one) => one.queue_id === queue_id));
  await sdk.queues.delete(queue_id, at);
}

async function addresses() {
  const zone = await sdk.zones.create({ account: { id: ACCOUNT }, name: `${NAME}.ts.test`, type: "full" });
  const zone_id = zone.id;
  assert.equal((await sdk.zones.get({ zone_id })).name, zone.name);
  assert.equal((await all(sdk.zones.list({ name: zone.name }))).length, 1);
  const { routes, domains } = sdk.workers;
  const route = await routes.create({ zone_id, pattern: `${zone.name}/*`, script: NAME });
  assert.equal((await routes.get(route.id, { zone_id })).script, NAME);
  await routes.update(route.id, { zone_id, pattern: `${zone.name}/a/*`, script: NAME });
  assert.equal((await all(routes.list({ zone_id }))).length, 1);
  await routes.delete(route.id, { zone_id });
  const domain = await domains.update({ ...at, zone_id, hostname: `shop.${zone.name}`, service: NAME });
  assert.equal((await domains.get(domain.id, at)).hostname, domain.hostname);
  assert.equal((await all(domains.list({ ...at, service: NAME }))).length, 1);
  await domains.delete(domain.id, at);
  await sdk.zones.delete({ zone_id });
}

async function end() {
  await sdk.workers.scripts.delete(NAME, at);
  await assert.rejects(sdk.workers.scripts.settings.get(NAME, at), (error) => {
    assert.ok(error instanceof Cloudflare.NotFoundError);
    assert.equal(error.errors[0].code, 10007);
    return true;
  });
}

for (const step of [who, scripts, versions, secrets, kv, r2, d1, queues, addresses, end]) {
  await step();
}
console.log("done");
