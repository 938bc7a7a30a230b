// Makes discord.json out of the schemas that discord-api-spec (MIT) takes from Discord's own OpenAPI description.
// In an empty directory: npm install discord-api-spec@10.0.266135 zod@4
//   cp node_modules/discord-api-spec/build/discord-api-spec.zod.js schemas.mjs && node discord.mjs > discord.json
import * as schemas from "./schemas.mjs";
import * as z from "zod/v4-mini";

const NAMES = [
  "MessageCreateRequest", "MessageEditRequestPartial", "IncomingWebhookRequestPartial",
  "IncomingWebhookUpdateRequestPartial", "MessageResponse", "MyGuildResponse", "GuildChannelResponse", "UserPIIResponse",
];
// The package knows only times that end with Z; Discord's end with +00:00
const timely = (name, value) => (value && value.format === "date-time" ? { type: "string", format: "date-time" } : value);
const components = {};
for (const name of NAMES) {
  const made = z.toJSONSchema(schemas[`${name}Schema`], { unrepresentable: "any", reused: "ref", io: "input" });
  const { $defs = {}, $schema, ...own } = JSON.parse(
    JSON.stringify(made, timely)
      .replaceAll('"#/$defs/', `"#/components/schemas/${name}.`)
      .replaceAll('"$ref":"#"', `"$ref":"#/components/schemas/${name}"`),
  );
  components[name] = own;
  for (const [inner, schema] of Object.entries($defs)) components[`${name}.${inner}`] = schema;
}

const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
const list = (name) => ({ type: "array", items: ref(name) });
const json = (schema) => ({ content: { "application/json": { schema } } });
const snowflake = { type: "string", pattern: "^(0|[1-9][0-9]*)$" };
const form = { type: "object", properties: { payload_json: { type: "string" }, "files[0]": { type: "string" } } };
const path = (...names) => names.map((name) => ({ in: "path", name, required: true, schema: { type: "string" } }));
const query = (given) => Object.entries(given).map(([name, schema]) => ({ in: "query", name, schema }));
const answer = (schema, status = "200") => ({ [status]: schema ? json(schema) : { description: "Done." }, "4XX": {} });
const body = (name) => ({
  required: true,
  content: { "application/json": { schema: ref(name) }, "multipart/form-data": { schema: form } },
});
const place = { thread_id: snowflake };

console.log(JSON.stringify({
  "x-made-by": "tests/peers/descriptions/discord.mjs from discord-api-spec@10.0.266135 (MIT)",
  openapi: "3.1.0",
  info: { title: "Discord HTTP API", version: "10" },
  components: { schemas: components },
  paths: {
    "/users/@me": { get: { responses: answer(ref("UserPIIResponse")) } },
    "/users/@me/guilds": {
      get: {
        parameters: query({ after: snowflake, limit: { type: "integer", minimum: 1, maximum: 200 } }),
        responses: answer(list("MyGuildResponse")),
      },
    },
    "/guilds/{guild_id}/channels": {
      get: { parameters: path("guild_id"), responses: answer(list("GuildChannelResponse")) },
    },
    "/channels/{channel_id}/messages": {
      get: {
        parameters: [
          ...path("channel_id"),
          ...query({
            around: snowflake, before: snowflake, after: snowflake, limit: { type: "integer", minimum: 1, maximum: 100 },
          }),
        ],
        responses: answer(list("MessageResponse")),
      },
      post: {
        parameters: path("channel_id"),
        requestBody: body("MessageCreateRequest"),
        responses: answer(ref("MessageResponse")),
      },
    },
    "/channels/{channel_id}/messages/{message_id}": {
      get: { parameters: path("channel_id", "message_id"), responses: answer(ref("MessageResponse")) },
      patch: {
        parameters: path("channel_id", "message_id"),
        requestBody: body("MessageEditRequestPartial"),
        responses: answer(ref("MessageResponse")),
      },
      delete: { parameters: path("channel_id", "message_id"), responses: answer(null, "204") },
    },
    "/webhooks/{webhook_id}/{webhook_token}": {
      get: { parameters: path("webhook_id", "webhook_token"), responses: answer({ type: "object" }) },
      post: {
        parameters: [...path("webhook_id", "webhook_token"), ...query({ wait: { type: "boolean" }, ...place })],
        requestBody: body("IncomingWebhookRequestPartial"),
        responses: answer(ref("MessageResponse")),
      },
    },
    "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": {
      get: {
        parameters: [...path("webhook_id", "webhook_token", "message_id"), ...query(place)],
        responses: answer(ref("MessageResponse")),
      },
      patch: {
        parameters: [...path("webhook_id", "webhook_token", "message_id"), ...query(place)],
        requestBody: body("IncomingWebhookUpdateRequestPartial"),
        responses: answer(ref("MessageResponse")),
      },
      delete: {
        parameters: [...path("webhook_id", "webhook_token", "message_id"), ...query(place)],
        responses: answer(null, "204"),
      },
    },
  },
}, null, 1));
