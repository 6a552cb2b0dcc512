// Tells what a Worker exports. Runs as a Worker of its own, once for each upload, with the Worker as its module.
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from "cloudflare:workers";
import * as exported from "users-main";

const HANDLERS = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "connect"];

function kindOf(value) {
  if (typeof value !== "function") return "object";
  const base = value.prototype;
  if (base instanceof DurableObject) return "durable_object";
  if (base instanceof WorkflowEntrypoint) return "workflow";
  return base instanceof WorkerEntrypoint ? "entrypoint" : "class";
}

function handlersOf(value) {
  const handler = typeof value === "function" ? value.prototype : value;
  return HANDLERS.filter((name) => typeof handler?.[name] === "function");
}

export default {
  fetch() {
    const told = {};
    for (const [name, value] of Object.entries(exported)) {
      if (value === null || (typeof value !== "object" && typeof value !== "function")) continue;
      told[name] = { kind: kindOf(value), handlers: handlersOf(value) };
    }
    return Response.json(told);
  },
};
