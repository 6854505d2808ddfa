"""A meter on pymodbus, laid out like an Eastron SDM630: `pymodbusMeter.py serial DEVICE BAUD` or `… tcp PORT`.

With `client DEVICE BAUD UNIT ADDRESS COUNT` it reads input registers instead and prints them in hexadecimal.
"""

import asyncio
import struct
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

UNIT = 7
SERIAL_NUMBER = 31415926
VALUES = {
    0x00: 230.5, 0x02: 231.25, 0x04: 229.75, 0x06: 1.5, 0x08: 2.5, 0x0A: 3.5,
    0x34: -1250.0, 0x46: 50.02, 0x48: 1234.567, 0x4A: 89.5,
}


def words(packed):
    return list(struct.unpack(">%dH" % (len(packed) // 2), packed))


def context():
    # A real meter answers the holes between its registers with zeros.
    inputs = {address: 0 for address in range(0x0184)}
    for address, value in VALUES.items():
        for offset, word in enumerate(words(struct.pack(">f", value))):
            inputs[address + offset] = word
    serial = dict(enumerate(words(struct.pack(">I", SERIAL_NUMBER)), 0xFC00))
    slave = ModbusSlaveContext(
        ir=ModbusSparseDataBlock(inputs), hr=ModbusSparseDataBlock(serial), zero_mode=True
    )
    return ModbusServerContext(slaves={UNIT: slave}, single=False)


async def serve(kind, where, baud):
    print("pymodbus unit %d" % UNIT, file=sys.stderr, flush=True)
    if kind == "serial":
        await StartAsyncSerialServer(
            context=context(), framer=ModbusRtuFramer, port=where, baudrate=int(baud), timeout=0.05
        )
    else:
        await StartAsyncTcpServer(
            context=context(), framer=ModbusSocketFramer, address=("127.0.0.1", int(where))
        )


def read(device, baud, unit, address, count):
    from pymodbus.client import ModbusSerialClient

    client = ModbusSerialClient(port=device, framer=ModbusRtuFramer, baudrate=int(baud), timeout=2)
    client.connect()
    answer = client.read_input_registers(int(address), int(count), slave=int(unit))
    client.close()
    if answer.isError():
        sys.exit(str(answer))
    print(" ".join("%04x" % word for word in answer.registers))


if __name__ == "__main__":
    mode, *rest = sys.argv[1:]
    if mode == "client":
        read(*rest)
    else:
        asyncio.run(serve(mode, rest[0], rest[1] if len(rest) > 1 else "0"))
