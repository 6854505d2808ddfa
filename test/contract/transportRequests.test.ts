import "../../agent/compat.ts";
import { openLibp2pStreet, openMemoryStreet } from "../support/transportStreet.ts";
import { requestsContract } from "./transportRequests.contract.ts";

requestsContract("in memory", openMemoryStreet);
requestsContract("libp2p", openLibp2pStreet);
