import type { Env } from "./env.ts";
import { json, Refusal, withHeader } from "./http.ts";
import { route } from "./routes.ts";

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const response = await answer(request, env);
    return withHeader(response, "x-shop-version", env.CF_VERSION_METADATA.id);
  },
};

async function answer(request: Request, env: Env): Promise<Response> {
  try {
    return await route(request, env);
  } catch (error) {
    if (error instanceof Refusal) return json({ error: error.message }, error.status);
    console.error(error);
    return json({ error: "Something went wrong on our side." }, 500);
  }
}
