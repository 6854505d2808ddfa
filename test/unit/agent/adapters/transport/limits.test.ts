import { suite } from "uvu";
import * as assert from "uvu/assert";
import { limitsOf, MESSAGE_ID_BYTES } from "../../../../../agent/adapters/transport/limits.ts";

const KIB = 1024;
const SIZES = Array.from({ length: 200 }, (_, index) => index + 1);

const test = suite("limitsOf");

test("connections are one per gateway and eight to spare", () => {
  for (const gateways of SIZES) assert.is(limitsOf(gateways).maxConnections, gateways + 8);
});

test("a frame is 256 KiB up to 64 gateways, 1 MiB above", () => {
  assert.is(limitsOf(64).frameBytes, 256 * KIB);
  assert.is(limitsOf(65).frameBytes, 1024 * KIB);
});

test("a message of full length and the announcements of both channels fit one frame", () => {
  const tagAndLength = 2;
  for (const gateways of SIZES) {
    const { frameBytes, messageBytes, maxMessageIds } = limitsOf(gateways);
    const announcements = 2 * maxMessageIds * (MESSAGE_ID_BYTES + tagAndLength);
    assert.ok(messageBytes.votes + announcements < frameBytes, `${gateways} gateways`);
    assert.ok(messageBytes.readings <= messageBytes.votes);
  }
});

test("up to 12 gateways everybody is in everybody's mesh and gets every message first hand", () => {
  for (let gateways = 2; gateways <= 12; gateways += 1) {
    const { D, Dlo, Dhi, floodPublish } = limitsOf(gateways).mesh;
    assert.equal({ D, Dlo, floodPublish }, { D: gateways - 1, Dlo: gateways - 1, floodPublish: true });
    assert.ok(Dhi > D);
  }
});

test("above 12 gateways the mesh has degree 8", () => {
  for (const gateways of [13, 64, 200]) {
    const { D, floodPublish } = limitsOf(gateways).mesh;
    assert.equal({ D, floodPublish }, { D: 8, floodPublish: false });
  }
});

test("degrees keep gossipsub's own order: Dlo ≤ D ≤ Dhi, Dout < Dlo, Dout ≤ D / 2, Dscore ≤ D", () => {
  for (const gateways of SIZES) {
    const { D, Dlo, Dhi, Dout, Dscore } = limitsOf(gateways).mesh;
    assert.ok(Dlo <= D && D <= Dhi && Dout < Dlo && Dout <= D / 2 && Dscore <= D, `${gateways} gateways`);
  }
});

test.run();
