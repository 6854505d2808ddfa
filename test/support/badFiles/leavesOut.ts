/** A file whose tests the machine cannot run. */
import { leaveOut } from "../leaveOut.ts";

leaveOut("a counterpart", "missing mbpoll");
