import "../../agent/compat.ts";
import { openLibp2pStreet, openMemoryStreet } from "../support/transportStreet.ts";
import { transportContract } from "./transport.contract.ts";

transportContract("in memory", openMemoryStreet);
transportContract("libp2p", openLibp2pStreet);
