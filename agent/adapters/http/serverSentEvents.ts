/**
 * Reads a stream of server-sent events.
 *
 * @source https://html.spec.whatwg.org/multipage/server-sent-events.html, "Interpreting an event stream"
 */
import { ApiError } from "./apiError.ts";

/** Longest event in characters; ours have about a hundred. */
const MAX_EVENT_CHARACTERS = 65_536;

/** One event; its name is `message` unless the stream says otherwise. */
export type ServerSentEvent = { readonly event: string; readonly data: string };

/**
 * @param chunks of the stream, in UTF-8
 * @returns its events; comments and other fields are passed over
 * @throws ApiError `API_MALFORMED` when an event does not end
 */
export async function* eventsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    if (rest.length > MAX_EVENT_CHARACTERS)
      throw new ApiError("API_MALFORMED", { reason: "an event without end" });
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== null) yield event;
    }
  }
}

/** @returns null for a block without data, which is no event */
function eventOf(block: string): ServerSentEvent | null {
  const fields = block.split("\n").map(fieldOf);
  const data = fields.filter(({ name }) => name === "data").map(({ value }) => value);
  if (data.length === 0) return null;
  const event = fields.findLast(({ name }) => name === "event")?.value ?? "message";
  return { event, data: data.join("\n") };
}

function fieldOf(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon < 0) return { name: line, value: "" };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, "") };
}
