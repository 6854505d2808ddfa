/** The local API of a running agent: HTTP over a unix socket that only its own user can open. */
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { AgentView } from "../../ports/agentView.ts";
import type { LineLender } from "../../ports/commissioning.ts";
import type { Logger } from "../../ports/logger.ts";
import { createApi } from "./api.ts";
import { listenOnSocket } from "./apiSocket.ts";
import { CommitFeed } from "./commitFeed.ts";

const DEFAULT_HEARTBEAT_MS = 15_000;
const DEFAULT_MAX_FOLLOWERS = 16;
const MAX_CONNECTIONS = 64;
const HEADERS_TIMEOUT_MS = 10_000;
/** How long answers under way may take once the server stops. */
const STOP_LIMIT_MS = 500;

/** Settings of {@link ApiServer}. */
export type ApiServerOptions = {
  /** Absolute path of the socket, at most 107 bytes. */
  readonly socketPath: string;
  /** Longest silence on a stream of commits, in ms; default 15 s. */
  readonly heartbeatMs?: number;
  /** Most clients that may follow the commits at once; default 16. */
  readonly maxFollowers?: number;
};

/** What {@link ApiServer} serves. */
export type ApiServerModules = {
  readonly view: AgentView;
  readonly lender: LineLender;
  readonly logger: Logger;
};

/** Owns the socket, its connections and the streams of commits. */
export class ApiServer {
  readonly #socketPath: string;
  readonly #feed: CommitFeed;
  readonly #server: Server;

  constructor(options: ApiServerOptions, { view, lender, logger }: ApiServerModules) {
    this.#socketPath = options.socketPath;
    this.#feed = new CommitFeed(view, options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS);
    const api = createApi({
      view,
      lender,
      logger,
      feed: this.#feed,
      maxFollowers: options.maxFollowers ?? DEFAULT_MAX_FOLLOWERS,
    });
    // Of the three kinds of server that the adaptor can make, this one is made without options: plain HTTP.
    this.#server = createAdaptorServer({ fetch: api.fetch, overrideGlobalObjects: false }) as Server;
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.headersTimeout = HEADERS_TIMEOUT_MS;
  }

  /** Opens the socket. @throws ApiError `API_SOCKET_BUSY`, `API_SOCKET_UNUSABLE` */
  async start(): Promise<void> {
    await listenOnSocket(this.#server, this.#socketPath);
    this.#feed.start();
  }

  /** Ends the streams of commits, lets answers under way finish for a moment, and removes the socket. */
  async stop(): Promise<void> {
    this.#feed.stop();
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const limit = setTimeout(() => this.#server.closeAllConnections(), STOP_LIMIT_MS);
    await closed;
    clearTimeout(limit);
  }
}
